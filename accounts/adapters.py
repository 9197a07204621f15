"""Hooks of the login library: who may sign up, and what counts as one guess."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest

from accounts.models import User
from accounts.services import InviteSpent, find_accepted_invite, use_invite


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "too_many_login_attempts": "Too many wrong tries. Wait five minutes, then try again.",
        "email_password_mismatch": "The e-mail address and the password do not go together.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP == "open" or find_accepted_invite(request.session) is not None

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:  # noqa: FBT001, FBT002  the library's signature
        invite = find_accepted_invite(request.session)
        if invite and invite.email == form.cleaned_data["email"]:
            try:
                use_invite(invite=invite)
            except InviteSpent as spent:
                raise PermissionDenied(str(spent)) from spent
        saved: User = super().save_user(request, user, form, commit)
        return saved

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that limits count by. A request that went around a proxy has none."""
        try:
            return str(super().get_client_ip(request))
        except ImproperlyConfigured as short:
            raise PermissionDenied("X-Forwarded-For names too few proxies.") from short

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """One count per account. The library adds the Host header, which the guesser chooses."""
        return str(credentials.get("email", "")).lower()
