"""Make packs what learners see. A pack with a problem changes nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from authoring.publish import Broken
from authoring.services import publish_pack


class Command(BaseCommand):
    help = "Publish content packs. Publishing the same pack twice changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "paths", nargs="*", type=Path, help="folders or zip files (default: CONTENT_PACKS)"
        )
        parser.add_argument("--note", default="", help="what changed, in a sentence")
        parser.add_argument("--by", default="", help="who publishes")

    def handle(self, *args: Any, paths: list[Path], note: str, by: str, **options: Any) -> None:
        for path in paths or map(Path, settings.CONTENT_PACKS):
            self.publish(path, note, by)

    def publish(self, path: Path, note: str, by: str) -> None:
        try:
            publication = publish_pack(path=path, by=by, note=note)
        except Broken as broken:
            for problem in broken.problems:
                self.stderr.write(str(problem))
            count = len(broken.problems)
            word = "problem" if count == 1 else "problems"
            raise CommandError(f"{path.name}: {count} {word}. Nothing was changed.") from None
        if publication is None:
            self.stdout.write(f"{path.name}: nothing changed.")
            return
        done = (f"{len(keys)} {what}" for what, keys in publication.moved.items())
        self.stdout.write(f"{path.name}: published: {', '.join(done)}.")
