"""What the labs keep about a person: what an export holds, what erasing removes."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db.models import Model

from accounts.models import User
from labs.models import (
    Grade,
    LabAttempt,
    LabRun,
    Quota,
    Reconciliation,
    RunClaim,
    RunEvent,
    RunOutput,
)
from labs.models.grades import without_digest

Row = dict[str, Any]


def export(user: User) -> dict[str, list[Row]]:
    """Everything but what still is a secret of the grader: seeds, keys, hidden results."""
    return {
        "labs_labattempt": rows(LabAttempt, user, "user", attempt, "activity"),
        "labs_reconciliation": rows(Reconciliation, user, "attempt__user", reconciliation),
        "labs_labrun": rows(LabRun, user, "user", run, "activity"),
        "labs_runoutput": rows(RunOutput, user, "run__user", output),
        "labs_grade": rows(Grade, user, "run__user", grade),
        "labs_runclaim": rows(RunClaim, user, "run__user", claim),
        "labs_runevent": rows(RunEvent, user, "run__user", event),
        "labs_quota": rows(Quota, user, "user", quota),
    }


def erase(user: User) -> None:
    """Remove all of it. Outputs, grades and history go with their run.

    A worker that still holds one of the runs finds it gone and drops what it found.
    """
    LabRun.objects.filter(user=user).delete()
    LabAttempt.objects.filter(user=user).delete()
    Quota.objects.filter(user=user).delete()


def rows(
    model: type[Model], user: User, path: str, told: Callable[[Any], Row], *related: str
) -> list[Row]:
    found = model._default_manager.filter(**{path: user}).order_by("pk")
    return [told(row) for row in (found.select_related(*related) if related else found)]


def when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def attempt(row: LabAttempt) -> Row:
    """The instance is told once its graded set was seen: before that it would be a preview."""
    is_open = row.final_seen_at is None and row.closed_at is None
    return {
        "id": row.pk,
        "activity": row.activity.key,
        "number": row.number,
        "given": None if is_open else row.given,
        "prediction": row.prediction,
        "predicted_at": when(row.predicted_at),
        "final_seen_at": when(row.final_seen_at),
        "opened_at": when(row.opened_at),
        "closed_at": when(row.closed_at),
    }


def reconciliation(row: Reconciliation) -> Row:
    return {
        "attempt": row.attempt_id,
        "answer": row.answer,
        "checks": row.checks,
        "score": row.score,
        "note": row.note,
        "answered_at": when(row.answered_at),
    }


def run(row: LabRun) -> Row:
    return {
        "id": row.pk,
        "activity": row.activity.key,
        "attempt": row.attempt_id,
        "purpose": row.purpose,
        "controls": row.controls,
        "answers": row.answers,
        "state": row.state,
        "error": row.error,
        "created_at": when(row.created_at),
        "finished_at": when(row.finished_at),
    }


def output(row: RunOutput) -> Row:
    return {"run": row.run_id, "shown": row.shown, "receipt": row.provenance}


def grade(row: Grade) -> Row:
    return {
        "run": row.run_id,
        "rubric": without_digest(row.rubric),
        "score": row.score,
        "passed": row.passed,
        "checks": row.checks,
        "guesses": row.guesses,
        "graded_at": when(row.graded_at),
    }


def claim(row: RunClaim) -> Row:
    """Names of machines and notes for operators are not the person's."""
    return {
        "run": row.run_id,
        "n": row.n,
        "started_at": when(row.started_at),
        "ended_at": when(row.ended_at),
        "outcome": row.outcome,
    }


def event(row: RunEvent) -> Row:
    return {"run": row.run_id, "kind": row.kind, "at": when(row.at)}


def quota(row: Quota) -> Row:
    return {"opened_at": when(row.opened_at)}
