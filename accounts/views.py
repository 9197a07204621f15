"""A person's settings, their data, and the way in by invite."""

from allauth.core.ratelimit import consume_or_429
from django.conf import settings as site
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.access import access_invite_by_token
from accounts.forms import DeletionForm, PreferenceForm, ThemeForm
from accounts.http import SeeOther, UserRequest, next_page, see
from accounts.services import accept_invite, change_theme, erase_account, export_account

YEAR = 365 * 24 * 3600  # seconds


@require_GET
@login_required
def settings(request: UserRequest) -> HttpResponse:
    return settings_page(request)


@require_POST
@login_required
def preference_edit(request: UserRequest) -> HttpResponse:
    form = PreferenceForm(request.POST, instance=request.user)
    if not form.is_valid():
        request.user.refresh_from_db()  # the form wrote what was typed into the shown person
        return settings_page(request, form=form, status=422)
    form.save()
    messages.success(request, "Your settings are saved.")
    response = see("accounts:settings")
    keep_theme(response, form.cleaned_data["theme"])
    return response


@require_POST
def theme_edit(request: HttpRequest) -> HttpResponse:
    """For everybody, signed in or not. A word that is no theme changes nothing."""
    form = ThemeForm(request.POST)
    response = SeeOther(next_page(request, otherwise=site.LOGIN_REDIRECT_URL))
    if form.is_valid():
        theme = form.cleaned_data["theme"]
        keep_theme(response, theme)
        if request.user.is_authenticated:
            change_theme(user=request.user, theme=theme)
    return response


@require_POST
@login_required
def export_create(request: UserRequest) -> HttpResponse:
    name = f"cairn-export-{localdate():%Y-%m-%d}.zip"
    return HttpResponse(
        export_account(user=request.user),
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@sensitive_post_parameters("password")
@require_POST
@login_required
def account_delete(request: UserRequest) -> HttpResponse:
    refused: HttpResponse | None = consume_or_429(request, action="reauthenticate")
    if refused:
        return refused
    form = DeletionForm(request.POST, user=request.user)
    if not form.is_valid():
        return settings_page(request, deletion=form, status=422)
    gone = erase_account(user=request.user)
    logout(request)
    messages.success(
        request,
        "Your account is deleted. Your name and address, what you signed in with, your answers, "
        f"lab runs, grades and progress are gone: {sum(gone.values())} rows in {len(gone)} tables.",
    )
    return see("roadmap:landing")


@never_cache
@require_GET
def invite_detail(request: HttpRequest, token: str) -> HttpResponse:
    """Reading it changes nothing, so a mail scanner that opens links spends no invite."""
    refused: HttpResponse | None = consume_or_429(request, action="invite", limit_get=True)
    if refused:
        return refused
    context = {"invite": access_invite_by_token(token), "token": token}
    return render(request, "accounts/invite_detail.html", context)


@require_POST
def invite_accept(request: HttpRequest, token: str) -> HttpResponse:
    refused: HttpResponse | None = consume_or_429(request, action="invite")
    if refused:
        return refused
    invite = access_invite_by_token(token)
    if not invite.is_open or request.user.is_authenticated:
        return see("accounts:invite-detail", token)
    accept_invite(invite=invite, session=request.session)
    return see("account_signup")


def settings_page(
    request: UserRequest,
    *,
    form: PreferenceForm | None = None,
    deletion: DeletionForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form or PreferenceForm(instance=request.user),
        "deletion": deletion or DeletionForm(user=request.user),
    }
    return render(request, "accounts/settings.html", context, status=status)


def keep_theme(response: HttpResponse, theme: str) -> None:
    response.set_cookie(
        "theme",
        theme,
        max_age=YEAR,
        secure=site.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
