"""Erase one person from every table. Without --yes, only say what would go."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from accounts.services import collect, erase_account


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="erase; it cannot be taken back")

    def handle(self, *, email: str, yes: bool, **options: Any) -> None:
        user = User.objects.filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"Nobody has the address {email!r}.")
        if yes:
            gone = erase_account(user=user)
        else:
            gone = {name: len(rows) for name, rows in collect(user).items() if rows}
        for name, count in gone.items():
            self.stdout.write(f"{count:>8,}  {name}")
        self.stdout.write("Erased." if yes else "Nothing was erased. To do it, add --yes.")
