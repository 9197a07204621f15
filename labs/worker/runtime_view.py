"""One run's view of the child's runtime: its deadline, its stop flag, its progress."""

from collections.abc import Sequence
from time import monotonic
from typing import Literal

import numpy as np
import numpy.typing as npt

from labs.runtime import Generated, Prompt, Runtime, Sampling, Stopped, Tokenizer
from labs.runtime.loading import get_runtime
from labs.worker.child import child

Why = Literal["cancelled", "lost", "drained", "late"]


class RuntimeView:
    """Passes everything on to the shared runtime until the run has to stop."""

    def __init__(self, limit_s: float, *, shares: bool = False) -> None:
        self.shares = shares  # whether other runs use the machine at the same time
        self.deadline = monotonic() + limit_s
        self.why: Why | None = None  # set once: the first reason to stop is the reason
        self.progress = (0, 0)  # steps done, steps in all

    def stop(self, why: Why) -> None:
        if self.why is None:
            self.why = why

    def cancelled(self) -> bool:
        if child.is_drained:
            self.stop("drained")
        elif monotonic() > self.deadline:
            self.stop("late")
        return self.why is not None

    def report(self, done: int, total: int) -> None:
        self.progress = (max(0, done), max(0, total))

    def runtime(self) -> Runtime:
        """The shared runtime, for one more block of work."""
        if self.cancelled():
            raise Stopped
        return get_runtime().for_run(self.cancelled)

    def tokenizer(self, slug: str) -> Tokenizer:
        return self.runtime().tokenizer(slug)

    def next_logits(self, role: str, prompts: Sequence[Prompt]) -> npt.NDArray[np.float32]:
        return self.runtime().next_logits(role, prompts)

    def score(
        self, role: str, prompts: Sequence[Prompt], continuations: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        return self.runtime().score(role, prompts, continuations)

    def generate(
        self,
        role: str,
        prompts: Sequence[Prompt],
        *,
        sampling: Sampling | Sequence[Sampling],
        max_new: int,
        row_seeds: Sequence[int],
    ) -> tuple[Generated, ...]:
        return self.runtime().generate(
            role, prompts, sampling=sampling, max_new=max_new, row_seeds=row_seeds
        )
