"""The way into the site and the way through it: landing, about, the trail, one step."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from accounts.http import UserRequest
from roadmap.models.trail import activities_for, cairns_of, next_for, next_of, passing_rule

ABOUT = ("privacy", "accessibility", "licences")
# One sentence cut by Tekken (2024-09-11) of mistral-common; a test cuts it again.
EXAMPLE = {
    "english": ["A", "␣cair", "n", "␣marks", "␣the", "␣trail", "."],
    "german": ["Ein", "␣Stein", "m", "änn", "chen", "␣mark", "iert", "␣den", "␣Weg", "."],
    "hindi": ["प", "त", "्थ", "रों", "␣का", "␣ढ", "ेर", "␣र", "ास्त", "ा", "␣दिख", "ाता", "␣है", "।"],
}


@require_safe
def landing(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect("roadmap:trail")
    context = {"cairns": cairns_of(request.user), "example": EXAMPLE}
    return render(request, "roadmap/landing.html", context)


@require_safe
def about_detail(request: HttpRequest, page: str) -> HttpResponse:
    if page not in ABOUT:
        raise Http404(page)
    return render(request, f"roadmap/about_{page}.html")


@require_safe
@login_required
def trail(request: UserRequest) -> HttpResponse:
    cairns = cairns_of(request.user)
    context = {
        "cairns": cairns,
        "next": next_for(request.user),
        "begun": any(cairn.is_begun for cairn in cairns),
        "finished": sum(cairn.is_finished for cairn in cairns),
    }
    return render(request, "roadmap/trail.html", context)


@require_safe
@login_required
def step_detail(request: UserRequest, key: str) -> HttpResponse:
    cairns = cairns_of(request.user)
    cairn = next((cairn for cairn in cairns if cairn.step.key == key), None)
    if cairn is None:
        raise Http404(key)
    step = cairn.step
    needed = {needed.pk for needed in step.needs.all()}
    activities = activities_for(request.user, step)
    context = {
        "cairns": cairns,
        "cairn": cairn,
        "step": step,
        "needs": [other for other in cairns if other.step.pk in needed],
        "activities": activities,
        "next": next_of(activities),
        "rule": passing_rule(step, activities),
    }
    return render(request, "roadmap/step_detail.html", context)
