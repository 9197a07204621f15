"""What a learner has shown so far, with the evidence."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from roadmap.models.trail import cairns_of, finished_attempts, lab_progress

SHOWN = 50  # attempts on the page


@require_safe
@login_required
def progress(request: UserRequest) -> HttpResponse:
    cairns = cairns_of(request.user)
    attempts = finished_attempts(request.user)
    labs = lab_progress(request.user)
    context = {
        "cairns": cairns,
        "finished": sum(cairn.is_finished for cairn in cairns),
        "attempts": attempts[:SHOWN],
        "attempt_count": attempts.count(),
        "labs": labs,
        "labs_passed": sum(mine.passed_at is not None for mine in labs),
    }
    return render(request, "roadmap/progress.html", context)
