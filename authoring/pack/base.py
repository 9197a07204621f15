"""What every part of a pack shares: strictness, names, texts, and the shape of a problem."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError


class Shape(BaseModel):
    """A part of a file. Unknown keys are errors, and nothing is converted behind one's back."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


def written(value: Any) -> Any:
    """Let `id: 1` stand for the id '1': an author need not know that YAML calls it a number."""
    return str(value) if type(value) is int else value


SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
FACT_KEY = r"^[a-z0-9]+([._-][a-z0-9]+)*$"
MONTH = r"^20\d\d-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?$"
ADDRESS = r"^https?://[^\s<>\"'`\\]+$"
FORMS = {  # pattern → how to write what it wants
    SLUG: "Use small letters, digits and single hyphens.",
    FACT_KEY: "Use small letters and digits, parted by dots.",
    MONTH: "Write a month such as 2026-11, or a day such as 2026-11-23.",
    ADDRESS: "Write an address that starts with https://.",
}
Slug = Annotated[str, Field(pattern=SLUG, max_length=50)]
Id = Annotated[str, BeforeValidator(written), Field(pattern=SLUG, max_length=40)]
FactKey = Annotated[str, Field(pattern=FACT_KEY, max_length=100)]
# The name of a misconception: of this step, or of another with its key in front.
Misconception = Annotated[
    str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*(:[a-z0-9]+(-[a-z0-9]+)*)?$", max_length=101)
]
Title = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[str, Field(min_length=1, max_length=300)]
Markdown = Annotated[str, Field(min_length=1, max_length=20_000)]
Minutes = Annotated[int, Field(ge=1, le=600)]
Month = Annotated[str, Field(pattern=MONTH)]
Address = Annotated[str, Field(pattern=ADDRESS, max_length=500)]

WORDS = ("none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def in_words(count: int) -> str:
    return WORDS[count] if count < len(WORDS) else str(count)


def wrong(text: str) -> PydanticCustomError:
    """An error whose text is ours, word for word."""
    return PydanticCustomError("cairn", "{text}", {"text": text})


def require_distinct(ids: Sequence[str]) -> None:
    twice = sorted({one for one in ids if ids.count(one) > 1})
    if twice:
        raise wrong(f"the id {twice[0]!r} stands there twice. Give each its own.")


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to mend: where it is, what was found, what to write."""

    path: str
    line: int  # 1, 2, 3 …; 0 where the whole file is meant
    field: str
    text: str
    is_warning: bool = False

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return ": ".join(part for part in (place, self.field, self.text) if part)


@dataclass(frozen=True)
class Source:
    """The file something was read from, and the line of each field in it."""

    path: str
    lines: Mapping[str, int] = field(default_factory=dict)  # "bank.4.options" → 31

    def line(self, at: str) -> int:
        """The line of a field, or of the nearest one above it that has a line."""
        while at:
            if at in self.lines:
                return self.lines[at]
            at = at.rpartition(".")[0]
        return self.lines.get("", 0)

    def problem(self, at: str, text: str, *, is_warning: bool = False) -> Problem:
        return Problem(self.path, self.line(at), at, text, is_warning)
