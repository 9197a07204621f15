"""What a quiz allows: how many items, what passes, when answers are shown. Pure."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Policy(BaseModel):
    """The rules of one quiz. Copied into each attempt when it opens, so a change is never late."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    draw: int = Field(12, ge=1, le=60)  # items shown in one attempt
    pass_mark: float = Field(0.8, gt=0, le=1)  # share of points
    reveal: Literal["each", "end"] = (
        "each"  # verdict and explanation after each item, or at the end
    )
    free_attempts: int = Field(3, ge=1)  # after these, attempts wait for each other
    wait_minutes: int = Field(10, ge=0, le=10_080)  # a week at the most
    counts_best_of: int = Field(3, ge=1)  # the best of the last this many attempts counts
