"""Softmax of three logits at a temperature: a probability, or the ratio of two.

Placeholders: {a}, {b}, {c} (logits of tokens A, B, C, largest first), {t}, {table}, {answer}.
Traps: no_temperature (as at 1), inverted (multiplied instead of divided), linear (shares of the
logits themselves).
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from roadmap.generators import Args as BaseArgs
from roadmap.generators import Range, Table, Variant

DECIMALS = 3

Logits = tuple[float, float, float]
Temperature = Annotated[float, Field(ge=0.1, le=5)]


class Args(BaseArgs):
    ask: Literal["probability", "ratio"] = "probability"  # of A, or of A to B
    logits: Range = (0.0, 5.0)
    temperatures: tuple[Temperature, ...] = Field((0.5, 0.7, 1.5, 2.0), min_length=1)


def generate(args: Args, rng: np.random.Generator) -> Variant:
    logits = draw_logits(args.logits, rng)
    t = args.temperatures[int(rng.integers(len(args.temperatures)))]
    find = probability if args.ask == "probability" else ratio
    a, b, c = logits
    linear = a / (sum(logits) if args.ask == "probability" else b or 1.0)
    rows = tuple(zip("ABC", (f"{logit:.1f}" for logit in logits), strict=True))
    return Variant(
        values={
            "a": a,
            "b": b,
            "c": c,
            "t": t,
            "table": Table(columns=("Token", "Logit"), rows=rows),
        },
        answer=round(find(logits, t), DECIMALS),
        traps={
            "no_temperature": round(find(logits, 1.0), DECIMALS),
            "inverted": round(find(logits, 1 / t), DECIMALS),
            "linear": round(linear, DECIMALS),
        },
    )


def draw_logits(ends: tuple[float, float], rng: np.random.Generator) -> Logits:
    """Three different logits, largest first, in steps of 0.5, from inside the range if it can."""
    low = round(ends[0] * 2)
    high = max(round(ends[1] * 2), low + 2)
    a, b, c = sorted(rng.choice(np.arange(low, high + 1), size=3, replace=False), reverse=True)
    return int(a) / 2, int(b) / 2, int(c) / 2


def probability(logits: Logits, t: float) -> float:
    """Of the first token. The largest logit is first, so no power overflows."""
    powers = [float(np.exp((logit - logits[0]) / t)) for logit in logits]
    return powers[0] / sum(powers)


def ratio(logits: Logits, t: float) -> float:
    return float(np.exp((logits[0] - logits[1]) / t))
