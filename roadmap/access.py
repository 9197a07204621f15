"""Every way from a request to a row of the trail. Not yours and not there: the same 404."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef, Q
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from roadmap.models import (
    Activity,
    ActivityProgress,
    Attempt,
    AttemptItem,
    CheckAnswer,
    Question,
    QuestionVersion,
    Response,
)


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Where a learner is in a lesson, and what stands before and after it in its step."""

    before: Activity | None
    after: Activity | None
    place: str
    seen_version: int | None
    passed_at: datetime | None


def access_lesson_by_key(actor: User, key: str) -> Activity:
    lessons = Activity.objects.live().filter(kind="lesson", live_lesson__isnull=False)
    return get_object_or_404(lessons.select_related("step", "live_lesson"), key=key)


def access_quiz_by_key(actor: User, key: str) -> Activity:
    quizzes = Activity.objects.live().filter(kind="quiz")
    return get_object_or_404(quizzes.select_related("step"), key=key)


def access_bank_size_by_quiz(actor: User, quiz: Activity) -> int:
    """How many questions an attempt may draw from."""
    return quiz.questions.filter(retired_at=None, live__isnull=False).count()


def access_check_by_key(actor: User, lesson: Activity, key: str) -> QuestionVersion:
    checks = lesson.questions.filter(retired_at=None, live__isnull=False).select_related("live")
    version = get_object_or_404(checks, key=key).live
    if version is None:
        raise Http404(key)
    return version


def access_checks_by_lesson(actor: User, lesson: Activity) -> dict[str, QuestionVersion]:
    """The live checks of a lesson by question key."""
    checks = Question.objects.filter(activity=lesson, retired_at=None, live__isnull=False)
    return {check.key: check.live for check in checks.select_related("live") if check.live}


def access_answers_by_versions(
    actor: User, versions: list[QuestionVersion]
) -> dict[int, CheckAnswer]:
    """The actor's own answers, by question version."""
    answers = CheckAnswer.objects.filter(user=actor, version__in=versions)
    return {answer.version_id: answer for answer in answers.select_related("version", "user")}


def access_reading_by_lesson(actor: User, lesson: Activity) -> Reading:
    """One query for the neighbours and for the actor's own progress."""
    mine = FilteredRelation("progress", condition=Q(progress__user=actor))
    open_ones = Q(kind="quiz") | Q(live_lesson__isnull=False) | Q(live_lab__isnull=False)
    rows = list(
        Activity.objects.live()
        .filter(open_ones, step=lesson.step)
        .annotate(mine=mine)
        .order_by("position")
        .values(
            "pk", "kind", "key", "title", "mine__place", "mine__seen_version", "mine__passed_at"
        )
    )
    here = next(i for i, row in enumerate(rows) if row["pk"] == lesson.pk)
    return Reading(
        before=as_activity(rows[here - 1]) if here else None,
        after=as_activity(rows[here + 1]) if here + 1 < len(rows) else None,
        place=rows[here]["mine__place"] or "",
        seen_version=rows[here]["mine__seen_version"],
        passed_at=rows[here]["mine__passed_at"],
    )


def as_activity(row: Mapping[str, Any]) -> Activity:
    """As much of an activity as a link to it needs."""
    return Activity(pk=row["pk"], kind=row["kind"], key=row["key"], title=row["title"])


def access_attempt_by_pk(actor: User, pk: int) -> Attempt:
    mine = Attempt.objects.filter(user=actor)
    return get_object_or_404(mine.select_related("activity__step"), pk=pk)


def access_attempts_beside_pk(actor: User, pk: int) -> list[Attempt]:
    """One query for an attempt and the actor's others at the same quiz; that attempt first."""
    beside = {"activity__attempts__pk": pk, "activity__attempts__user": actor}
    mine = Attempt.objects.filter(user=actor, **beside).select_related("activity__step")
    attempts = sorted(mine.order_by("-number"), key=lambda one: one.pk != pk)
    if not attempts or attempts[0].pk != pk:
        raise Http404
    return attempts


def access_attempts_by_quiz(actor: User, quiz: Activity) -> list[Attempt]:
    """The actor's own attempts, newest first."""
    return list(Attempt.objects.filter(user=actor, activity=quiz).order_by("-number"))


def access_progress_by_activity(actor: User, activity: Activity) -> ActivityProgress | None:
    return ActivityProgress.objects.filter(user=actor, activity=activity).first()


def access_item_by_position(actor: User, attempt: int, position: int) -> AttemptItem:
    mine = AttemptItem.objects.filter(attempt__user=actor)
    items = mine.select_related("attempt__activity__step", "version")
    return get_object_or_404(items, attempt__pk=attempt, position=position)


def access_items_by_attempt(actor: User, attempt: Attempt) -> list[AttemptItem]:
    """All items in order, with their versions."""
    items = AttemptItem.objects.filter(attempt=attempt, attempt__user=actor)
    return list(items.select_related("version"))


def access_answered_by_attempt(actor: User, attempt: Attempt) -> dict[int, bool]:
    """Position → whether the actor has answered that item, in order."""
    answered = Exists(Response.objects.filter(item=OuterRef("pk")))
    items = AttemptItem.objects.filter(attempt=attempt, attempt__user=actor)
    return dict(items.annotate(answered=answered).values_list("position", "answered"))


def access_response_by_item(actor: User, item: AttemptItem) -> Response | None:
    """The actor's last answer to an item."""
    mine = item.responses.filter(item__attempt__user=actor)
    return mine.order_by("-number").first()


def access_titles_by_keys(actor: User, keys: set[str]) -> dict[str, Activity]:
    """Lessons that questions name, where they are still open."""
    lessons = Activity.objects.live().filter(kind="lesson", key__in=keys)
    return {lesson.key: lesson for lesson in lessons}
