"""What changes an account: invites, the export of everything, the end of it."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from importlib import import_module
from secrets import token_urlsafe
from types import ModuleType
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models.functions import Now
from django.utils.timezone import now

from accounts.exports import zip_tables
from accounts.models import Invite, User

INVITE_DAYS = 7  # the longest an invite may live
ACCEPTED = "accepted_invite"  # session key: the invite that this browser accepted


class InviteSpent(Exception):
    """Somebody signed up with this invite, or it ran out, a moment ago."""


@dataclass(frozen=True)
class IssuedInvite:
    invite: Invite
    token: str  # shown once; the table keeps its hash only


def create_invite(
    *, email: str, days: int = INVITE_DAYS, created_by: User | None = None
) -> IssuedInvite:
    """A right to sign up with one address, once. An older open invite for it ends."""
    if not 1 <= days <= INVITE_DAYS:
        raise ValueError(f"An invite for {days} days was asked for. Ask for 1 to {INVITE_DAYS}.")
    token = token_urlsafe(32)
    email = email.lower()
    with transaction.atomic():
        Invite.objects.filter(email=email, used_at=None).delete()
        invite = Invite.objects.create(
            token_hash=sha256(token.encode()).hexdigest(),
            email=email,
            created_by=created_by,
            expires_at=now() + timedelta(days=days),
        )
    return IssuedInvite(invite, token)


def accept_invite(*, invite: Invite, session: SessionBase) -> None:
    """Open the sign-up page for this browser. The invite is spent only when an account exists."""
    session[ACCEPTED] = invite.pk


def find_accepted_invite(session: SessionBase) -> Invite | None:
    """The invite accepted in this browser, if it can still be used."""
    if ACCEPTED not in session:
        return None
    invite = Invite.objects.filter(pk=session[ACCEPTED]).first()
    return invite if invite and invite.is_open else None


def use_invite(*, invite: Invite) -> None:
    """Spend an invite. The UPDATE decides, so that two sign-ups cannot share one.

    Raises:
        InviteSpent: it was used or ran out before this call.
    """
    unused = Invite.objects.filter(pk=invite.pk, used_at=None, expires_at__gt=Now())
    if not unused.update(used_at=Now()):
        raise InviteSpent("This invite has been used or has run out. Ask for a new one.")


def change_theme(*, user: User, theme: str) -> None:
    User.objects.filter(pk=user.pk).update(theme=theme)


def export_account(*, user: User) -> bytes:
    """A ZIP of everything the site keeps about one person, as JSON and as CSV."""
    return zip_tables(collect(user))


def erase_account(*, user: User) -> dict[str, int]:
    """Erase a person from every app, the account last. Returns how many rows went, by table."""
    with transaction.atomic():
        gone = {name: len(rows) for name, rows in collect(user).items() if rows}
        for module in reversed(privacy_modules()):
            module.erase(user)
    return gone


def collect(user: User) -> dict[str, list[dict[str, Any]]]:
    tables: dict[str, list[dict[str, Any]]] = {}
    for module in privacy_modules():
        tables |= module.export(user)
    return tables


def privacy_modules() -> list[ModuleType]:
    """What each app knows about its personal data, from the ground floor up."""
    return [import_module(name) for name in settings.PRIVACY_MODULES]
