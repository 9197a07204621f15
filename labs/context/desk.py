"""A try as the workbench shows it: how far it is, what may be done now, and why not."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from labs.context.report import in_words, module_of, newest_grade
from labs.context.status import RunStatus
from labs.context.words import Said, told, visible
from labs.contract import Ask, Exercise, Stage
from labs.models import LabAttempt, LabRun, Reconciliation
from labs.scoring import TRANSFER
from labs.services import (
    AlreadySubmitted,
    FinalNotShown,
    FinalShown,
    NoExploreLeft,
    NotPredicted,
    Refused,
)

COUNTED = (LabRun.State.QUEUED, LabRun.State.RUNNING, LabRun.State.DONE)


class Desk:
    """One try. Reads its runs once; everything else follows from them."""

    def __init__(self, attempt: LabAttempt) -> None:
        self.attempt = attempt
        self.exercise: Exercise[Any, Any] = attempt.exercise
        self.runs = list(attempt.runs.prefetch_related("grades"))

    def asks(self, stage: Stage) -> tuple[Ask, ...]:
        return self.exercise.asks(stage, self.attempt.given)

    @property
    def run(self) -> LabRun | None:
        """The run whose result is on the page: the newest."""
        return self.runs[0] if self.runs else None

    @cached_property
    def status(self) -> RunStatus | None:
        return RunStatus(self.run, self.reconciliation) if self.run else None

    @property
    def earlier(self) -> list[tuple[LabRun, bool]]:
        """The other runs of the try, newest first, and whether each is graded."""
        return [(run, newest_grade(run) is not None) for run in self.runs[1:]]

    def counted(self, purpose: str) -> list[LabRun]:
        """Runs that used one up. Those that failed or were cancelled have used nothing."""
        return [run for run in self.runs if run.purpose == purpose and run.state in COUNTED]

    @property
    def explore_left(self) -> int:
        return max(0, self.exercise.explore_limit - len(self.counted(LabRun.Purpose.EXPLORE)))

    @property
    def is_predicted(self) -> bool:
        return self.attempt.predicted_at is not None or not self.asks("prediction")

    @cached_property
    def graded(self) -> LabRun | None:
        submits = self.counted(LabRun.Purpose.SUBMIT)
        return next((run for run in submits if newest_grade(run)), None)

    @cached_property
    def reconciliation(self) -> Reconciliation | None:
        return getattr(self.attempt, "reconciliation", None) if self.graded else None

    @property
    def has_transfer(self) -> bool:
        return self.exercise.grade_transfer is not None

    @property
    def has_final(self) -> bool:
        """Whether a graded set is answered before the submit."""
        return bool(self.asks("answers"))

    @property
    def final_waits(self) -> bool:
        """Whether the next thing to do is to open the graded set."""
        return self.has_final and self.is_predicted and self.attempt.final_seen_at is None

    @property
    def asks_final(self) -> bool:
        """Whether the graded set stands on the page: opened, and not graded yet."""
        return self.has_final and self.attempt.final_seen_at is not None and not self.graded

    @property
    def is_over(self) -> bool:
        """Whether no run of any kind can follow in this try."""
        return self.graded is not None and bool(self.explore_reason)

    @property
    def steps(self) -> list[tuple[str, str]]:
        """The step bar: each word and its state, done, here or to do."""
        done = {
            "Predict": self.is_predicted,
            "Run": self.graded is not None,
            "Reconcile": self.graded is not None
            and (self.reconciliation is not None or not self.has_transfer),
        }
        here = next((word for word, over in done.items() if not over), "")
        return [(w, "done" if over else "here" if w == here else "") for w, over in done.items()]

    @property
    def explore_reason(self) -> str:
        """Why no explore run can start now, or nothing."""
        return said(
            (not self.is_predicted, NotPredicted()),
            (self.has_final and self.attempt.final_seen_at is not None, FinalShown()),
            (not self.explore_left, NoExploreLeft(self.exercise.explore_limit)),
        )

    @property
    def submit_reason(self) -> str:
        """Why no graded run can start now, or nothing."""
        return said(
            (not self.is_predicted, NotPredicted()),
            (bool(self.counted(LabRun.Purpose.SUBMIT)), AlreadySubmitted()),
            (self.has_final and self.attempt.final_seen_at is None, FinalNotShown()),
        )

    @property
    def prediction(self) -> list[Said]:
        return told(self.asks("prediction"), self.attempt.prediction)

    @property
    def transfer_checks(self) -> list[dict[str, Any]]:
        return (
            [in_words(check) for check in self.reconciliation.checks] if self.reconciliation else []
        )

    @property
    def transfer_points(self) -> float:
        return 100 * TRANSFER * self.reconciliation.score if self.reconciliation else 0.0

    @property
    def note(self) -> str:
        return visible(self.reconciliation.note) if self.reconciliation else ""

    @property
    def module(self) -> str:
        return module_of(self.exercise.template)

    @property
    def transfer(self) -> list[Said]:
        answer = self.reconciliation.answer if self.reconciliation else None
        return told(self.asks("transfer"), answer)


def said(*reasons: tuple[bool, Refused]) -> str:
    return next((str(refusal) for holds, refusal in reasons if holds), "")
