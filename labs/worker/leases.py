"""Every way a claimed run leaves its worker. All of them ask the token first."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Now

from labs.models import LabRun, RunClaim, RunEvent

MOST_FAILURES = 3
# Seconds before the next claim, by failures so far. A first failure may be a deploy: be quick.
BACK_OFF_S = {1: 1, 2: 5}
OUR_FAULT = (
    "The lab machine failed three times on this run. That is our fault: your try is safe, and "
    "the run was set aside for the people who look after this site."
)


class Fenced(Exception):
    """Another worker holds the run now, or it has ended. Whatever was found is not wanted."""


def finish(run: LabRun, *, state: str, error: str = "") -> bool:
    """End a run, if it is still ours and nobody asked to cancel it.

    Returns:
        True if this call ended it; False if an earlier call of ours did and only its answer
        was lost (an echo).

    Raises:
        Fenced: the lease is no longer ours, or the learner has cancelled.
    """
    ours = LabRun.objects.held(run.lease_token).filter(pk=run.pk)
    ours = ours.filter(cancel_requested_at__isnull=state != LabRun.State.CANCELLED)
    ending: dict[str, Any] = {"error": error, "lease_token": None, "finished_at": Now()}
    if move(run, ours, kind=state, state=state, **ending):
        return True
    if RunEvent.objects.filter(run=run, token=run.lease_token, kind=state).exists():
        return False
    raise Fenced


def hand_back(run: LabRun) -> None:
    """Let another worker have a run that this one has no time for. No failure is counted."""
    ours = LabRun.objects.held(run.lease_token).filter(pk=run.pk)
    move(run, ours, kind="handed-back", state="queued", lease_token=None)


def put_back(run: LabRun, *, why: str, note: str = "") -> None:
    """Give a run another chance after a failure of ours, or set it aside at the third.

    From now on its batch key is its own, so it runs alone: whatever killed the worker, its
    neighbours of last time are charged for it only once.
    """
    ours = LabRun.objects.held(run.lease_token).filter(pk=run.pk)
    failures = run.infra_failures + 1
    if run_is_unwanted(run):
        move(run, ours, kind="cancelled", state="cancelled", lease_token=None, finished_at=Now())
    elif failures >= MOST_FAILURES:
        ending = {"state": "quarantined", "error": OUR_FAULT, "finished_at": Now()}
        counted = {"infra_failures": failures, "lease_token": None}
        move(run, ours, kind="quarantined", note=f"{why}\n{note}", **ending, **counted)
    else:
        again = {
            "state": "queued",
            "infra_failures": failures,
            "lease_token": None,
            "not_before": Now() + Value(timedelta(seconds=BACK_OFF_S[failures])),
            "batch_key": f"alone#{run.pk}",
        }
        move(run, ours, kind="requeued", note=f"{why}\n{note}", **again)


def run_is_unwanted(run: LabRun) -> bool:
    """Whether the learner asked to cancel, maybe a moment ago."""
    return LabRun.objects.filter(pk=run.pk, cancel_requested_at__isnull=False).exists()


@transaction.atomic
def move(run: LabRun, ours: Any, *, kind: str, note: str = "", **columns: Any) -> bool:
    """One fenced UPDATE and its line in the history: both or neither."""
    if not ours.update(**columns):
        return False
    RunEvent.objects.create(
        run=run, kind=kind, claim=run.claims, token=run.lease_token, note=note.strip()
    )
    RunClaim.objects.filter(run=run, n=run.claims).update(
        ended_at=Now(), outcome=kind, note=note.strip()
    )
    return True


def refused(run: LabRun) -> None:
    """A late write was turned away. Kept in the history: a quiet fence proves nothing."""
    RunEvent.objects.create(run=run, kind="fenced", claim=run.claims, token=run.lease_token)
