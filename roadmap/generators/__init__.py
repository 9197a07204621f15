"""What the generators of seeded questions share. A file here is one; its name is its slug.

A generator has `Args`, what an author may set, and `generate(args, rng)`, which draws one variant.
"""

from typing import Annotated

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Args(BaseModel):
    """What the author sets. An unknown name is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Table(BaseModel):
    """Numbers that a question shows under its text, already written out."""

    model_config = ConfigDict(frozen=True)

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Variant(BaseModel):
    """One drawing of a seeded question. `values` is shown; the rest belongs to the key."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    values: dict[str, int | float | str | Table]  # placeholder → what stands there
    answer: float
    traps: dict[str, float] = Field(default_factory=dict)  # name → the number of a wrong idea


def in_order(ends: tuple[float, float]) -> tuple[float, float]:
    if ends[0] > ends[1]:
        raise ValueError(f"{ends[0]} is above {ends[1]}. Write the smaller end first.")
    return ends


# Both ends belong to the range.
Range = Annotated[tuple[float, float], AfterValidator(in_order)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000)]
Counts = Annotated[tuple[Count, Count], AfterValidator(in_order)]


def draw_count(ends: tuple[int, int], rng: np.random.Generator, step: int = 1) -> int:
    """A multiple of `step` between the ends, or the lower end where there is none."""
    low, high = -(-ends[0] // step), ends[1] // step
    return int(rng.integers(low, high, endpoint=True)) * step if low <= high else ends[0]


def draw_number(ends: tuple[float, float], rng: np.random.Generator, decimals: int) -> float:
    return round(float(rng.uniform(*ends)), decimals)
