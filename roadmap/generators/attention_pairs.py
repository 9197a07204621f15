"""Who may attend to whom under a causal mask.

Placeholders: {n} (tokens), {k} (a token's place, from 1), {answer}.
Traps: without_itself (the diagonal forgotten), no_mask (everyone sees everyone), after (the
mask the wrong way round).
"""

from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from roadmap.generators import Args as BaseArgs
from roadmap.generators import Variant, draw_count, in_order

Length = Annotated[int, Field(ge=3, le=4096)]


class Args(BaseArgs):
    ask: Literal["positions", "pairs"] = "positions"  # of token k, or of all tokens together
    tokens: Annotated[tuple[Length, Length], AfterValidator(in_order)] = (6, 12)


def generate(args: Args, rng: np.random.Generator) -> Variant:
    n = draw_count(args.tokens, rng)
    k = int(rng.integers(2, n))
    if args.ask == "positions":
        answer, traps = k, {"without_itself": k - 1, "no_mask": n, "after": n - k}
    else:
        answer, traps = n * (n + 1) // 2, {"without_itself": n * (n - 1) // 2, "no_mask": n * n}
    return Variant(values={"n": n, "k": k}, answer=answer, traps=traps)
