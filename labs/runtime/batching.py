"""Many runs' calls, one thread that owns the model, one batch that rows join and leave."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Condition, Event, Thread
from typing import Any, TypeVar, cast

from labs.runtime import NoRoom, Stopped
from labs.runtime.drawing import Row, draw_next
from labs.runtime.model import DeviceLost, Model, OutOfMemory, Rows
from labs.runtime.sampling import Knobs

ROWS = 16  # on a CPU more rows only wait longer
CACHE_TOKENS = 65_536  # rows times width that a batch may reach
LOOK_S = 0.5  # how often a waiting caller looks whether the thread still lives
T = TypeVar("T")
Halted = Callable[[], bool]


@dataclass(eq=False)
class Call:
    """What one run asked for and waits on."""

    halted: Halted
    waiting: deque[Row] = field(default_factory=deque)
    working: int = 0  # rows in the batch
    work: Callable[[], Any] | None = None  # exclusive work instead of rows
    answer: Any = None
    error: BaseException | None = None
    over: Event = field(default_factory=Event)

    def fail(self, error: BaseException) -> None:
        self.error = error
        self.waiting.clear()
        self.over.set()


class Engine:
    """One model at work for everybody who calls."""

    def __init__(self, model: Model, *, rows: int = ROWS, cache_tokens: int = CACHE_TOKENS) -> None:
        self.model, self.most, self.cache_tokens = model, rows, cache_tokens
        self.limit = rows  # lower while memory is short
        self.calls: list[Call] = []
        self.active: list[tuple[Call, Row]] = []
        self.batch: Rows = model.open()
        self.knobs: Knobs | None = None  # of the active rows
        self.bell = Condition()
        self.is_closed = False
        self.lost: DeviceLost | None = None
        self.thread = Thread(target=self.loop, name="model", daemon=True)
        self.thread.start()

    # For the runs' threads.

    def generate(self, rows: Sequence[Row], halted: Halted) -> None:
        """Finish all rows.

        Raises:
            Stopped: the run has to stop; noticed at the next token.
            NoRoom: a row does not fit into memory even alone.
            DeviceLost: the device failed; this process must end.
        """
        if rows:
            self.wait(Call(halted, deque(rows)))

    def alone(self, work: Callable[[], T], halted: Halted) -> T:
        """Let one piece of work have the model between two steps; keep it under a second."""
        return cast(T, self.wait(Call(halted, work=work)))

    def wait(self, call: Call) -> Any:
        with self.bell:
            if self.lost is not None:
                raise DeviceLost(*self.lost.args)
            self.calls.append(call)
            self.bell.notify()
        while not call.over.wait(LOOK_S):
            if not self.thread.is_alive():
                raise DeviceLost("The thread of the model has ended.")
        if call.error is not None:
            raise call.error
        return call.answer

    @property
    def is_idle(self) -> bool:
        return not self.calls

    def close(self) -> None:
        """End the thread once nothing waits."""
        with self.bell:
            self.is_closed = True
            self.bell.notify()
        self.thread.join()

    # For the model's thread.

    def loop(self) -> None:
        while True:
            with self.bell:
                self.bell.wait_for(lambda: self.calls or self.is_closed)
                if not self.calls:
                    return
            try:
                self.turn()
            except DeviceLost as error:
                self.give_up(error)
                return
            except Exception as error:  # noqa: BLE001  # a bug of ours: the callers hear of it
                self.fail_everyone(error)

    def turn(self) -> None:
        """Exclusive work that waits, then one token for every row."""
        self.shed()
        for call in [call for call in self.calls if call.work]:
            self.perform(call)
        try:
            self.admit()
            if self.active:
                self.advance()
        except OutOfMemory:
            self.shrink()

    def shed(self) -> None:
        """Drop the calls of runs that were cancelled or are late."""
        halted = [call for call in self.calls if call.halted()]
        for call in halted:
            call.fail(Stopped())
        if halted:
            self.retain([n for n, (call, _) in enumerate(self.active) if call not in halted])
            self.forget()

    def perform(self, call: Call) -> None:
        try:
            call.answer = call.work() if call.work else None
            call.over.set()
        except Exception as error:  # noqa: BLE001  # it belongs to the caller
            call.fail(error)
        self.forget()

    def admit(self) -> None:
        """Let rows in when a quarter is free: joining for each single row is no faster."""
        free = self.limit - len(self.active)
        if self.active and free < max(1, self.limit // 4):
            return
        joiners = self.joiners(free)
        if not joiners:
            return
        self.active += joiners  # first, so that running out of memory here loses nobody
        self.knobs = None
        self.batch.join([row.so_far for _, row in joiners])

    def joiners(self, free: int) -> list[tuple[Call, Row]]:
        """One row per call in turn, so that many rows of one run cannot starve another's few."""
        found: list[tuple[Call, Row]] = []
        widest = max((self.width(row) for _, row in self.active), default=0)
        sources = deque(call for call in self.calls if call.waiting)
        while sources and len(found) < free:
            call = sources.popleft()
            widest = max(widest, self.width(call.waiting[0]))
            rows = len(self.active) + len(found) + 1
            if rows > 1 and rows * widest > self.cache_tokens:
                break
            found.append((call, call.waiting.popleft()))
            call.working += 1
            if call.waiting:
                sources.append(call)
        served = {call for call, _ in found}
        with self.bell:  # who was served comes last next time
            self.calls.sort(key=served.__contains__)
        return found

    @staticmethod
    def width(row: Row) -> int:
        """Tokens that a row reaches at most."""
        return len(row.prompt) + row.max_new

    def advance(self) -> None:
        rows = [row for _, row in self.active]
        if self.knobs is None:
            self.knobs = Knobs.of([row.sampling for row in rows])
        ids = draw_next(self.batch.logits(), rows, self.knobs)
        going = [
            n
            for n, row in enumerate(rows)
            if not row.end(self.model.stops, self.model.tokenizer.decode)
        ]
        for n in set(range(len(rows))).difference(going):
            call, _ = self.active[n]
            call.working -= 1
            if not call.waiting and not call.working:
                call.over.set()
        self.retain(going)
        self.forget()
        if going:
            self.batch.step(ids[going].tolist())

    def retain(self, which: list[int]) -> None:
        """Go on with these rows of the batch only."""
        if len(which) == len(self.active):
            return
        self.active = [self.active[n] for n in which]
        self.knobs = None
        if which:
            self.batch.keep(which)
        else:
            self.restart()

    def forget(self) -> None:
        """Take finished calls off the list."""
        with self.bell:
            self.calls = [call for call in self.calls if not call.over.is_set()]

    def restart(self) -> None:
        self.batch = self.model.open()
        self.knobs = None
        self.limit = self.most

    def shrink(self) -> None:
        """Half the rows; then one alone; then that one is refused. What was drawn is kept."""
        rows, self.active = self.active, []
        self.restart()
        self.limit = max(1, len(rows) // 2)
        for call, row in reversed(rows):
            call.working -= 1
            call.waiting.appendleft(row)
        if len(rows) == 1:
            call, row = rows[0]
            call.fail(no_room(len(row.so_far)))
        self.forget()

    def fail_everyone(self, error: BaseException) -> None:
        with self.bell:
            for call in self.calls:
                call.fail(error)
            self.calls, self.active = [], []
        self.restart()

    def give_up(self, error: DeviceLost) -> None:
        """Nothing more is computed on a device that has failed, not even an empty batch."""
        with self.bell:
            self.lost = error
            for call in self.calls:
                call.fail(error)
            self.calls, self.active = [], []


def no_room(tokens: int) -> NoRoom:
    return NoRoom(
        f"A text of {tokens:,} tokens does not fit into the memory of this worker, even alone. "
        "Shorten the prompt or ask for fewer new tokens. Your try was not used up."
    )
