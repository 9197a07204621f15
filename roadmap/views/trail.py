"""The way into the site and the way through it: landing, about, the trail, one step."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from roadmap.models.trail import activities_for, cairns_of, find_cairn, next_for

ABOUT = ("privacy", "accessibility", "licences")


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("roadmap:trail")
    return render(request, "roadmap/landing.html", {"cairns": cairns_of(request.user)})


@require_safe
def about_detail(request: HttpRequest, page: str) -> HttpResponse:
    if page not in ABOUT:
        raise Http404(page)
    return render(request, f"roadmap/about_{page}.html")


@require_safe
@login_required
def trail(request: UserRequest) -> HttpResponse:
    cairns = cairns_of(request.user)
    context = {"cairns": cairns, "next": next_for(request.user).first()}
    return render(request, "roadmap/trail.html", context)


@require_safe
@login_required
def step_detail(request: UserRequest, key: str) -> HttpResponse:
    cairns = cairns_of(request.user)
    cairn = find_cairn(cairns, key)
    if cairn is None:
        raise Http404(key)
    activities = activities_for(request.user, cairn.step)
    context = {"cairns": cairns, "cairn": cairn, "step": cairn.step, "activities": activities}
    return render(request, "roadmap/step_detail.html", context)
