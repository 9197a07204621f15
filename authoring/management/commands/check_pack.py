"""Read packs, tell everything that is wrong with them, change nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from authoring.pack import Pack
from authoring.services import check_pack


class Command(BaseCommand):
    help = "Check content packs: all problems with file, line and what to write."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="*", type=Path, help="folders or zip files (default: CONTENT_PACKS)"
        )

    def handle(self, *args: Any, paths: list[Path], **options: Any) -> None:
        wrong = 0
        for path in paths or map(Path, settings.CONTENT_PACKS):
            report = check_pack(path=path)
            for problem in report.problems:
                self.stdout.write(f"{'warning: ' if problem.is_warning else ''}{problem}")
            wrong += len(report.errors)
            if report.pack and not report.errors:
                self.stdout.write(f"{path.name}: nothing wrong: {summary(report.pack)}")
        if wrong:
            raise CommandError(f"{wrong} problem{'s' if wrong > 1 else ''}")


def summary(pack: Pack) -> str:
    counts = {
        "steps": len(pack.steps),
        "lessons": sum(one.kind == "lesson" for one in pack.activities),
        "quizzes": sum(one.kind == "quiz" for one in pack.activities),
        "questions": sum(len(one.file.bank) for one in pack.activities if one.kind == "quiz"),
        "labs": sum(one.kind == "lab" for one in pack.activities),
        "facts": len(pack.facts),
        "pictures": len(pack.pictures),
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items())
