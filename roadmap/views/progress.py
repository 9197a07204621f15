"""What a learner has shown so far, with the evidence."""

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from roadmap.models.trail import cairns_of


@require_safe
@login_required
def progress(request: UserRequest) -> HttpResponse:
    return render(request, "roadmap/progress.html", {"cairns": cairns_of(request.user)})
