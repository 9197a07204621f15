"""What a finished run is worth and where it came from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import PurePath
from typing import Any

from django.contrib.staticfiles import finders

from labs.context.words import Said, told
from labs.contract import Check, Guess
from labs.models import Grade, LabRun, Reconciliation, RunOutput
from labs.scoring import PREDICTION, TRANSFER, check_share, guess_share

UNKNOWN = "not recorded"
EVENTS = {
    "queued": "Put in line",
    "claimed": "Taken by a worker",
    "requeued": "Back in line: the lab machine failed, not you",
    "handed-back": "Back in line: the worker was being restarted",
    "quarantined": "Set aside after three failures of the lab machine",
    "cancel-asked": "You asked to cancel",
    "cancelled": "Cancelled",
    "failed": "Stopped: the settings need a change",
    "done": "Finished",
}  # notes of events are for operators and are never shown


@dataclass(frozen=True)
class Part:
    """One part of a score, in points of 100."""

    label: str
    points: float | None  # None: not known yet
    most: float


class Report:
    """A run and what came of it. Its hidden result has no way out of here."""

    def __init__(self, run: LabRun, reconciliation: Reconciliation | None = None) -> None:
        self.run = run
        self.exercise = run.exercise
        self.reconciliation = reconciliation

    @cached_property
    def grade(self) -> Grade | None:
        return newest_grade(self.run)

    @cached_property
    def output(self) -> RunOutput | None:
        try:
            return self.run.output
        except RunOutput.DoesNotExist:
            return None

    @property
    def shown(self) -> dict[str, Any] | None:
        return self.output.shown if self.output else None

    @property
    def receipt(self) -> dict[str, Any]:
        return self.output.provenance if self.output else {}

    @property
    def template(self) -> str:
        return self.exercise.template

    @property
    def is_final(self) -> bool:
        """Whether nothing is missing from the score any more."""
        return all(part.points is not None for part in self.parts)

    @property
    def checks(self) -> list[dict[str, Any]]:
        """The checks; the first that failed stands open."""
        checks = self.grade.checks if self.grade else []
        first = next((n for n, check in enumerate(checks) if not check["passed"]), None)
        return [in_words(check) | {"is_open": n == first} for n, check in enumerate(checks)]

    @property
    def guesses(self) -> list[dict[str, Any]]:
        return self.grade.guesses if self.grade else []

    @property
    def settings(self) -> list[Said]:
        return told(self.exercise.asks("controls", self.run.attempt.given), self.run.controls)

    @property
    def changed(self) -> list[Said]:
        return [said for said in self.settings if not said.is_default]

    @property
    def answers(self) -> list[Said]:
        if not self.run.answers:
            return []
        return told(self.exercise.asks("answers", self.run.attempt.given), self.run.answers)

    @cached_property
    def parts(self) -> list[Part]:
        """The parts of the score. What an exercise does not have falls to the checks."""
        if self.grade is None:
            return []
        transfer = 100 * TRANSFER if self.exercise.grade_transfer else 0.0
        prediction = 100 * PREDICTION if self.guesses else 0.0
        rest = 100 - prediction - transfer
        guessed = guess_share([Guess(**guess) for guess in self.guesses])
        met = check_share([Check(**check) for check in self.grade.checks])
        said = self.reconciliation.score * transfer if self.reconciliation else None
        parts = [
            Part("Prediction", guessed * prediction, prediction),
            Part("Checks", met * rest, rest),
            Part("Transfer", said, transfer),
        ]
        return [part for part in parts if part.most]

    @property
    def points(self) -> float:
        """What the try is worth so far, of 100."""
        return sum(part.points or 0 for part in self.parts)

    @property
    def card(self) -> Iterator[tuple[str, str]]:
        """The run card: where the numbers came from. What nobody wrote down says so."""
        run, receipt = self.run, self.receipt
        yield "Run", f"{run.pk}, try {run.attempt.number}, live"
        yield "Kind", "graded on the hidden set" if self.grade else "explored, not graded"
        yield "Model", "none: this lab uses no model" if not self.exercise.roles else UNKNOWN
        yield "Device", str(receipt.get("device", UNKNOWN))
        yield "Seed, as sha256", str(receipt.get("seed_sha256", UNKNOWN))
        yield "Rubric", str(receipt.get("rubric", UNKNOWN))
        yield "Software", listed(receipt.get("versions"))
        yield "Vocabularies, sha256", listed(receipt.get("vocabularies"))
        yield "Waited", seconds(receipt.get("waited_s"))
        yield "Ran", seconds(receipt.get("worked_s"))
        yield "Claims by workers", str(receipt.get("claims", UNKNOWN))

    @property
    def timeline(self) -> Iterator[tuple[Any, str]]:
        for event in self.run.events.all():
            if event.kind in EVENTS:
                yield event.at, EVENTS[event.kind]

    @property
    def data(self) -> dict[str, Any]:
        """What a download holds."""
        run = self.run
        return {
            "run": run.pk,
            "lab": run.activity.key,
            "try": run.attempt.number,
            "purpose": run.purpose,
            "controls": run.controls,
            "shown": self.shown,
            "receipt": self.receipt,
        }

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The same as a table of places and values."""
        return [{"place": place, "value": value} for place, value in leaves(self.data)]


def newest_grade(run: LabRun) -> Grade | None:
    if run.purpose != LabRun.Purpose.SUBMIT or run.state != LabRun.State.DONE:
        return None
    return next(iter(run.grades.all()), None)


@cache
def module_of(template: str) -> str:
    """The script that enhances a result's picture, if there is one. It has the same word."""
    word = PurePath(template).stem.lstrip("_").replace("_", "-")
    script = f"js/visuals/{word}.js"
    return script if finders.find(script) else ""


def leaves(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every number and text of a JSON value with its dotted place."""
    if isinstance(value, Mapping | list):
        pairs = value.items() if isinstance(value, Mapping) else enumerate(value)
        for name, part in pairs:
            yield from leaves(part, f"{place}.{name}" if place else str(name))
    else:
        yield place, value


def in_words(check: dict[str, Any]) -> dict[str, Any]:
    """A check with its numbers and units written out."""
    measured, target, unit = check["measured"], check["target"], check["unit"]
    return check | {
        "got": quantity(measured, unit),
        "wanted": f"{check['relation']} {quantity(target, unit)}",
        "difference": quantity(abs(measured - target), unit),
    }


def quantity(value: float, unit: str) -> str:
    digits = f"{value:.4g}" if abs(value) < 1_000 else f"{value:,.1f}".removesuffix(".0")
    return f"{digits} {unit}".rstrip()


def listed(pairs: Mapping[str, str] | None) -> str:
    return ", ".join(f"{name} {value}" for name, value in (pairs or {}).items()) or UNKNOWN


def seconds(value: Any) -> str:
    return f"{value:.1f} s" if isinstance(value, int | float) else UNKNOWN
