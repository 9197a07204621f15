"""The workbench: predict, run, reconcile, each a form on one page."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET, require_POST
from structlog.contextvars import get_contextvars

from accounts.http import UserRequest, see
from labs.access import access_lab_by_key, access_open_attempt_by_lab
from labs.context.desk import Desk
from labs.forms import NoteForm, RunKeyForm, StageForm
from labs.models import LabAttempt, LabRun
from labs.services import (
    InvalidParams,
    QueueFull,
    Refused,
    open_lab_attempt,
    predict,
    reconcile,
    show_final,
    start_new_try,
    submit_run,
)

UNPROCESSABLE, TOO_MANY = 422, 429


@require_GET
@login_required
def lab_detail(request: UserRequest, key: str) -> HttpResponse:
    """The workbench. The first visit opens a try and then asks for the page that shows it."""
    try:
        attempt = access_open_attempt_by_lab(request.user, key)
    except Http404:
        lab = access_lab_by_key(request.user, key)
        open_lab_attempt(user=request.user, activity=lab)
        return redirect(lab)
    return render(request, "labs/lab_detail.html", bench(attempt))


@require_POST
@login_required
def prediction_create(request: UserRequest, key: str) -> HttpResponse:
    attempt = access_open_attempt_by_lab(request.user, key)
    asks = attempt.exercise.asks("prediction", attempt.given)
    form = StageForm("prediction", asks, request.POST)
    error = None
    if form.is_valid():
        try:
            predict(attempt=attempt, prediction=form.answer)
        except Refused as refusal:
            error = refusal
    if error or not form.is_valid():
        return refuse(request, attempt, "prediction", error, prediction_form=form)
    if not request.htmx:
        return back(attempt, "controls")
    names = ("_prediction_form", "_lab_steps", "_run_form")
    return HttpResponse(parts(request, bench(attempt), *names))


@require_POST
@login_required
def final_open(request: UserRequest, key: str) -> HttpResponse:
    """Show the graded set. It joins the run form, so that what stands there is kept."""
    attempt = access_open_attempt_by_lab(request.user, key)
    try:
        show_final(attempt=attempt)
    except Refused as refusal:
        return refuse(request, attempt, "answers", refusal)
    if not request.htmx:
        return back(attempt, "controls")
    return HttpResponse(parts(request, bench(attempt), "_answers_form", "_run_bar"))


@require_POST
@login_required
def run_create(request: UserRequest, key: str) -> HttpResponse:
    attempt = access_open_attempt_by_lab(request.user, key)
    forms = run_forms(attempt, request)
    run, error = None, None
    if all(form.is_valid() for form in forms.values()):
        try:
            run = queue_run(request, attempt, forms)
        except Refused as refusal:
            error = refusal
    if run is None:
        return refuse(request, attempt, "run", error, **forms)
    if not request.htmx:
        return see(run)
    context = bench(attempt, **forms | {"key_form": RunKeyForm()})
    rest = ["_lab_result", "_lab_steps"] + ["_lab_brief"] * (len(context["desk"].runs) == 1)
    response = HttpResponse(parts(request, context, "_run_form", *rest))
    response["HX-Trigger"] = "run-created"
    return response


@require_POST
@login_required
def try_create(request: UserRequest, key: str) -> HttpResponse:
    attempt = access_open_attempt_by_lab(request.user, key)
    try:
        start_new_try(attempt=attempt)
    except Refused as refusal:
        return refuse(request, attempt, "try", refusal)
    return see(attempt.activity)


@require_POST
@login_required
def reconcile_create(request: UserRequest, key: str) -> HttpResponse:
    attempt = access_open_attempt_by_lab(request.user, key)
    asks = attempt.exercise.asks("transfer", attempt.given)
    form, note = StageForm("transfer", asks, request.POST), NoteForm(request.POST)
    error, is_valid = None, form.is_valid() and note.is_valid()
    if is_valid:
        try:
            reconcile(attempt=attempt, answer=form.answer, note=note.cleaned_data["note"])
        except Refused as refusal:
            error = refusal
    if error or not is_valid:
        return refuse(request, attempt, "reconcile", error, transfer_form=form, note_form=note)
    if not request.htmx:
        return back(attempt, "controls")
    return HttpResponse(parts(request, bench(attempt), "_reconcile_form", "_lab_steps"))


def bench(attempt: LabAttempt, **sent: Any) -> dict[str, Any]:
    """All that the workbench and its parts show; `sent` are forms that came back."""
    desk = Desk(attempt)
    latest = desk.run
    fresh = {
        "prediction_form": StageForm("prediction", desk.asks("prediction")),
        "controls_form": StageForm(
            "controls", desk.asks("controls"), before=latest.controls if latest else None
        ),
        "answers_form": StageForm(
            "answers", shown_answers(attempt), before=latest.answers if latest else None
        ),
        "transfer_form": StageForm("transfer", desk.asks("transfer") if desk.graded else ()),
        "note_form": NoteForm(),
        "key_form": RunKeyForm(),
    }
    page = {
        "desk": desk,
        "attempt": attempt,
        "lab": attempt.activity,
        "step": attempt.activity.step,
    }
    return page | fresh | sent


def shown_answers(attempt: LabAttempt) -> Any:
    """The graded set's questions, once the learner has opened it."""
    return attempt.exercise.asks("answers", attempt.given) if attempt.final_seen_at else ()


def run_forms(attempt: LabAttempt, request: UserRequest) -> dict[str, Any]:
    return {
        "key_form": RunKeyForm(request.POST),
        "controls_form": StageForm(
            "controls", attempt.exercise.asks("controls", attempt.given), request.POST
        ),
        "answers_form": StageForm("answers", shown_answers(attempt), request.POST),
    }


def queue_run(request: UserRequest, attempt: LabAttempt, forms: dict[str, Any]) -> LabRun:
    sent = forms["key_form"].cleaned_data
    is_submit = sent["purpose"] == LabRun.Purpose.SUBMIT
    return submit_run(
        attempt=attempt,
        purpose=sent["purpose"],
        idem_key=sent["idem_key"],
        request_id=str(get_contextvars().get("request_id", "")),
        controls=forms["controls_form"].answer,
        answers=forms["answers_form"].answer if is_submit else {},
    )


def refuse(
    request: UserRequest, attempt: LabAttempt, what: str, error: Refused | None, **sent: Any
) -> HttpResponse:
    """The form again, with the reason and everything that was typed."""
    why = reason(error, sent)
    if what == "run":
        sent["key_form"] = RunKeyForm()
    status = TOO_MANY if isinstance(error, QueueFull) else UNPROCESSABLE
    context = bench(attempt, **sent) | {"refused": {"what": what, "why": why} if why else None}
    if request.htmx:
        response = HttpResponse(parts(request, context, f"_{what}_form"), status=status)
    else:
        response = render(request, "labs/lab_detail.html", context, status=status)
    if isinstance(error, QueueFull):
        response["Retry-After"] = str(error.retry_after_s)
    return response


def reason(error: Refused | None, sent: dict[str, Any]) -> str:
    """The sentence above a form. What is about one field goes there and is not said twice."""
    stages = [form for form in sent.values() if isinstance(form, StageForm)]
    if isinstance(error, InvalidParams):
        for form in stages:
            form.add_problems(error.errors)
        told = any(form.errors for form in stages)
        return "" if told else " ".join(line for lines in error.errors.values() for line in lines)
    if error is None and "key_form" in sent:
        return " ".join(line for lines in sent["key_form"].errors.values() for line in lines)
    return str(error or "")


def back(attempt: LabAttempt, pane: str) -> HttpResponse:
    return see(f"{attempt.activity.get_absolute_url()}#{pane}")


def parts(request: HttpRequest, context: dict[str, Any], first: str, *names: str) -> str:
    """The part that asked, then the others."""
    part = render_to_string(f"labs/{first}.html", context, request)
    return part + others(request, context, *names)


def others(request: HttpRequest, context: dict[str, Any], *names: str) -> str:
    """Parts that find their own places in the page, by their ids."""
    page = context | {"oob": True}
    return "".join(render_to_string(f"labs/{name}.html", page, request) for name in names)
