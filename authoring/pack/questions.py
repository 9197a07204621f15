"""The eight types of question, as an author writes them."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from authoring.pack.base import (
    Id,
    Markdown,
    Misconception,
    Shape,
    Slug,
    in_words,
    require_distinct,
    wrong,
)

Number = Annotated[float, Field(ge=-1e15, le=1e15)]
BLANK = re.compile(r"\[\[(\d{1,2})\]\]")


class Option(Shape):
    """One choice. It explains itself, whether it is right or wrong."""

    id: Id
    text: Markdown
    right: bool = False
    why: Markdown
    misconception: Misconception | None = None


class Item(Shape):
    """A thing to put in order, or one side of a pair."""

    id: Id
    text: Markdown


class Trap(Shape):
    """A wrong answer that gives away what the learner thought."""

    value: Number | str
    why: Markdown
    misconception: Misconception | None = None


class Blank(Shape):
    id: Id  # the n of [[n]] in the prompt
    accept: list[str] = Field(min_length=1, max_length=20)
    why: Markdown


class Seeded(Shape):
    """Numbers drawn anew for each attempt by a generator that is installed with the product."""

    generator: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)
    args: dict[str, Any] = Field(default_factory=dict)


class Asked(Shape):
    """What all questions have."""

    id: Slug
    lesson: str = Field("", pattern=r"^([a-z0-9]+(-[a-z0-9]+)*)?$")  # the lesson it covers
    prompt: Markdown
    why_right: Markdown


class Choice(Asked):
    options: list[Option] = Field(min_length=2, max_length=12)

    @field_validator("options")
    @classmethod
    def options_have_their_own_ids(cls, options: list[Option]) -> list[Option]:
        require_distinct([option.id for option in options])
        return options


class Single(Choice):
    type: Literal["single"]

    @field_validator("options")
    @classmethod
    def exactly_one_is_right(cls, options: list[Option]) -> list[Option]:
        right = sum(option.right for option in options)
        if right > 1:
            raise wrong(
                f"{in_words(right)} are marked right, but type is single. "
                "Write type: multiple, or mark one."
            )
        if right == 0:
            raise wrong("none is marked right. Write right: true at the one that is.")
        return options


class Multiple(Choice):
    type: Literal["multiple"]

    @field_validator("options")
    @classmethod
    def at_least_one_is_right(cls, options: list[Option]) -> list[Option]:
        if not any(option.right for option in options):
            raise wrong("none is marked right. Write right: true at each that is.")
        return options


class Numeric(Asked):
    """A number. With `seeded`, the generator computes the answer, and traps name its values."""

    type: Literal["numeric"]
    answer: Number | None = None
    seeded: Seeded | None = None
    tolerance: Annotated[float, Field(ge=0, le=1e15)] = 0
    unit: str = Field("", max_length=30)
    traps: list[Trap] = Field(default_factory=list, max_length=20)

    @model_validator(mode="after")
    def it_has_an_answer_or_a_generator(self) -> "Numeric":
        if self.answer is not None and self.seeded is not None:
            raise wrong("has both answer and seeded. Keep one: the generator computes the answer.")
        if self.answer is None and self.seeded is None:
            raise wrong("has no answer. Write answer: a number, or seeded: a generator.")
        return self

    @model_validator(mode="after")
    def traps_are_wrong_answers(self) -> "Numeric":
        for trap in self.traps:
            named = isinstance(trap.value, str)
            if named != (self.seeded is not None):
                wanted = "the name of a value of the generator" if self.seeded else "a number"
                raise wrong(f"a trap has the value {trap.value!r}. Write {wanted}.")
            if (
                self.answer is not None
                and isinstance(trap.value, float | int)
                and abs(trap.value - self.answer) <= self.tolerance
            ):
                raise wrong(f"the trap {trap.value:g} would be counted as right. Move it.")
        return self


class Order(Asked):
    type: Literal["order"]
    items: list[Item] = Field(min_length=2, max_length=12)
    order: list[Id]

    @model_validator(mode="after")
    def the_order_names_each_item_once(self) -> "Order":
        require_distinct([item.id for item in self.items])
        if sorted(self.order) != sorted(item.id for item in self.items):
            raise wrong("order does not name each item exactly once. List all ids, first to last.")
        return self


class Match(Asked):
    type: Literal["match"]
    left: list[Item] = Field(min_length=2, max_length=12)
    right: list[Item] = Field(min_length=2, max_length=12)
    pairs: dict[Id, Id]
    why: dict[Id, Markdown]

    @model_validator(mode="after")
    def every_left_item_has_its_pair(self) -> "Match":
        left, right = [one.id for one in self.left], [one.id for one in self.right]
        require_distinct(left)
        require_distinct(right)
        for name, found in (("pairs", self.pairs), ("why", self.why)):
            if set(found) != set(left):
                off = ", ".join(sorted(set(found) ^ set(left)))
                raise wrong(f"{name} and left do not agree about {off}. Give each left id one.")
        strangers = sorted(set(self.pairs.values()) - set(right))
        if strangers:
            raise wrong(
                f"pairs names {strangers[0]!r}, which is not in right. Write one of its ids."
            )
        return self


class Cloze(Asked):
    type: Literal["cloze"]
    blanks: list[Blank] = Field(min_length=1, max_length=12)

    @model_validator(mode="after")
    def blanks_are_those_of_the_prompt(self) -> "Cloze":
        ids = [blank.id for blank in self.blanks]
        require_distinct(ids)
        found = BLANK.findall(self.prompt)
        if sorted(found) != sorted(ids):
            shown = ", ".join(f"[[{n}]]" for n in found) or "no [[1]]"
            raise wrong(
                f"the prompt has {shown}, blanks has {', '.join(ids)}. "
                "Write each blank once in both."
            )
        return self


class TextTrap(Trap):
    value: str


class Predict(Asked):
    type: Literal["predict"]
    accept: list[str] = Field(min_length=1, max_length=20)
    traps: list[TextTrap] = Field(default_factory=list, max_length=20)


class Mark(Asked):
    """Click the tokens. Indexes count from 0."""

    type: Literal["mark"]
    tokens: list[Annotated[str, Field(min_length=1, max_length=60)]] = Field(
        min_length=2, max_length=80
    )
    accept: list[int] = Field(min_length=1)
    why: dict[int, Markdown] = Field(default_factory=dict)

    @model_validator(mode="after")
    def indexes_are_in_range(self) -> "Mark":
        last = len(self.tokens) - 1
        for index in [*self.accept, *self.why]:
            if not 0 <= index <= last:
                raise wrong(f"{index} is not a token. Indexes go from 0 to {last}.")
        if len(set(self.accept)) < len(self.accept):
            raise wrong("accept names a token twice. Write each index once.")
        return self


Question = Annotated[
    Single | Multiple | Numeric | Order | Match | Cloze | Predict | Mark,
    Field(discriminator="type"),
]


def texts_of(question: Question) -> Iterator[tuple[str, str]]:
    """Field and Markdown of everything in a question that is rendered."""
    yield "prompt", question.prompt
    yield "why_right", question.why_right
    for name in ("options", "items", "left", "right", "blanks", "traps"):
        for number, part in enumerate(getattr(question, name, [])):
            for field in ("text", "why"):
                if hasattr(part, field):
                    yield f"{name}.{number}.{field}", getattr(part, field)
    for key, why in getattr(question, "why", {}).items():
        yield f"why.{key}", why


def misconceptions_of(question: Question) -> Iterator[tuple[str, str]]:
    """Field and name of each misconception that a wrong answer gives away."""
    for name in ("options", "traps"):
        for number, part in enumerate(getattr(question, name, [])):
            if part.misconception:
                yield f"{name}.{number}.misconception", part.misconception
