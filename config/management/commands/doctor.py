"""manage.py doctor: what is wrong with this installation, in plain words."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.doctor import examine

MARKS = {"ok": "ok   ", "look": "look ", "wrong": "WRONG"}


class Command(BaseCommand):
    help = "Says what is wrong with this installation and what to do. Exit code 1 if anything is."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        wrong = 0
        for finding in examine():
            wrong += finding.level == "wrong"
            self.stdout.write(f"{MARKS[finding.level]} {finding.text}")
        if wrong:
            raise CommandError(f"{wrong} things are wrong.")
        self.stdout.write("Nothing is wrong.")
