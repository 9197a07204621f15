"""The rules of a quiz, its questions one by one, and what came out."""

from collections.abc import Sequence
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SeeOther, UserRequest, see
from accounts.models import User
from roadmap.access import (
    access_answered_by_attempt,
    access_attempt_by_pk,
    access_attempts_beside_pk,
    access_attempts_by_quiz,
    access_bank_size_by_quiz,
    access_item_by_position,
    access_items_by_attempt,
    access_progress_by_activity,
    access_quiz_by_key,
    access_response_by_item,
    access_titles_by_keys,
)
from roadmap.forms import AnswerForm, ConfidenceForm, FinishForm, answer_form, typed
from roadmap.models import Activity, Attempt, AttemptItem
from roadmap.policy import Policy
from roadmap.scoring import attempt_score, passes
from roadmap.services import (
    AttemptIsFinished,
    Feedback,
    NotNow,
    TooSoon,
    answer_item,
    asked_of_item,
    feedback_on_attempt,
    feedback_on_item,
    finish_attempt,
    open_attempt,
    opens_at,
)


@require_safe
@login_required
def quiz_detail(request: UserRequest, key: str) -> HttpResponse:
    quiz = access_quiz_by_key(request.user, key)
    return render(request, "roadmap/quiz_detail.html", quiz_context(request.user, quiz))


@require_POST
@login_required
def attempt_create(request: UserRequest, key: str) -> HttpResponse:
    quiz = access_quiz_by_key(request.user, key)
    try:
        attempt = open_attempt(user=request.user, activity=quiz)
    except NotNow as reason:
        context = quiz_context(request.user, quiz) | {"refused": str(reason)}
        status = 429 if isinstance(reason, TooSoon) else 422
        return render(request, "roadmap/quiz_detail.html", context, status=status)
    return SeeOther(next_url(attempt, access_answered_by_attempt(request.user, attempt)))


@require_safe
@login_required
def item_detail(request: UserRequest, pk: int, n: int) -> HttpResponse:
    item = access_item_by_position(request.user, pk, n)
    return render(request, "roadmap/item_detail.html", item_context(request.user, item))


@require_POST
@login_required
def response_create(request: UserRequest, pk: int, n: int) -> HttpResponse:
    item = access_item_by_position(request.user, pk, n)
    form, sure = answer_form(asked_of_item(item), request.POST), ConfidenceForm(request.POST)
    page = "_item_detail.html" if request.htmx else "item_detail.html"
    if not form.is_valid() or not sure.is_valid():
        context = item_context(request.user, item, form=form, sure=sure)
        # An answer that stands is shown again, whatever a second post may hold.
        status = 422 if context["form"] else 200
        return render(request, f"roadmap/{page}", context, status=status)
    try:
        answer_item(item=item, payload=form.payload, confidence=sure.cleaned_data["confidence"])
    except AttemptIsFinished as reason:
        context = item_context(request.user, item, form=form, sure=sure) | {"refused": str(reason)}
        return render(request, f"roadmap/{page}", context, status=422)
    if request.htmx:
        return render(request, f"roadmap/{page}", item_context(request.user, item))
    return see(item)


@require_safe
@login_required
def attempt_detail(request: UserRequest, pk: int) -> HttpResponse:
    attempt, *others = access_attempts_beside_pk(request.user, pk)
    context = attempt_context(request.user, attempt, others)
    return render(request, "roadmap/attempt_detail.html", context)


@require_POST
@login_required
def attempt_finish(request: UserRequest, pk: int) -> HttpResponse:
    """Finish, after the questions without an answer were named once."""
    attempt = access_attempt_by_pk(request.user, pk)
    form = FinishForm(request.POST)
    sure = form.is_valid() and form.cleaned_data["sure"]
    if not sure and not all(access_answered_by_attempt(request.user, attempt).values()):
        context = attempt_context(request.user, attempt) | {"asks": True}
        return render(request, "roadmap/attempt_detail.html", context, status=422)
    return see(finish_attempt(attempt=attempt))


def quiz_context(user: User, quiz: Activity) -> dict[str, Any]:
    attempts = access_attempts_by_quiz(user, quiz)
    policy = Policy.model_validate(quiz.policy)
    finished = [attempt.finished_at for attempt in attempts if attempt.finished_at]
    return {
        "quiz": quiz,
        "step": quiz.step,
        "policy": policy,
        "asked": min(policy.draw, access_bank_size_by_quiz(user, quiz)),
        "attempts": [attempt for attempt in attempts if attempt.finished_at],
        "open": next((attempt for attempt in attempts if not attempt.finished_at), None),
        "opens_at": opens_at(policy, finished),
        "progress": access_progress_by_activity(user, quiz),
    }


def next_url(attempt: Attempt, answered: dict[int, bool], after: int = 0) -> str:
    """The next question without an answer, round the end; else the page that finishes."""
    left = [position for position, done in answered.items() if not done and position != after]
    position = next((n for n in left if n > after), left[0] if left else None)
    if position is None or attempt.finished_at:
        return attempt.get_absolute_url()
    return reverse("roadmap:item-detail", args=[attempt.pk, position])


def item_context(
    user: User, item: AttemptItem, *, form: AnswerForm | None = None, sure: Any = None
) -> dict[str, Any]:
    """The question, or what is said about the answer. `form` and `sure` were refused."""
    attempt, response = item.attempt, access_response_by_item(user, item)
    feedback = feedback_on_item(item=item, response=response) if response else None
    asked = asked_of_item(item)
    if form is None:
        form = answer_form(asked, typed(asked, response.payload) if response else None)
    given = {"confidence": response.confidence} if response else None
    answered = access_answered_by_attempt(user, attempt)
    return {
        "item": item,
        "attempt": attempt,
        "quiz": attempt.activity,
        "step": attempt.activity.step,
        "form": None if feedback or attempt.finished_at else form,
        "sure": sure or ConfidenceForm(given),
        "asked": asked,
        "saved": response is not None and not form.errors,
        "feedback": feedback,
        "answered": answered,
        "next_url": next_url(attempt, answered, after=item.position),
    }


def attempt_context(user: User, attempt: Attempt, others: Sequence[Attempt] = ()) -> dict[str, Any]:
    policy = Policy.model_validate(attempt.policy)
    shared = {
        "attempt": attempt,
        "quiz": attempt.activity,
        "step": attempt.activity.step,
        "policy": policy,
    }
    if attempt.finished_at is None:
        answered = access_answered_by_attempt(user, attempt)
        left = [position for position, done in answered.items() if not done]
        return shared | {"answered": answered, "left": left}
    items = access_items_by_attempt(user, attempt)
    found = feedback_on_attempt(attempt=attempt, items=items)
    finished = sorted((a.finished_at for a in (attempt, *others) if a.finished_at), reverse=True)
    return shared | {
        "review": [(item, found[item.pk]) for item in items],
        "lessons": by_lesson(user, items, found),
        "right": sum(one.state == "right" for one in found.values()),
        "passed": passes(attempt.score or 0.0, policy.pass_mark),
        "opens_at": opens_at(Policy.model_validate(attempt.activity.policy), finished),
    }


def by_lesson(
    user: User, items: list[AttemptItem], found: dict[int, Feedback]
) -> list[dict[str, Any]]:
    """The share of points won on the questions of each lesson, with how many they were."""
    groups: dict[str, list[AttemptItem]] = {}
    for item in items:
        groups.setdefault(item.version.content.get("lesson", ""), []).append(item)
    titles = access_titles_by_keys(user, set(groups))
    return [
        {
            "lesson": titles.get(key),
            "n": len(group),
            "share": attempt_score((item.points, found[item.pk].credit) for item in group),
        }
        for key, group in groups.items()
    ]
