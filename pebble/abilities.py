"""What is measured for each member, and the targets. One line here is one row of the table."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pebble.decode import Way

GRADED, REPORTED = 1000, 300  # problems per row: a lab grades on it, or only shows it


@dataclass(frozen=True, slots=True)
class Target:
    """A share between `low` and `high`, 0 to 1. The interval's end must reach it, not its middle.

    A target with both ends is a window: there the measured share itself must lie inside.
    """

    low: float | None = None
    high: float | None = None

    def met(self, share: float, interval: tuple[float, float]) -> bool:
        if self.low is not None and self.high is not None:
            return self.low <= share <= self.high
        if self.low is not None:
            return interval[0] >= self.low
        return self.high is None or interval[1] <= self.high

    def __str__(self) -> str:
        if self.low is not None and self.high is not None:
            return f"{self.low} to {self.high}"
        return f"at least {self.low}" if self.low is not None else f"at most {self.high}"


@dataclass(frozen=True, slots=True)
class Ability:
    id: str
    text: str
    knobs: Mapping[str, int]
    target: Target | None = None  # None: reported, whatever it is
    n: int = REPORTED
    way: Way = field(default_factory=Way)
    votes: int = 1  # answers per problem; the most frequent one counts


def chain(operations: int, think: int, target: Target | None = None) -> Ability:
    return Ability(
        f"n{operations}-think{think}",
        f"{operations} operations, {think} thinking tokens",
        {"operations": operations},
        target,
        GRADED if target else REPORTED,
        Way(think=think),
    )


def noisy(temperature: float, votes: int) -> Ability:
    return Ability(
        f"t{temperature}-votes{votes}",
        f"8 operations, 8 thinking tokens, T {temperature}, {votes} vote(s)",
        {"operations": 8},
        None,
        GRADED,
        Way(think=8, temperature=temperature, seed=7),
        votes,
    )


def pairs(count: int, target: Target | None = None, **knobs: int) -> Ability:
    extra = "".join(f", {key} {value}" for key, value in knobs.items())
    return Ability(
        "-".join([f"pairs{count}", *(f"{key}{value}" for key, value in knobs.items())]),
        f"{count} pairs{extra}",
        {"pairs": count, **knobs},
        target,
        REPORTED if knobs else GRADED,
    )


def total(digits: int, target: Target | None = None, **knobs: int) -> Ability:
    form = ", ".join(knobs) or "fresh"
    return Ability(
        "-".join([f"digits{digits}", *knobs]),
        f"{digits}-digit sums, {form}",
        {"digits": digits, **knobs},
        target,
        200 if "leaked" in knobs else GRADED,
    )


SURE, GUESSING = Target(low=0.985), Target(high=0.35)
IN_RANGE, BEYOND = Target(low=0.95), Target(high=0.60)
LISTS = (*range(2, 34, 2), 36, 40)  # pairs


def stair_target(operations: int, think: int) -> Target | None:
    if think == operations:
        return SURE
    return GUESSING if think == 0 and operations >= 6 else None


def list_target(count: int) -> Target | None:
    if count <= 8:
        return IN_RANGE
    return BEYOND if count == 40 else None


STAIRS = tuple((n, think) for n in (2, 4, 6, 8) for think in range(13))
NOISE = (1.0, 1.5, 1.75, 2.0)  # temperatures; labs go to 2

REASON = (
    *(chain(n, think, stair_target(n, think)) for n, think in STAIRS),
    *(noisy(temperature, votes) for temperature in NOISE for votes in (1, 9)),
)
RECALL = (
    *(pairs(n, list_target(n)) for n in LISTS),
    *(pairs(n, near=6, symbol=symbol) for n in (8, 12, 16) for symbol in (1, 2)),
    *(pairs(n, position=place) for n in (12, 16) for place in (0, n // 2, n - 1)),
)
CLEAN = (total(3, Target(0.65, 0.80)), total(3, leaked=1), total(3, leaked=1, swapped=1))
LEAK = (total(3), total(3, Target(low=0.90), leaked=1), total(3, leaked=1, swapped=1))

ABILITIES = {
    "pebble-reason": REASON,
    "pebble-recall": RECALL,
    "pebble-twin-clean": CLEAN,
    "pebble-twin-leak": LEAK,
}
