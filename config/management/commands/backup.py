"""manage.py backup: everything the site knows, in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.archive import ArchiveError, backup


class Command(BaseCommand):
    help = "Writes every row of the site to one file. Safe while the site runs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "path", type=Path, help="the file to write, such as cairn-2026-11-23.zip"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["path"]
        if path.exists():
            raise CommandError(f"{path} exists already. Choose another name.")
        try:
            report = backup(path)
        except (OSError, ArchiveError) as error:
            raise CommandError(f"No backup was made: {error}") from None
        self.stdout.write(f"{report.rows} rows of {len(report.tables)} tables are in {path}.")
