"""The files of a pack: what each may say."""

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, field_validator, model_validator

from authoring.pack.base import (
    Address,
    FactKey,
    Id,
    Line,
    Markdown,
    Minutes,
    Misconception,
    Month,
    Shape,
    Slug,
    Title,
    require_distinct,
    wrong,
)
from authoring.pack.questions import Question
from roadmap.policy import Policy

Plain = str | int | float | bool


class PackFile(Shape):
    """pack.yaml."""

    slug: Slug
    title: Title
    version: str = Field(min_length=1, max_length=30)
    language: str = Field(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")
    licence: str = Field(min_length=1, max_length=60)
    authors: list[Title] = Field(min_length=1, max_length=50)


class FactSource(Shape):
    title: Line
    publisher: Line
    url: Address


class Fact(Shape):
    """A dated fact of facts.yaml, which texts name instead of stating."""

    key: FactKey
    value: Plain | list[Plain] | dict[str, Plain]
    text: str = Field("", max_length=500)  # what a page shows; else the value itself
    kind: Literal["primary", "secondary", "computed", "measured"]
    as_of: Month | None = None
    review_by: Month | None = None
    source: FactSource | None = None
    check: str = Field("", pattern=r"^([a-z][a-z0-9_.-]*)?$", max_length=100)

    @model_validator(mode="after")
    def someone_or_something_vouches_for_it(self) -> "Fact":
        dated = self.source and self.as_of and self.review_by
        if self.kind in ("primary", "secondary") and not dated:
            raise wrong(f"is {self.kind}, so it needs source, as_of and review_by.")
        if self.kind in ("computed", "measured") and not (self.check or dated):
            raise wrong(f"is {self.kind}, so it needs check, or source, as_of and review_by.")
        if not self.text and not isinstance(self.value, Plain):
            raise wrong("has a value of several parts. Write in text how a page shows it.")
        return self

    @property
    def shown(self) -> str:
        return self.text or str(self.value)


class Misunderstanding(Shape):
    id: Id  # without the step's key in front
    text: Line
    remedy: str = Field("", pattern=r"^((lesson|lab):[a-z0-9]+(-[a-z0-9]+)*)?$")


class Reading(Shape):
    """A source of a step or a lesson."""

    title: Line
    publisher: Line
    url: Address
    read: Month | None = None


class Planned(Shape):
    title: Title
    about: Line


class PlannedQuiz(Shape):
    about: Line


class Outline(Shape):
    """What is still to come in a step."""

    note: str = Field("", max_length=1000)
    lessons: list[Planned] = Field(default_factory=list, max_length=40)
    labs: list[Planned] = Field(default_factory=list, max_length=40)
    quiz: PlannedQuiz | None = None


class StepFile(Shape):
    """step.yaml."""

    title: Title
    promise: Line  # "You can …", one sentence
    outcome: str = Field("", max_length=2000)
    effort: str = Field("", max_length=40)  # "8 to 10 h"
    goals: list[Line] = Field(default_factory=list, max_length=20)
    needs: list[Slug] = Field(default_factory=list, max_length=40)
    complete: bool = False
    outline: Outline = Outline()
    misconceptions: list[Misunderstanding] = Field(default_factory=list, max_length=60)
    sources: list[Reading] = Field(default_factory=list, max_length=60)

    @field_validator("misconceptions")
    @classmethod
    def each_has_its_id(cls, found: list[Misunderstanding]) -> list[Misunderstanding]:
        require_distinct([one.id for one in found])
        return found


class LessonHead(Shape):
    """The front matter of NN-slug.lesson.md."""

    title: Title
    summary: Line
    minutes: Minutes
    required: bool = True
    facts: list[FactKey] = Field(default_factory=list, max_length=60)
    misconceptions: list[Misconception] = Field(default_factory=list, max_length=30)
    sources: list[Reading] = Field(default_factory=list, max_length=60)
    checks: list[Question] = Field(default_factory=list, max_length=10)

    @field_validator("checks")
    @classmethod
    def each_has_its_id(cls, checks: list[Question]) -> list[Question]:
        require_distinct([check.id for check in checks])
        return checks


class QuizPolicy(Policy):
    """The rules of a quiz, read as strictly as everything else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)


class QuizFile(Shape):
    """NN-slug.quiz.yaml."""

    title: Title
    summary: Line
    minutes: Minutes
    required: bool = True
    policy: Annotated[QuizPolicy, Field(default_factory=QuizPolicy)]
    bank: list[Question] = Field(min_length=1, max_length=300)

    @field_validator("bank")
    @classmethod
    def each_has_its_id(cls, bank: list[Question]) -> list[Question]:
        require_distinct([question.id for question in bank])
        return bank

    @model_validator(mode="after")
    def the_bank_is_large_enough(self) -> "QuizFile":
        if self.policy.draw > len(self.bank):
            raise wrong(
                f"policy.draw is {self.policy.draw}, but the bank has {len(self.bank)} questions. "
                "Draw fewer, or write more."
            )
        return self


class HiddenKey(Shape):
    hidden: dict[str, Any] = Field(default_factory=dict)


class LabFile(Shape):
    """NN-slug.lab.yaml."""

    title: Title
    summary: Line
    minutes: Minutes
    required: bool = True
    exercise: Slug
    brief: Markdown
    honesty: Markdown  # one line: what this lab does not show
    key: HiddenKey = HiddenKey()


class CalibrationFile(Shape):
    """calibrations/<exercise>.json, as the calibrate command writes it."""

    sources: dict[str, str]  # slug → sha256 of the file that was measured
    values: dict[str, Any]
