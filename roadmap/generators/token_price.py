"""What calls cost when input and output tokens have different prices.

Placeholders: {tokens_in}, {tokens_out} (per call), {calls}, {price_in}, {price_out} (money per
million tokens), {answer} (money for all calls).
Traps: swapped (prices the wrong way round), one_price (all tokens at the input price), one_call.
"""

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from roadmap.generators import Args as BaseArgs
from roadmap.generators import Counts, Variant, draw_count, in_order

DECIMALS = 8  # a quarter of money per million tokens is exact
MILLION = 1_000_000

Price = Annotated[float, Field(gt=0, le=1000)]
Prices = Annotated[tuple[Price, Price], AfterValidator(in_order)]


class Args(BaseArgs):
    tokens_in: Counts = (500, 8_000)
    tokens_out: Counts = (100, 2_000)
    calls: Counts = (1, 1)
    price_in: Prices = (0.5, 5.0)
    price_out: Prices = (6.0, 20.0)


def generate(args: Args, rng: np.random.Generator) -> Variant:
    tokens_in = draw_count(args.tokens_in, rng, step=100)
    tokens_out = draw_count(args.tokens_out, rng, step=100)
    calls = draw_count(args.calls, rng)
    price_in, price_out = draw_price(args.price_in, rng), draw_price(args.price_out, rng)

    def cost(per_in: float, per_out: float, times: int = calls) -> float:
        return round(times * (tokens_in * per_in + tokens_out * per_out) / MILLION, DECIMALS)

    return Variant(
        values={
            "tokens_in": tokens_in,
            "tokens_out": tokens_out,
            "calls": calls,
            "price_in": price_in,
            "price_out": price_out,
        },
        answer=cost(price_in, price_out),
        traps={
            "swapped": cost(price_out, price_in),
            "one_price": cost(price_in, price_in),
            "one_call": cost(price_in, price_out, times=1),
        },
    )


def draw_price(ends: tuple[float, float], rng: np.random.Generator) -> float:
    """In quarters, as price lists have it, or the lower end where the range holds none."""
    low, high = int(np.ceil(ends[0] * 4)), int(ends[1] * 4)
    return int(rng.integers(low, high, endpoint=True)) / 4 if low <= high else ends[0]
