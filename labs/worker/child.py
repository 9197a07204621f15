"""What one pool child knows about itself: its name, whether it works, whether it must stop."""

import os
from socket import gethostname
from threading import Lock
from time import monotonic

DRAIN_S = 30  # how long a batch may go on after the worker was asked to stop
MOST_RUNS = 200  # then the child makes room for a fresh one; memory leaks end here


class Child:
    """The state of a process. The parent has one too and uses its name only."""

    def __init__(self) -> None:
        self.busy = Lock()  # held by whoever works: the bell's task or the idle thread
        self.served = 0  # runs
        self.is_spoiled = False  # a native panic or device error: trust this process no more
        self.draining_since: float | None = None

    @property
    def name(self) -> str:
        return f"{family(os.getppid())}{os.getpid()}"

    @property
    def is_worn_out(self) -> bool:
        return self.is_spoiled or self.served >= MOST_RUNS

    @property
    def is_draining(self) -> bool:
        return self.draining_since is not None

    @property
    def is_drained(self) -> bool:
        """Whether the patience with a running batch is over."""
        since = self.draining_since
        return since is not None and monotonic() > since + DRAIN_S

    def drain(self) -> None:
        if self.draining_since is None:
            self.draining_since = monotonic()


def family(parent: int) -> str:
    """How the names of all children of one worker begin."""
    return f"{gethostname()[:60]}:{parent}:"


child = Child()
