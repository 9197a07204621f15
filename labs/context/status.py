"""The state of a run in words, and the state of the queue."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from django.conf import settings
from django.utils.timezone import now

from labs.context.report import Report
from labs.context.words import clock, ordinal, visible
from labs.models import LabRun, Reconciliation, Worker

AWAY = timedelta(seconds=settings.LAB_LEASE + 2 * settings.LAB_BEAT)  # silent for longer: gone


@dataclass(frozen=True)
class Line:
    """Who waits before a run, and whether any worker answers."""

    ahead: int
    seen: datetime | None  # when a worker last said something

    @property
    def is_away(self) -> bool:
        return self.seen is None or now() - self.seen > AWAY

    @property
    def silence(self) -> str:
        if self.seen is None:
            return "No worker has answered yet."
        minutes = max(1, int((now() - self.seen).total_seconds() // 60))
        return f"No worker has answered for {minutes} min."


class RunStatus:
    """The state of a run in words. What it says changes only when its `stamp` does."""

    def __init__(self, run: LabRun, reconciliation: Reconciliation | None = None) -> None:
        self.run = run
        self.report = Report(run, reconciliation)
        self.line = line(run) if run.state == LabRun.State.QUEUED else None

    @property
    def key(self) -> str:
        """Changes when there is something to announce: the state, a quarter of the work."""
        run = self.run
        quarter = 4 * run.done_steps // run.total_steps if run.total_steps else 0
        return f"{run.state}.{run.claims}.{quarter}.{run.cancel_requested_at is not None:d}"

    @property
    def stamp(self) -> str:
        ahead = f"{self.line.ahead}.{self.line.silence * self.line.is_away}" if self.line else ""
        return f"{self.key}~{self.run.done_steps}.{self.run.poll_seconds}.{ahead}"

    def is_news(self, seen: str) -> bool:
        """Whether a page that last saw the stamp `seen` should say the state aloud."""
        return seen.partition("~")[0] != self.key

    @cached_property
    def words(self) -> str:
        words: str = getattr(self, f"_{self.run.state}")()
        return words

    def _queued(self) -> str:
        if self.line is None or self.line.is_away:
            silence = self.line.silence if self.line else ""
            return f"{silence} Your run is kept and starts by itself. You can leave this page."
        again = "Waiting again: the lab machine failed, not you. " * bool(self.run.infra_failures)
        return f"{again}{ordinal(self.line.ahead + 1)} in line. You can leave this page."

    def _running(self) -> str:
        if self.run.cancel_requested_at:
            return "Stopping: the run ends at its next step."
        return f"{self.progress} You can leave this page."

    @property
    def progress(self) -> str:
        if not self.run.total_steps:
            return "At work."
        return f"{self.run.done_steps} of {self.run.total_steps} steps done."

    def _done(self) -> str:
        if self.run.purpose == LabRun.Purpose.EXPLORE:
            return "This is what your settings do on the set you can see. It is not graded."
        if self.report.grade is None:
            return "The run is over; its grade is not written yet. Load the page again in a moment."
        wanted = [check for check in self.report.grade.checks if check["required"]]
        met = sum(check["passed"] for check in wanted)
        word = "Passed" if self.report.grade.passed else "Not passed yet"
        return f"{word}: {met} of {len(wanted)} required checks met."

    def _failed(self) -> str:
        found = visible(self.run.error) or "The run could not finish with these settings."
        return f"{found} This used no run of your try: change the settings and run again."

    def _cancelled(self) -> str:
        when = f" at {clock(self.run.finished_at)}" if self.run.finished_at else ""
        done = f" after {self.run.done_steps} of {self.run.total_steps} steps"
        after = done if self.run.total_steps else ""
        return f"Cancelled{when}{after}. It is not graded and used no run of your try."

    def _quarantined(self) -> str:
        return (
            "The lab machine failed three times on this run. Your try is safe and nothing of it "
            f"is used up: run again. If it happens once more, report run {self.run.pk}."
        )


def line(run: LabRun) -> Line:
    before = LabRun.objects.filter(
        state=LabRun.State.QUEUED, worker_class=run.worker_class, pk__lt=run.pk
    )
    workers = Worker.objects.filter(worker_class=run.worker_class)
    seen = workers.order_by("-last_seen").values_list("last_seen", flat=True)[:1]
    return Line(ahead=before.count(), seen=next(iter(seen), None))


@dataclass(frozen=True)
class Queue:
    """The lab chip."""

    tone: str
    words: str


def queue() -> Queue:
    waiting = LabRun.objects.filter(state=LabRun.State.QUEUED).count()
    last = Worker.objects.order_by("-last_seen").values_list("last_seen", "worker_class").first()
    if last is None or now() - last[0] > AWAY:
        return Queue("warning", "No worker answering: runs are kept")
    if waiting:
        return Queue("info", f"{waiting} waiting")
    return Queue("success", f"Labs ready ({last[1].upper()})")
