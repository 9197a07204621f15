"""What goes into token-surgeon and what comes out."""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from labs.contract import Params, Part, Result
from labs.runtime.strips import Strip, Vocabulary

ASKED = ("tekken", "spm32k")  # what counts are asked in
OFFERED = ("tekken", "spm32k", "bytes", "chars")  # what an explore run can show
LABELS = {
    "word": "A word",
    "capital": "A capitalised word",
    "digits": "Digits",
    "date": "A date",
    "name": "A name from code, or an address",
    "code": "Indented code",
    "hindi": "A Hindi sentence",
    "emoji": "One joined emoji",
}
ASCII = 6  # of the eight strings of a set, the first six

Count = Annotated[int, Field(ge=0, le=1_000)]
Offset = Annotated[int, Field(ge=1, le=1_000)]  # UTF-8 bytes
Offsets = Annotated[list[Offset], Field(max_length=200)]
FreeText = Annotated[str, Field(max_length=200)]


class Pair(Part):
    tekken: Count
    spm32k: Count


class Prediction(Part):
    counts: dict[str, Pair] = Field(max_length=16)  # by string
    cuts: dict[str, Offsets] = Field({}, max_length=16)  # in tekken


class Shows(Part):
    tekken: bool = True
    spm32k: bool = True
    bytes: bool = False
    chars: bool = False


class Controls(Part):
    first_text: FreeText = ""
    second_text: FreeText = ""
    show: Shows = Shows()

    @field_validator("first_text", "second_text")
    @classmethod
    def can_be_stored(cls, text: str) -> str:
        if "\0" in text:
            raise ValueError("The text holds a NUL character, which cannot be stored. Delete it.")
        return text


class Answers(Part):
    counts: dict[str, Count] = Field({}, max_length=16)
    cuts: dict[str, Offsets] = Field({}, max_length=16)


class String(Part):
    id: str
    family: str
    text: str

    @property
    def lang(self) -> str:
        return "hi" if self.family == "hindi" else ""


class Asked(String):
    vocabulary: Literal["tekken", "spm32k"]


class Given(Part):
    first: tuple[String, ...]
    second: tuple[Asked, ...]
    noun: str  # for the transfer question


class Key(Part):
    counts: tuple[int, ...]  # of the second set, each in its own vocabulary
    cuts: tuple[tuple[int, ...], ...]  # of its six ASCII strings
    cheaper: str  # vocabulary that needs fewer tokens for the noun


class SurgeonParams(Params):
    prediction: Prediction
    controls: Controls = Controls()
    answers: Answers = Answers()
    given: Given
    key: Key


class Shown(Part):
    strips: list[Strip]
    vocabularies: list[Vocabulary]


class Hidden(Part):
    first_counts: dict[str, Pair]
    first_cuts: dict[str, list[int]]  # in tekken
    counts: list[int]
    cuts: list[list[int]]


class SurgeonResult(Result):
    shown: Shown
    hidden: Hidden
