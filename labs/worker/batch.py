"""Runs claimed together, side by side in threads. Nothing that one does reaches another."""

import faulthandler
from collections.abc import Callable, Sequence
from threading import Lock, Thread
from time import monotonic, sleep
from traceback import format_tb

import structlog
from django.db import InterfaceError, OperationalError, connections
from structlog.contextvars import bound_contextvars

from labs.models import LabRun
from labs.worker.child import child
from labs.worker.execution import Crash, Outcome, compute, write
from labs.worker.heartbeat import Heartbeat
from labs.worker.leases import Fenced, finish, refused
from labs.worker.runtime_view import RuntimeView

log = structlog.get_logger(__name__)
GRACE_S = 4  # between a run's own limit and the watchdog that ends the child
STDERR = 2  # its number: Celery puts a stand-in at sys.stderr
PATIENCE_S = 120  # how long a result is kept while the database is away


class Batch:
    """One claim at work."""

    def __init__(self, runs: Sequence[LabRun]) -> None:
        self.runs = runs
        shares = len(runs) > 1
        self.views = {run.pk: RuntimeView(run.limit_s, shares=shares) for run in runs}
        self.computing = {run.pk for run in runs}
        self.lock = Lock()

    def work(self) -> None:
        """Bring every run to its end. Returns when no lease is held any more."""
        token = self.runs[0].lease_token
        if token is None:
            raise LookupError("These runs were not claimed.")
        limit = max(run.limit_s for run in self.runs) + GRACE_S
        # It needs no interpreter lock, so it ends a child that hangs in native code.
        faulthandler.dump_traceback_later(limit, exit=True, file=STDERR)
        heartbeat = Heartbeat(token, self.views)
        heartbeat.start()
        threads = [
            Thread(target=self.attend, args=[run], name=f"run-{run.pk}") for run in self.runs
        ]
        try:
            for thread in threads:
                thread.start()
            wait(threads)
        finally:
            wait(threads)  # a signal to end raises in the first wait; the leases are still held
            heartbeat.stop()
            faulthandler.cancel_dump_traceback_later()
            child.served += len(self.runs)

    def attend(self, run: LabRun) -> None:
        """The edge of a run's thread: whatever happens inside ends here."""
        with bound_contextvars(run=run.pk, claim=run.claims, request_id=run.request_id):
            try:
                outcome = self.compute(run)
                insist(lambda: self.write(run, outcome))
            except BaseException:
                log.exception("a run could not be written down; its lease will run out")
            finally:
                connections.close_all()

    def compute(self, run: LabRun) -> Outcome:
        try:
            return compute(run, self.views[run.pk])
        except BaseException as error:
            log.exception("a run crashed")
            # A native panic is a BaseException; nobody knows what it left behind.
            child.is_spoiled |= not isinstance(error, Exception)
            # Type and places only: the message may hold the learner's text.
            return Crash(
                why=type(error).__name__, note="".join(format_tb(error.__traceback__))[-8000:]
            )
        finally:
            self.leave(run)

    def leave(self, run: LabRun) -> None:
        """The watchdog minds computing only: a result may wait for a database that is away."""
        with self.lock:
            self.computing.discard(run.pk)
            if not self.computing:
                faulthandler.cancel_dump_traceback_later()

    def write(self, run: LabRun, outcome: Outcome) -> None:
        try:
            log.info("run ended", how=write(run, self.views[run.pk], outcome))
        except Fenced:
            self.give_way(run)

    def give_way(self, run: LabRun) -> None:
        """What was found is not wanted: the learner has cancelled, or the lease is another's."""
        try:
            finish(run, state="cancelled")
            log.info("run ended", how="cancelled")
        except Fenced:
            refused(run)
            log.warning("run ended", how="fenced")


def wait(threads: Sequence[Thread]) -> None:
    for thread in threads:
        if thread.is_alive():
            thread.join()


def insist(step: Callable[[], None]) -> None:
    """Try again while the database is away. A lost answer to a commit shows as an echo."""
    until = monotonic() + PATIENCE_S
    while True:
        try:
            return step()
        except (OperationalError, InterfaceError) as error:
            log.warning("the database is away", error=str(error))
            connections.close_all()
            if monotonic() > until:
                raise
            sleep(1)
