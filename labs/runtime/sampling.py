"""From logits to the next token: bias, penalty, temperature, cuts and the row's own random numbers.

Sorted by (logit falling, id rising), every cut keeps a prefix and temperature changes no order. So
the 256 largest logits answer almost every draw, and say themselves when they cannot.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from labs.runtime import Sampling

Floats = npt.NDArray[np.float64]
Logits = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

WINDOW = 256  # entries; one more is fetched to know what lies beyond the edge
COLDEST = 0.001  # below it is argmax: the favourite has everything, and float32 would overflow


@dataclass(frozen=True, kw_only=True)
class Top:
    """The K largest logits of B rows, sorted by (logit falling, id rising)."""

    logits: Logits  # (B, K)
    ids: Ints  # (B, K)
    edge: Logits  # (B,) the largest logit that was left out; -inf where none was
    log_mass: Floats  # (B,) nats, ln of the sum of exp over the row, as its first cut sees it
    size: int  # V, entries in the vocabulary

    def take(self, which: Ints) -> "Top":
        return Top(
            logits=self.logits[which],
            ids=self.ids[which],
            edge=self.edge[which],
            log_mass=self.log_mass[which],
            size=self.size,
        )


@dataclass(frozen=True, kw_only=True)
class Knobs:
    """The settings of B rows, one array per knob."""

    greedy: Bools  # (B,) argmax, the lowest id of equals
    temperature: Floats  # (B,) 1 where greedy
    top_k: Ints  # (B,) 0 means off
    top_p: Floats  # (B,) 0 to 1
    min_p: Floats  # (B,) 0 to 1
    late: Bools  # (B,) llamacpp: the cuts come first and temperature last
    min_p_first: Bools  # (B,) vllm: top-p sees what min-p has left

    @classmethod
    def of(cls, rows: Sequence[Sampling]) -> "Knobs":
        heat = np.array([row.temperature for row in rows], dtype=np.float64)
        return cls(
            greedy=heat < COLDEST,
            temperature=np.where(heat < COLDEST, 1.0, heat),
            top_k=np.array([row.top_k for row in rows], dtype=np.int64),
            top_p=np.array([row.top_p for row in rows], dtype=np.float64),
            min_p=np.array([row.min_p for row in rows], dtype=np.float64),
            late=np.array([row.order == "llamacpp" for row in rows], dtype=np.bool_),
            min_p_first=np.array([row.order == "vllm" for row in rows], dtype=np.bool_),
        )

    @property
    def first_temperature(self) -> Floats:
        """What the logits are divided by before the cuts, (B,)."""
        return np.where(self.late, 1.0, self.temperature)

    def take(self, which: Ints) -> "Knobs":
        return Knobs(**{name: values[which] for name, values in vars(self).items()})


@dataclass(frozen=True, kw_only=True)
class Cut:
    """How much of each sorted row survives."""

    chances: Floats  # (B, K) share of the whole row, 0 to 1, before the cuts
    mass: Floats  # (B, K) running sums of `chances`
    keep: Ints  # (B,) entries that survive; V where more than the window may
    known: Bools  # (B,) whether the window proves `keep`
    open_p: Bools  # (B,) only top-p cuts, somewhere past the window
    open_all: Bools  # (B,) nothing cuts


def uniforms(seed: int, n: int) -> Floats:
    """The first n random numbers of a row, each in [0, 1).

    Raw bits of a named counter-based generator: stable between library versions and devices.
    """
    raw = np.random.Philox(key=seed).random_raw(n)
    return np.asarray((raw >> np.uint64(11)) * 2.0**-53)


def changed(logits: Logits, sampling: Sampling, seen: Sequence[int]) -> Logits:
    """A copy of one row, (V,), after logit bias and then repetition penalty.

    Args:
        logits: The model's own, (V,).
        sampling: The row's settings.
        seen: Ids of the prompt and of what was generated.

    Source: SequenceBias- and RepetitionPenaltyLogitsProcessor of transformers, in its order.
    """
    logits = logits.copy()
    for token, bias in sampling.logit_bias.items():
        if 0 <= token < len(logits):
            logits[token] += np.float32(bias)
    if sampling.repetition_penalty != 1:
        ids = np.unique(np.asarray(seen, dtype=np.int64))
        penalty = np.float32(sampling.repetition_penalty)
        logits[ids] = np.where(logits[ids] > 0, logits[ids] / penalty, logits[ids] * penalty)
    return logits


def changes(sampling: Sampling) -> bool:
    """Whether a row's logits differ from the model's before the first cut."""
    return bool(sampling.logit_bias) or sampling.repetition_penalty != 1


def log_mass(logits: Logits, temperature: Floats) -> Floats:
    """The ln of the sum of exp(logits / temperature) of each row; (B, V), (B,) -> (B,), nats."""
    largest = logits.max(axis=1)
    scaled = (logits - largest[:, None]) / temperature[:, None].astype(np.float32)
    return np.asarray(np.log(np.exp(scaled).sum(axis=1, dtype=np.float64)) + largest / temperature)


def window(logits: Logits, temperature: Floats, size: int = WINDOW) -> Top:
    """The `size` largest entries of each row, or all of a smaller vocabulary."""
    vocabulary = logits.shape[1]
    if vocabulary <= size:
        return whole(logits, temperature)
    cut = np.argpartition(logits, vocabulary - size - 1, axis=1)[:, vocabulary - size - 1 :]
    edge = np.take_along_axis(logits, cut[:, :1], axis=1)[:, 0]
    ids = cut[:, 1:]
    largest, ids = ordered(np.take_along_axis(logits, ids, axis=1), ids)
    return Top(
        logits=largest,
        ids=ids,
        edge=edge,
        log_mass=log_mass(logits, temperature),
        size=vocabulary,
    )


def whole(logits: Logits, temperature: Floats) -> Top:
    """Every entry of each row, sorted."""
    ids = np.argsort(-logits, axis=1, kind="stable")  # equal logits stay in id order
    return Top(
        logits=np.take_along_axis(logits, ids, axis=1),
        ids=ids,
        edge=np.full(len(logits), -np.inf, dtype=np.float32),
        log_mass=log_mass(logits, temperature),
        size=logits.shape[1],
    )


def ordered(logits: Logits, ids: Ints) -> tuple[Logits, Ints]:
    """Both arrays, (B, K), by (logit falling, id rising)."""
    places = np.argsort(-logits, axis=1)
    logits = np.take_along_axis(logits, places, axis=1)
    ids = np.take_along_axis(ids, places, axis=1)
    ties = (logits[:, 1:] == logits[:, :-1]).any(axis=1)
    for row in np.flatnonzero(ties):
        places = np.lexsort((ids[row], -logits[row]))
        logits[row], ids[row] = logits[row][places], ids[row][places]
    return logits, ids


def cut(top: Top, knobs: Knobs) -> Cut:
    """Which prefix of each sorted row the cuts keep, in the row's own order of knobs."""
    width, size = top.logits.shape[1], top.size
    logits = top.logits.astype(np.float64)
    scaled = logits / knobs.first_temperature[:, None]
    chances = np.exp(scaled - top.log_mass[:, None])
    mass = np.cumsum(chances, axis=1)
    by_k = np.where(knobs.top_k > 0, np.minimum(knobs.top_k, size), size)
    over = (chances >= knobs.min_p[:, None] * chances[:, :1]).sum(axis=1)
    has_m = knobs.min_p > 0
    by_m = np.where(has_m & (over < width), over, size)
    far_m = has_m & (over >= width) & (width < size)  # min-p cuts past the window, or not at all
    before_p = np.where(knobs.min_p_first, np.minimum(by_k, by_m), by_k)  # what top-p sees
    far_before = (before_p > width) & ((before_p < size) | (knobs.min_p_first & far_m))
    by_p = prefix(mass, knobs.top_p, before_p, size)
    keep = np.maximum(np.minimum(np.minimum(before_p, by_p), by_m), 1)
    has_p = knobs.top_p < 1
    known = ~(far_before & has_p) & (keep <= width)
    unbounded = ~known & ~knobs.late & (by_k >= size) & ~has_m
    return Cut(
        chances=chances,
        mass=mass,
        keep=np.where(knobs.greedy, 1, keep),
        known=known | knobs.greedy,
        open_p=unbounded & has_p & ~knobs.greedy,
        open_all=unbounded & ~has_p & ~knobs.greedy,
    )


def prefix(mass: Floats, top_p: Floats, before: Ints, size: int) -> Ints:
    """Entries in the smallest prefix that holds `top_p` of what the earlier cuts left, (B,).

    `size` where top-p is off or the prefix ends past the window.
    """
    width = mass.shape[1]
    last = np.minimum(before, width)[:, None] - 1
    total = np.where(before >= size, 1.0, np.take_along_axis(mass, last, axis=1)[:, 0])
    count = (mass < (top_p * total)[:, None]).sum(axis=1) + 1
    # Rounding can leave the whole row a little short of p; then the whole row is kept.
    return np.where((top_p < 1) & (count <= width), count, size)


def pick(top: Top, knobs: Knobs, u: Floats) -> tuple[Ints, Bools]:
    """Draw by inverse distribution function; (B,) places in the sorted rows and their certainty."""
    found = cut(top, knobs)
    width = top.logits.shape[1]
    kept = np.minimum(found.keep, width)
    weights = np.where(knobs.late[:, None], late_weights(top, knobs), found.chances)
    place = np.where(
        found.keep <= WINDOW, by_id(top, weights, kept, u), by_rank(found, knobs, weights, u)
    )
    if width == top.size:
        return place, np.ones(len(place), dtype=np.bool_)
    sure = (top.logits > top.edge[:, None]).sum(axis=1)  # entries whose rank is certain
    # Past the window the kept mass is known between two bounds; often both give the same entry.
    low = np.where(found.open_p, np.maximum(knobs.top_p, found.mass[:, -1]), 1.0)
    high = np.where(found.open_p, np.minimum(knobs.top_p + found.chances[:, -1], 1.0), 1.0)
    nearest, furthest = below(found.mass, u * low), below(found.mass, u * high)
    bounded = (found.open_p | found.open_all) & (nearest == furthest) & (nearest < sure)
    certain = (found.known & (found.keep <= sure)) | bounded
    return np.where(certain, np.where(bounded, nearest, place), 0), certain


def by_id(top: Top, weights: Floats, kept: Ints, u: Floats) -> Ints:
    """Places where at most a window is kept: drawn in id order.

    Rounding that swaps two nearly equal logits then changes no draw.
    """
    head = min(top.logits.shape[1], WINDOW)
    inside = np.arange(head) < kept[:, None]
    order = np.argsort(np.where(inside, top.ids[:, :head], top.size), axis=1)
    ordered_weights = np.take_along_axis(np.where(inside, weights[:, :head], 0), order, axis=1)
    running = np.cumsum(ordered_weights, axis=1)
    found = np.minimum(below(running, u * running[:, -1]), np.minimum(kept, head) - 1)
    return np.asarray(np.take_along_axis(order, found[:, None], axis=1)[:, 0])


def by_rank(found: Cut, knobs: Knobs, weights: Floats, u: Floats) -> Ints:
    """Places where more is kept: drawn in the order of the logits, whose head a window holds."""
    kept = np.minimum(found.keep, weights.shape[1])
    running = np.where(knobs.late[:, None], np.cumsum(weights, axis=1), found.mass)
    total = np.take_along_axis(running, kept[:, None] - 1, axis=1)[:, 0]
    # Without a cut the mass is 1; the running sum may end a rounding error away from it.
    total = np.where((found.keep >= weights.shape[1]) & ~knobs.late, 1.0, total)
    last = np.minimum(kept, np.maximum((weights > 0).sum(axis=1), 1)) - 1
    return np.asarray(np.minimum(below(running, u * total), last))


def late_weights(top: Top, knobs: Knobs) -> Floats:
    """exp(logits / T), up to a factor of the row; (B, K)."""
    logits = top.logits.astype(np.float64)
    return np.asarray(np.exp((logits - logits[:, :1]) / knobs.temperature[:, None]))


def below(running: Floats, target: Floats) -> Ints:
    """How many running sums do not pass the target, (B,)."""
    return np.asarray((running <= target[:, None]).sum(axis=1))


def draw(top: Top, knobs: Knobs, u: Floats, rest: Callable[[Ints], Logits]) -> tuple[Ints, int]:
    """The next token of each row.

    Args:
        top: The windows of B rows, their log-mass at `knobs.first_temperature`.
        knobs: Their settings.
        u: One random number in [0, 1) per row, (B,).
        rest: Fetches all logits of the rows it is given, (n, V); called only where needed.

    Returns:
        Token ids, (B,), and how many rows needed the whole vocabulary.
    """
    place, certain = pick(top, knobs, u)
    ids = np.take_along_axis(top.ids, place[:, None], axis=1)[:, 0]
    unsure = np.flatnonzero(~certain)
    if len(unsure):
        few = knobs.take(unsure)
        full = whole(rest(unsure), few.first_temperature)
        full = Top(**{**vars(full), "log_mass": top.log_mass[unsure]})  # one definition of mass
        place, _ = pick(full, few, u[unsure])
        ids[unsure] = np.take_along_axis(full.ids, place[:, None], axis=1)[:, 0]
    return ids, len(unsure)


def sample(logits: Logits, rows: Sequence[Sampling], u: Floats) -> tuple[Ints, int]:
    """Draw from logits that are already changed, (B, V); see `draw`."""
    knobs = Knobs.of(rows)
    top = window(logits, knobs.first_temperature)
    return draw(top, knobs, u, lambda which: logits[which])


def probabilities(logits: Logits, sampling: Sampling, seen: Sequence[int] = ()) -> Floats:
    """What one row is drawn from, (V,), 0 to 1; exactly 0 for what a cut took away."""
    row = changed(logits, sampling, seen)[None]
    knobs = Knobs.of([sampling])
    top = whole(row, knobs.first_temperature)
    found = cut(top, knobs)
    weights = late_weights(top, knobs)[0]
    weights[found.keep[0] :] = 0
    chances = np.zeros(row.shape[1])
    chances[top.ids[0]] = weights / weights.sum()
    return chances
