"""Invite one person: prints a link, once. The site keeps only its hash."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.urls import reverse

from accounts.models import User
from accounts.services import INVITE_DAYS, create_invite


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address the invite is bound to")
        parser.add_argument("--days", type=int, default=INVITE_DAYS, help=f"1 to {INVITE_DAYS}")
        parser.add_argument("--site", default="", help="such as https://learn.example.org")

    def handle(self, *, email: str, days: int, site: str, **options: Any) -> None:
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is no e-mail address.") from error
        if settings.SIGNUP == "closed":
            raise CommandError("SIGNUP is closed. Set SIGNUP=invite, so that invites are taken.")
        if User.objects.filter(email__iexact=email).exists():
            raise CommandError(f"{email} has an account already. They can sign in.")
        address = site or site_address()
        try:
            issued = create_invite(email=email, days=days)
        except ValueError as error:
            raise CommandError(str(error)) from error
        link = address.rstrip("/") + reverse("accounts:invite-detail", args=[issued.token])
        self.stdout.write(f"Send this link to {issued.invite.email}. It is shown only now,")
        self.stdout.write(f"works once, and ends on {issued.invite.expires_at:%Y-%m-%d %H:%M} UTC:")
        self.stdout.write(link)


def site_address() -> str:
    """Where people reach the site, as far as the settings say."""
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        if "*" not in origin:
            return str(origin)
    host = settings.ALLOWED_HOSTS[0] if settings.ALLOWED_HOSTS else "*"
    if settings.DEMO:
        return f"http://{host}:8000"
    if host.startswith((".", "*")):
        raise CommandError("The site's address is not known. Give it: --site https://…")
    return f"https://{host}"
