"""Gives back runs whose worker has gone silent, by hand. The workers do so every two seconds."""

from typing import Any

from django.core.management.base import BaseCommand

from labs.worker.sweep import sweep


class Command(BaseCommand):
    help = "Give back the lab runs whose worker has gone silent."

    def handle(self, *args: Any, **options: Any) -> None:
        taken = sweep()
        self.stdout.write(f"{taken} runs whose lease had run out were taken back.")
