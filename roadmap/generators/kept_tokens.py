"""How many tokens of a drawn distribution survive a top-p cut.

Placeholders: {p}, {n}, {table}, {answer}.
Traps: share_of_tokens (p of the tokens), one_less (the crossing token is dropped),
above_rest (tokens more likely than 1 - p).
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from roadmap.generators import Args as BaseArgs
from roadmap.generators import Table, Variant, draw_count, in_order

Shape = Literal["peaked", "flat"]
Size = Annotated[int, Field(ge=3, le=20)]
Cut = Annotated[float, Field(ge=0.05, le=0.99)]

MILLE = 1000  # probabilities are whole thousandths, so that sums are exact


class Args(BaseArgs):
    tokens: Annotated[tuple[Size, Size], AfterValidator(in_order)] = (8, 14)
    p: Annotated[tuple[Cut, Cut], AfterValidator(in_order)] = (0.6, 0.95)
    shape: tuple[Shape, ...] = Field(("peaked", "flat"), min_length=1)


def generate(args: Args, rng: np.random.Generator) -> Variant:
    n = draw_count(args.tokens, rng)
    shape = args.shape[int(rng.integers(len(args.shape)))]
    thousandths = draw_thousandths(n, shape, rng)
    sums = np.cumsum(sorted(thousandths, reverse=True))
    cut = draw_cut(args.p, sums, rng)
    answer = int(np.searchsorted(sums, cut)) + 1
    p = cut / MILLE
    rows = tuple((f"t{i}", f"{mille / MILLE:.3f}") for i, mille in enumerate(thousandths, start=1))
    return Variant(
        values={"p": p, "n": n, "table": Table(columns=("Token", "Probability"), rows=rows)},
        answer=answer,
        traps={
            "share_of_tokens": round(p * n),
            "one_less": answer - 1,
            "above_rest": sum(mille > MILLE - cut for mille in thousandths),
        },
    )


def draw_thousandths(n: int, shape: Shape, rng: np.random.Generator) -> list[int]:
    """Probabilities of n tokens in thousandths: at least 1 each, 1000 in all, in any order."""
    ratio = 0.62 if shape == "peaked" else 0.97
    weights = ratio ** np.arange(n) * rng.uniform(0.85, 1.15, n)
    thousandths = 1 + np.floor((MILLE - n) * weights / weights.sum()).astype(int)
    thousandths[int(np.argmax(weights))] += MILLE - int(thousandths.sum())
    return [int(mille) for mille in rng.permutation(thousandths)]


def draw_cut(
    ends: tuple[float, float],
    sums: np.ndarray[tuple[int], np.dtype[np.int_]],
    rng: np.random.Generator,
) -> int:
    """A top-p in thousandths, whole hundredths, that no running sum hits exactly.

    Engines differ on whether a sum equal to p is enough; a question must not turn on that.
    """
    low, high = round(ends[0] * 100), round(ends[1] * 100)
    free = [cut * 10 for cut in range(low, high + 1) if cut * 10 not in sums]
    return int(rng.choice(free)) if free else low * 10 - 5
