"""How many tokens a string has in one of two vocabularies.

The strings and their counts stand in the question, computed when it was written, so that no web
process loads a vocabulary.

Placeholders: {text}, {vocabulary} (the one asked for), {other} (the other's name),
{other_count}, {answer}.
Traps: other_vocabulary, characters, words, four_chars (a quarter of the characters).
"""

from typing import Annotated, Self

import numpy as np
from pydantic import Field, model_validator

from roadmap.generators import Args as BaseArgs
from roadmap.generators import Variant


class Sample(BaseArgs):
    text: str = Field(min_length=1, max_length=400)
    counts: dict[str, Annotated[int, Field(ge=1)]] = Field(min_length=2, max_length=2)


class Args(BaseArgs):
    pool: tuple[Sample, ...] = Field(min_length=1)
    ask: str = ""  # a vocabulary; empty: either, drawn

    @model_validator(mode="after")
    def vocabularies_agree(self) -> Self:
        names = {frozenset(sample.counts) for sample in self.pool}
        if len(names) > 1:
            raise ValueError("The pool counts in more than two vocabularies. Use the same two.")
        if self.ask and self.ask not in self.pool[0].counts:
            raise ValueError(f"ask is {self.ask!r}; the pool counts in {sorted(*names)}.")
        return self


def generate(args: Args, rng: np.random.Generator) -> Variant:
    sample = args.pool[int(rng.integers(len(args.pool)))]
    names = sorted(sample.counts)
    asked = args.ask or names[int(rng.integers(2))]
    (other,) = [name for name in names if name != asked]
    return Variant(
        values={
            "text": visible(sample.text),
            "vocabulary": asked,
            "other": other,
            "other_count": sample.counts[other],
        },
        answer=sample.counts[asked],
        traps={
            "other_vocabulary": sample.counts[other],
            "characters": len(sample.text),
            "words": len(sample.text.split()),
            "four_chars": round(len(sample.text) / 4),
        },
    )


def visible(text: str) -> str:
    """Outer spaces are part of the question, and a page would swallow them."""
    left, right = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    if not text.strip(" "):
        return "␣" * len(text)
    return "␣" * left + text.strip(" ") + "␣" * right
