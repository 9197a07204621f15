"""Read a lesson, answer its checks, say how far you came."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from accounts.http import SeeOther, UserRequest, see
from accounts.models import User
from roadmap.access import (
    Reading,
    access_answers_by_versions,
    access_check_by_key,
    access_checks_by_lesson,
    access_lesson_by_key,
    access_reading_by_lesson,
)
from roadmap.forms import AnswerForm, ReadForm, answer_form
from roadmap.models import Activity, QuestionVersion
from roadmap.services import (
    Feedback,
    answer_check,
    asked_of_check,
    feedback_on_checks,
    read_lesson,
)


@dataclass(frozen=True, kw_only=True)
class Check:
    """An inline check on the page: a form, or what is said after the answer."""

    key: str
    form: AnswerForm | None = None
    feedback: Feedback | None = None


@require_safe
@login_required
def lesson_detail(request: UserRequest, key: str) -> HttpResponse:
    lesson = access_lesson_by_key(request.user, key)
    return render(request, "roadmap/lesson_detail.html", lesson_context(request.user, lesson))


@require_POST
@login_required
def lesson_read(request: UserRequest, key: str) -> HttpResponse:
    lesson = access_lesson_by_key(request.user, key)
    form = ReadForm(lesson, request.POST)
    if not form.is_valid():
        context = lesson_context(request.user, lesson) | {"read_form": form}
        page = "_lesson_progress.html" if request.htmx else "lesson_detail.html"
        return render(request, f"roadmap/{page}", context, status=422)
    place = form.cleaned_data["place"]
    read_lesson(user=request.user, activity=lesson, place=place, done=form.cleaned_data["done"])
    if request.htmx:
        context = lesson_context(request.user, lesson)
        return render(request, "roadmap/_lesson_progress.html", context)
    anchor = "lesson-progress" if form.cleaned_data["done"] else place
    return SeeOther(f"{lesson.get_absolute_url()}#{anchor}") if anchor else see(lesson)


@require_POST
@login_required
def check_answer(request: UserRequest, key: str, check: str) -> HttpResponse:
    lesson = access_lesson_by_key(request.user, key)
    version = access_check_by_key(request.user, lesson, check)
    form = check_form(request.user, check, version, request.POST)
    shown = Check(key=check, form=form)
    status = 422
    answers = access_answers_by_versions(request.user, [version])
    if version.pk not in answers and form.is_valid():
        answer = answer_check(user=request.user, version=version, payload=form.payload)
        answers = {version.pk: answer}
    if version.pk in answers:
        found = feedback_on_checks(list(answers.values()))
        shown, status = Check(key=check, feedback=found[version.pk]), 200
    if request.htmx:
        context = {"lesson": lesson, "check": shown}
        return render(request, "roadmap/_check_detail.html", context, status=status)
    if status == 200:
        return SeeOther(f"{lesson.get_absolute_url()}#check-{check}")
    context = lesson_context(request.user, lesson, refused=shown)
    return render(request, "roadmap/lesson_detail.html", context, status=status)


def check_form(user: User, key: str, version: QuestionVersion, data: Any = None) -> AnswerForm:
    asked = asked_of_check(user, version)
    return answer_form(asked, data, version=version.pk, name=f"check-{key}")


def lesson_context(user: User, lesson: Activity, refused: Check | None = None) -> dict[str, Any]:
    """Everything the page shows. A refused answer keeps its form, so that nothing typed is lost."""
    reading = access_reading_by_lesson(user, lesson)
    live = lesson.live_lesson
    content = live.content if live else {}
    return {
        "lesson": lesson,
        "step": lesson.step,
        "blocks": blocks_of(user, lesson, refused),
        "toc": content.get("toc", []),
        "sources": content.get("sources", []),
        "reading": reading,
        "place": place_of(content.get("toc", []), reading),
        "changed": reading.seen_version is not None
        and reading.seen_version != lesson.live_lesson_id,
        "read_form": ReadForm(lesson, place=reading.place),
    }


def place_of(toc: list[dict[str, Any]], reading: Reading) -> dict[str, Any] | None:
    """The heading to go on at; none for who has read it all."""
    if reading.passed_at:
        return None
    return next((heading for heading in toc if heading["id"] == reading.place), None)


def blocks_of(user: User, lesson: Activity, refused: Check | None) -> list[dict[str, Any]]:
    versions = access_checks_by_lesson(user, lesson)
    answers = access_answers_by_versions(user, list(versions.values()))
    found = feedback_on_checks(list(answers.values()))
    checks = {
        key: Check(key=key, feedback=found[version.pk])
        if version.pk in found
        else Check(key=key, form=check_form(user, key, version))
        for key, version in versions.items()
    }
    if refused:
        checks[refused.key] = refused
    blocks = lesson.live_lesson.html if lesson.live_lesson else []
    return [
        {"html": block["html"]} if "html" in block else {"check": checks[block["check"]]}
        for block in blocks
        if "html" in block or block["check"] in checks
    ]
