"""Gives back the runs whose worker has gone silent, and looks after every run that waits."""

from datetime import timedelta
from time import monotonic

import structlog
from django.conf import settings
from django.db import Error, connections, transaction
from django.db.models import Q
from django.db.models.functions import Now

from labs.models import LabRun, RunEvent, Worker
from labs.models.queue import lease
from labs.worker.leases import put_back

log = structlog.get_logger(__name__)
LONGEST_BACK_OFF = timedelta(seconds=60)
FORGET_WORKERS = timedelta(hours=1)


def sweep() -> int:
    """Mend every run that nobody would touch otherwise. Two sweeps at once are harmless.

    Returns the number of runs whose lease had run out.
    """
    running = LabRun.objects.filter(state="running")
    queued = LabRun.objects.filter(state="queued")
    # A clock that was set back must not make anybody wait for it.
    far_lease = running.filter(lease_until__gt=Now() + 2 * lease())
    far_start = queued.filter(not_before__gt=Now() + LONGEST_BACK_OFF)
    gone = Worker.objects.filter(last_seen__lt=Now() - FORGET_WORKERS)
    silent = running.filter(Q(lease_until__lt=Now()) | Q(lease_until=None))
    # Look before writing: on SQLite even an UPDATE of nothing holds up a claim.
    if far_lease.exists():
        far_lease.update(lease_until=Now() + lease())
    if far_start.exists():
        far_start.update(not_before=Now())
    for run in queued.filter(cancel_requested_at__isnull=False):
        cancel(run)
    if gone.exists():
        gone.delete()
    return take_back() if silent.exists() else 0


@transaction.atomic
def take_back() -> int:
    """Runs whose lease ran out: back to the queue, set aside at the third time, or cancelled."""
    silent = LabRun.objects.filter(state="running").exclude(lease_until__gte=Now())
    runs = list(silent.select_for_update(skip_locked=True, of=("self",)))
    for run in runs:
        log.warning("a lease ran out", run=run.pk, claim=run.claims, worker=run.worker)
        put_back(run, why="the lease ran out")
    return len(runs)


@transaction.atomic
def cancel(run: LabRun) -> None:
    """A cancelled run that its worker could only hand back."""
    waiting = LabRun.objects.filter(pk=run.pk, state="queued")
    if waiting.update(state="cancelled", finished_at=Now()):
        RunEvent.objects.create(run=run, kind="cancelled", claim=run.claims)


class Sweeper:
    """Sweeps now and then, and not at all while the database comes and goes."""

    def __init__(self) -> None:
        self.not_before = 0.0

    def sweep(self) -> int:
        """One careful sweep.

        After an error of the database it waits one lease: the workers, who were cut off as well,
        renew their leases first.
        """
        if monotonic() < self.not_before:
            return 0
        try:
            return sweep()
        except Error as error:
            log.warning("a sweep was left out", error=str(error))
            connections.close_all()
            self.not_before = monotonic() + settings.LAB_LEASE
            return 0


sweeper = Sweeper()
