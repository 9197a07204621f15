"""manage.py restore: fill an empty database from a backup."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.archive import ArchiveError, restore


class Command(BaseCommand):
    help = "Fills an empty, migrated database from a backup, or changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="the file to read")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        try:
            report = restore(path)
        except ArchiveError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{report.rows} rows of {len(report.tables)} tables are back and compared."
        )
