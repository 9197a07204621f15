"""One call of `look()` claims and works until nothing waits or its turn is over."""

from time import monotonic

from django.conf import settings

from labs.models import LabRun
from labs.worker.batch import Batch
from labs.worker.child import child

A_MOMENT_S = 0.2  # an idle look that finds nothing takes less


def look(*, turn_s: float = float("inf")) -> int:
    """Work until nobody waits, the turn is over, or the child should end.

    The bell's task and the idle thread both come here; one lock per child keeps them apart, and
    who comes second goes away. Returns the number of runs worked on.
    """
    if not child.busy.acquire(timeout=A_MOMENT_S):
        return 0
    try:
        return work_until(monotonic() + turn_s)
    finally:
        child.busy.release()


def work_until(end: float) -> int:
    worked = 0
    while monotonic() < end and not (child.is_draining or child.is_worn_out):
        runs = LabRun.objects.claim(
            child.name, at_most=settings.LAB_BATCH, worker_class=settings.LAB_WORKER_CLASS
        )
        if not runs:
            break
        Batch(runs).work()
        worked += len(runs)
    return worked
