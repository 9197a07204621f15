"""Check and publish packs: for commands now, for a studio's pages later."""

from dataclasses import dataclass
from pathlib import Path

from authoring.models import Publication
from authoring.pack import Pack, Problem
from authoring.publish import Broken, catalogue_now, publish
from authoring.reader import read_path
from authoring.validator import problems_of


@dataclass(frozen=True)
class Report:
    """A pack that was read and checked. No pack where there was nothing to read."""

    pack: Pack | None
    problems: list[Problem]

    @property
    def errors(self) -> list[Problem]:
        return [problem for problem in self.problems if not problem.is_warning]


def check_pack(*, path: Path) -> Report:
    """Everything wrong with the pack in a folder or zip file. Changes nothing."""
    outcome = read_path(path)
    found = list(outcome.problems)
    if outcome.pack is not None:
        found += problems_of(outcome.pack, catalogue=catalogue_now())
    return Report(outcome.pack, sorted(set(found)))


def publish_pack(*, path: Path, by: str = "", note: str = "") -> Publication | None:
    """Publish the pack in a folder or zip file. None if it is what learners see already.

    Raises:
        Broken: the pack has problems; nothing was changed.
    """
    report = check_pack(path=path)
    if report.errors or report.pack is None:
        raise Broken(report.errors)
    return publish(pack=report.pack, by=by, note=note)
