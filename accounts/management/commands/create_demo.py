"""Make the four demo accounts. Their passwords are random and shown once."""

import os
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import AUTHORS, INSTRUCTORS, User

# Name → the group it is in. Staff have a flag instead of a group.
CAST = {"learner": "", "instructor": INSTRUCTORS, "author": AUTHORS, "admin": ""}


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--credentials", type=Path, help="a file to write the passwords to")

    def handle(self, *, credentials: Path | None, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is not on. Demo accounts are for demo mode only.")
        with transaction.atomic():
            made = [create(name, group) for name, group in CAST.items() if not exists(name)]
            if made and credentials:
                keep(credentials, made)
        for line in made:
            self.stdout.write(line)


def address(name: str) -> str:
    return f"{name}@demo.localhost"


def exists(name: str) -> bool:
    return User.objects.filter(email=address(name)).exists()


def create(name: str, group: str) -> str:
    """One account that can sign in at once. Returns the line that tells how."""
    password = token_urlsafe(15)  # 20 characters
    user = User.objects.create_user(
        address(name),
        password,
        name=f"Demo {name}",
        is_staff=name == "admin",
        is_demo=True,
    )
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return f"{user.email}  {password}"


def keep(path: Path, lines: list[str]) -> None:
    """Write the lines where only their owner can read them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(descriptor, 0o600)
        file.writelines(f"{line}\n" for line in lines)
