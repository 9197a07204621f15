"""Runs: how one is doing, what it found, what was run before."""

import json
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from accounts.exports import csv_table
from accounts.http import UserRequest, see
from labs.access import (
    access_lab_by_key,
    access_reconciliation_by_run,
    access_run_by_pk,
    access_runs_by_lab,
)
from labs.context.report import Report, module_of
from labs.context.status import RunStatus, queue
from labs.models import LabRun
from labs.services import cancel_run
from labs.views.bench import bench, others, parts

PAGE = 20
UNCHANGED = 204


@require_GET
@login_required
def run_detail(request: UserRequest, pk: int) -> HttpResponse:
    run = access_run_by_pk(request.user, pk)
    return render(request, "labs/run_detail.html", run_page(request, run))


@require_GET
@login_required
def run_status(request: UserRequest, pk: int) -> HttpResponse:
    run = access_run_by_pk(request.user, pk)
    status, seen = RunStatus(run), request.GET.get("seen", "")
    if seen == status.stamp:
        return HttpResponse(status=UNCHANGED)
    return HttpResponse(status_parts(request, status, is_news=status.is_news(seen)))


@require_POST
@login_required
def run_cancel(request: UserRequest, pk: int) -> HttpResponse:
    run = access_run_by_pk(request.user, pk)
    cancel_run(run=run)
    if not request.htmx:
        return see(run)
    run = access_run_by_pk(request.user, pk)
    return HttpResponse(status_parts(request, RunStatus(run), is_news=True, first="_run_actions"))


@require_GET
@login_required
def run_list(request: UserRequest, key: str) -> HttpResponse:
    lab = access_lab_by_key(request.user, key)
    page = Paginator(access_runs_by_lab(request.user, lab), PAGE).get_page(request.GET.get("page"))
    reports = [Report(run, getattr(run.attempt, "reconciliation", None)) for run in page]
    context = {"lab": lab, "step": lab.step, "page": page, "reports": reports}
    return render(request, "labs/run_list.html", context)


@require_GET
@login_required
def run_data(request: UserRequest, pk: int, form: str) -> HttpResponse:
    report = Report(access_run_by_pk(request.user, pk))
    if report.output is None or form not in ("json", "csv"):
        raise Http404
    if form == "csv":
        body, kind = csv_table(report.rows), "text/csv; charset=utf-8"
    else:
        text = json.dumps(report.data, ensure_ascii=False, indent=2)
        body, kind = text.encode(errors="backslashreplace"), "application/json"
    name = f'attachment; filename="run-{pk}.{form}"'
    return HttpResponse(body, content_type=kind, headers={"Content-Disposition": name})


@require_GET
@login_required
def queue_status(request: UserRequest) -> HttpResponse:
    return render(request, "labs/_queue_status.html", {"queue": queue()})


def run_page(request: UserRequest, run: LabRun) -> dict[str, Any]:
    reconciliation = access_reconciliation_by_run(request.user, run)
    return {
        "run": run,
        "lab": run.activity,
        "step": run.activity.step,
        "status": RunStatus(run, reconciliation),
        "module": module_of(run.exercise.template),
    }


def status_parts(
    request: UserRequest, status: RunStatus, *, is_news: bool, first: str = "_run_status"
) -> str:
    """The polled part and, when the state is news, whatever else on the page depends on it."""
    run = status.run
    context = {"run": run, "status": status, "lab": run.activity}
    found = parts(request, context, first)
    if is_news:
        rest = {"_run_status", "_run_actions"} - {first}
        found += others(request, context, *rest, "_run_announce")
    if is_news and run.is_finished and on_bench(request, run) and not run.attempt.closed_at:
        found += others(request, bench(run.attempt), *after(run))
    return found


def after(run: LabRun) -> list[str]:
    """What a run's end changes on the workbench. The settings stay: somebody may be typing."""
    names = ["_run_bar", "_lab_steps", "_reconcile_form"]
    is_graded = run.purpose == LabRun.Purpose.SUBMIT and run.state == LabRun.State.DONE
    return ["_answers_form", *names] if is_graded else names


def on_bench(request: UserRequest, run: LabRun) -> bool:
    """Whether the page that polls is the workbench, which shows more than the run."""
    page = request.htmx.current_url_abs_path or ""
    return urlsplit(page).path == reverse("labs:lab-detail", args=[run.activity.key])
