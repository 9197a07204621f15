"""Measures what exercises need to know about vocabularies, and checks what the pack ships."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from labs.contract import Exercise
from labs.registry import all_exercises
from labs.runtime import Runtime
from labs.runtime.tokens import TokenRuntime


class Command(BaseCommand):
    help = "Measures what exercises need, so that no web process loads a vocabulary."

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--write", action="store_true", help="write the files of the pack")
        what.add_argument("--check", action="store_true", help="fail if a file is out of date")
        parser.add_argument(
            "--into",
            type=Path,
            default=Path(settings.BASE_DIR) / "content/cairn/calibrations",
            help="folder of the files (default: that of the pack cairn)",
        )

    def handle(self, *args: Any, into: Path, write: bool, **options: Any) -> None:
        stale = []
        for slug, text in measurements(TokenRuntime()).items():
            path = into / f"{slug}.json"
            if path.exists() and path.read_text(encoding="utf-8") == text:
                self.stdout.write(f"{slug}: up to date")
            elif write:
                into.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
                self.stdout.write(f"{slug}: written to {path}")
            else:
                stale.append(slug)
        if stale:
            raise CommandError(
                f"Out of date: {', '.join(stale)}. Run `manage.py calibrate --write`, then say in "
                "the changelog why the numbers changed."
            )


def measurements(runtime: Runtime) -> dict[str, str]:
    """The file of each exercise that needs one, by slug."""
    return {
        slug: file_of(exercise, runtime)
        for slug, exercise in all_exercises().items()
        if exercise.calibrate is not None
    }


def file_of(exercise: Exercise[Any, Any], runtime: Runtime) -> str:
    values = exercise.calibrate(runtime) if exercise.calibrate else {}
    tokenizers = [runtime.tokenizer(slug) for slug in exercise.vocabularies]
    sources = {tokenizer.slug: tokenizer.sha256 for tokenizer in tokenizers if tokenizer.sha256}
    record = {"sources": sources, "values": values}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True) + "\n"
