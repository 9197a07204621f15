"""What this app, the login library and the framework keep about a person."""

from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db.models import QuerySet

from accounts.models import Invite, User

Row = dict[str, Any]
Table = list[Row]


def export(user: User) -> dict[str, Table]:
    """Everything but secrets: no password hash, no second factor's key, no session key."""
    return {
        "accounts_user": [account(user)],
        "account_emailaddress": table(
            EmailAddress.objects.filter(user=user), "email", "verified", "primary"
        ),
        "account_emailconfirmation": table(
            EmailConfirmation.objects.filter(email_address__user=user), "created", "sent"
        ),
        "mfa_authenticator": table(
            Authenticator.objects.filter(user=user), "type", "created_at", "last_used_at"
        ),
        "usersessions_usersession": table(
            UserSession.objects.filter(user=user), "ip", "user_agent", "created_at", "last_seen_at"
        ),
        "accounts_invite": table(invites(user), "email", "created_at", "expires_at", "used_at"),
        "django_admin_log": table(
            LogEntry.objects.filter(user=user), "action_time", "object_repr", "action_flag"
        ),
    }


def erase(user: User) -> None:
    """The account itself goes last; what hangs on it goes with it."""
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()
    for kept in (EmailAddress, Authenticator, UserSession, LogEntry):
        kept._default_manager.filter(user=user).delete()
    invites(user).delete()
    user.delete()


def account(user: User) -> Row:
    fields = ("email", "name", "time_zone", "theme", "has_shortcuts", "is_staff", "is_demo")
    times = {"date_joined": user.date_joined.isoformat(), "last_login": moment(user.last_login)}
    groups = list(user.groups.values_list("name", flat=True))
    return {name: getattr(user, name) for name in fields} | times | {"groups": groups}


def invites(user: User) -> QuerySet[Invite]:
    return Invite.objects.filter(created_by=user) | Invite.objects.filter(email=user.email)


def table(rows: QuerySet[Any], *fields: str) -> Table:
    return [{name: moment(value) for name, value in row.items()} for row in rows.values(*fields)]


def moment(value: Any) -> Any:
    """JSON has no times; they are written as text."""
    return value.isoformat() if hasattr(value, "isoformat") else value
