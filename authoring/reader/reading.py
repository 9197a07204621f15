"""Files → Pack. Every problem is collected; what can be read is read."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, RootModel

from authoring import drawing
from authoring.pack import (
    Activity,
    Calibration,
    Fact,
    Lab,
    LabFile,
    Lesson,
    LessonHead,
    Pack,
    PackFile,
    Picture,
    Problem,
    Quiz,
    QuizFile,
    Source,
    Step,
    StepFile,
)
from authoring.pack.files import CalibrationFile
from authoring.reader.archive import shelf_of_zip
from authoring.reader.plain_yaml import parse
from authoring.reader.shapes import fit
from authoring.reader.shelf import ACTIVITY, FOLDER, Shelf, shelf_of_folder

MAX_LESSON_BYTES = 200_000
MAX_CALIBRATION_BYTES = 2_000_000
S = TypeVar("S", bound=BaseModel)


class FactList(RootModel[list[Fact]]):
    """facts.yaml."""


@dataclass
class Outcome:
    """What was read, and what is wrong with it. No pack where pack.yaml could not be read."""

    pack: Pack | None = None
    problems: list[Problem] = field(default_factory=list)


def read_folder(folder: Path) -> Outcome:
    return read_shelf(shelf_of_folder(folder))


def read_path(path: Path) -> Outcome:
    """A pack in a folder or in a zip file."""
    if path.suffix != ".zip":
        return read_folder(path)
    with shelf_of_zip(path) as shelf:
        return read_shelf(shelf)


def read_shelf(shelf: Shelf) -> Outcome:
    reader = Reader(shelf)
    pack = reader.pack() if shelf.files or not shelf.problems else None
    return Outcome(pack, sorted(shelf.problems))


class Reader:
    """Reads the files of one shelf and puts what is wrong on the shelf's list."""

    def __init__(self, shelf: Shelf) -> None:
        self.shelf = shelf
        self.unread: set[str] = set()

    def pack(self) -> Pack | None:
        file, source = self.file("pack.yaml", PackFile)
        facts, facts_source = self.facts()
        steps = self.steps()
        pictures = self.pictures()
        calibrations = self.calibrations()
        if file is None:
            return None
        return Pack(
            file=file,
            source=source,
            facts=facts,
            facts_source=facts_source,
            steps=steps,
            pictures=pictures,
            calibrations=calibrations,
            unread=frozenset(self.unread),
        )

    def file(self, path: str, shape: type[S]) -> tuple[S | None, Source]:
        if path not in self.shelf.files:
            self.shelf.refuse(path, "missing. Every pack or step starts with it.")
            return None, Source(path)
        text = self.shelf.text(path)
        return (None, Source(path)) if text is None else self.shaped(text, path, shape)

    def shaped(
        self, text: str, path: str, shape: type[S], line: int = 1
    ) -> tuple[S | None, Source]:
        parsed = parse(text, path, first_line=line)
        source = Source(path, parsed.lines)
        self.shelf.problems += parsed.problems
        if parsed.problems:
            return None, source
        value, problems = fit(shape, parsed.data, source)
        self.shelf.problems += problems
        return value, source

    def facts(self) -> tuple[Mapping[str, Fact], Source]:
        if "facts.yaml" not in self.shelf.files:
            return {}, Source("facts.yaml")
        found, source = self.file("facts.yaml", FactList)
        if found is None:
            self.unread.add("facts.yaml")
            return {}, source
        facts: dict[str, Fact] = {}
        for number, fact in enumerate(found.root):
            if fact.key in facts:
                text = f"the key {fact.key!r} stands there twice. Keep one."
                self.shelf.problems.append(source.problem(f"{number}.key", text))
            facts[fact.key] = fact
        return facts, source

    def steps(self) -> tuple[Step, ...]:
        folders = sorted({path.split("/")[0] for path in self.shelf.files if "/" in path})
        found = [self.step(folder) for folder in folders if FOLDER.fullmatch(folder)]
        self.require_order([folder for folder in folders if FOLDER.fullmatch(folder)], "")
        return tuple(step for step in found if step)

    def step(self, folder: str) -> Step | None:
        number, key = folder[:2], folder[3:]
        file, source = self.file(f"{folder}/step.yaml", StepFile)
        activities = self.activities(folder)
        if file is None:
            self.unread.add(key)
            return None
        return Step(key, int(number), file, source, activities)

    def activities(self, folder: str) -> tuple[Activity, ...]:
        inside = [path for path in self.shelf.files if path.rpartition("/")[0] == folder]
        names = sorted(path.rpartition("/")[2] for path in inside)
        matches = [match for name in names if (match := ACTIVITY.fullmatch(name))]
        self.require_order([match[0] for match in matches], f"{folder}/")
        found = [self.activity(f"{folder}/{match[0]}", match) for match in matches]
        return tuple(activity for activity in found if activity)

    def require_order(self, names: list[str], folder: str) -> None:
        for before, name in pairwise(names):
            if before[:2] == name[:2]:
                text = f"has the same number as {before}. Give each its own."
                self.shelf.refuse(f"{folder}{name}", text)

    def activity(self, path: str, match: re.Match[str]) -> Activity | None:
        number, key, kind = int(match[1]), match[2], match[3] or match[4]
        readers: dict[str, Any] = {"lesson": self.lesson, "quiz": self.quiz, "lab": self.lab}
        activity: Activity | None = readers[kind](path, key, number)
        if activity is None:
            self.unread.add(key)
        return activity

    def quiz(self, path: str, key: str, number: int) -> Quiz | None:
        file, source = self.file(path, QuizFile)
        return Quiz(key, number, file, source) if file else None

    def lab(self, path: str, key: str, number: int) -> Lab | None:
        file, source = self.file(path, LabFile)
        return Lab(key, number, file, source) if file else None

    def lesson(self, path: str, key: str, number: int) -> Lesson | None:
        text = self.shelf.text(path)
        if text is None:
            return None
        if len(text.encode()) > MAX_LESSON_BYTES:
            self.shelf.refuse(path, f"is larger than {MAX_LESSON_BYTES:,} bytes. Split the lesson.")
            return None
        head, mark, body = text.partition("\n---\n")
        if not text.startswith("---\n") or not mark:
            hint = "Start the file with a line ---, title, summary, minutes, and a line ---."
            self.shelf.problems.append(Problem(path, 1, "", f"has no front matter. {hint}"))
            return None
        file, source = self.shaped(head.removeprefix("---\n"), path, LessonHead, 2)
        first = head.count("\n") + 3
        return Lesson(key, number, file, body, first, source) if file else None

    def pictures(self) -> dict[str, Picture]:
        found = {}
        for path in sorted(self.shelf.files):
            if "/img/" not in path:
                continue
            data = self.shelf.read(path)
            try:
                drawn = drawing.clean(data, Path(path).suffix) if data is not None else None
            except drawing.Unfit as unfit:
                self.shelf.refuse(path, str(unfit))
                drawn = None
            if drawn is None:
                self.unread.add(path)
                continue
            name = hashlib.sha256(drawn.data).hexdigest()
            found[path] = Picture(name, drawn.media_type, drawn.data, drawn.width, drawn.height)
        return found

    def calibrations(self) -> tuple[Calibration, ...]:
        paths = [path for path in sorted(self.shelf.files) if path.startswith("calibrations/")]
        found = [self.calibration(path) for path in paths]
        return tuple(calibration for calibration in found if calibration)

    def calibration(self, path: str) -> Calibration | None:
        self.unread.add(path)
        text = self.shelf.text(path)
        if text is None:
            return None
        if len(text) > MAX_CALIBRATION_BYTES:
            self.shelf.refuse(path, f"is larger than {MAX_CALIBRATION_BYTES:,} bytes.")
            return None
        try:
            data = json.loads(text, parse_constant=no_number)
            require_storable(data)
        except (ValueError, RecursionError) as error:
            self.shelf.refuse(path, f"is not JSON: {error}. Make it with the calibrate command.")
            return None
        file, problems = fit(CalibrationFile, data, Source(path))
        self.shelf.problems += problems
        if file is None:
            return None
        self.unread.discard(path)
        return Calibration(Path(path).stem, dict(file.sources), dict(file.values), Source(path))


def no_number(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def require_storable(data: Any) -> None:
    """Escapes in JSON can write what no database keeps: half a character, and NUL."""
    text = json.dumps(data, ensure_ascii=False)
    text.encode()
    if "\\u0000" in text:
        raise ValueError("a text holds a NUL")
