"""A pack as it was read: files with their names, in order. Made by the reader."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from authoring.pack.base import Source
from authoring.pack.files import Fact, LabFile, LessonHead, PackFile, QuizFile, StepFile


@dataclass(frozen=True)
class Lesson:
    key: str
    position: int
    file: LessonHead
    body: str  # Markdown
    body_line: int  # the line of the file on which the body starts
    source: Source
    kind: Literal["lesson"] = "lesson"


@dataclass(frozen=True)
class Quiz:
    key: str
    position: int
    file: QuizFile
    source: Source
    kind: Literal["quiz"] = "quiz"


@dataclass(frozen=True)
class Lab:
    key: str
    position: int
    file: LabFile
    source: Source
    kind: Literal["lab"] = "lab"


Activity = Lesson | Quiz | Lab


@dataclass(frozen=True)
class Step:
    key: str
    position: int
    file: StepFile
    source: Source
    activities: tuple[Activity, ...] = ()

    @property
    def folder(self) -> str:
        return self.source.path.rpartition("/")[0]


@dataclass(frozen=True)
class Picture:
    """A cleaned picture, named by the sha256 of what is served."""

    sha256: str
    media_type: str
    data: bytes
    width: int = 0  # px, as far as the file says
    height: int = 0


@dataclass(frozen=True)
class Calibration:
    """Numbers that ship with the pack because the web process loads no vocabulary."""

    exercise: str
    sources: dict[str, str]  # slug → sha256 of the file that was measured
    values: dict[str, Any]
    source: Source


@dataclass(frozen=True)
class Pack:
    file: PackFile
    source: Source
    facts: Mapping[str, Fact] = field(default_factory=dict)  # by key
    facts_source: Source = field(default_factory=lambda: Source("facts.yaml"))
    steps: tuple[Step, ...] = ()
    pictures: Mapping[str, Picture] = field(default_factory=dict)  # path in the pack → picture
    calibrations: tuple[Calibration, ...] = ()
    unread: frozenset[str] = frozenset()  # keys and pictures that are there but broken

    @property
    def activities(self) -> list[Activity]:
        return [activity for step in self.steps for activity in step.activities]
