"""Lessons, questions and labs: what they refer to, and what each must have."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import ValidationError

from authoring.markdown import Rendered, render_lesson, render_text
from authoring.pack import (
    Lab,
    Lesson,
    Pack,
    Problem,
    Question,
    Quiz,
    Source,
    Step,
    misconceptions_of,
    texts_of,
)
from authoring.validator.instances import instance_problems
from authoring.validator.setting import context_of, misconception_id
from labs.registry import all_exercises
from roadmap.registry import draw_variant, generator_names

MIN_WORDS, MAX_WORDS = 600, 1_400
LAST_HEADING = "what you can now do"
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
KINDS = {"lessons": "lesson", "quizzes": "quiz", "labs": "lab"}
TRIES = 5  # drawings of a seeded question that are looked at


@dataclass(frozen=True)
class Place:
    """A question, and how its fields are called in its file."""

    question: Question
    at: str  # "bank.4"
    source: Source
    step: Step


class Texts:
    """Looks at every text of a pack, knowing what else is in it."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.kinds: Mapping[str, str] = {one.key: one.kind for one in pack.activities}
        self.steps = {step.key for step in pack.steps}
        self.misconceptions = {
            f"{step.key}:{one.id}" for step in pack.steps for one in step.file.misconceptions
        }

    def problems(self) -> Iterator[Problem]:
        for step in self.pack.steps:
            yield from self.step_problems(step)
            for activity in step.activities:
                if activity.kind == "lesson":
                    yield from self.lesson_problems(activity, step)
                elif activity.kind == "quiz":
                    yield from self.quiz_problems(activity, step)
                else:
                    yield from self.lab_problems(activity, step)
        yield from self.calibration_problems()

    def knows(self, key: str, kind: str) -> bool:
        return self.kinds.get(key) == kind or key in self.pack.unread

    def step_problems(self, step: Step) -> Iterator[Problem]:
        for number, one in enumerate(step.file.misconceptions):
            kind, _, key = one.remedy.partition(":")
            if one.remedy and not self.knows(key, kind):
                at = f"misconceptions.{number}.remedy"
                yield step.source.problem(at, f"no {kind} is called {key!r}. {self.known(kind)}")

    def known(self, kind: str) -> str:
        names = sorted(key for key, its in self.kinds.items() if its == kind)
        return f"There are: {', '.join(names)}." if names else f"There is no {kind} yet."

    # Lessons

    def lesson_problems(self, lesson: Lesson, step: Step) -> Iterator[Problem]:
        rendered = render_lesson(lesson.body, context_of(self.pack, step))
        yield from self.body_problems(lesson, rendered)
        yield from self.head_problems(lesson, step)
        yield from bar_problems(lesson, rendered)
        for number, check in enumerate(lesson.file.checks):
            place = Place(check, f"checks.{number}", lesson.source, step)
            yield from self.question_problems(place)
            times = rendered.checks.count(check.id)
            if times != 1:
                text = f"check {check.id!r} stands {times} times in the text. Place it once: "
                yield lesson.source.problem(place.at, f"{text}[[check: {check.id}]].")

    def body_problems(self, lesson: Lesson, rendered: Rendered) -> Iterator[Problem]:
        def at(line: int, field: str, text: str) -> Problem:
            return Problem(lesson.source.path, lesson.body_line + line - 1, field, text)

        for remark in rendered.remarks:
            if not (remark.field.startswith("fact ") and "facts.yaml" in self.pack.unread):
                yield at(remark.line, remark.field, remark.text)
        for line, kind, key in rendered.links:
            if not self.is_linked(kind, key):
                yield at(line, f"link /{kind}/{key}/", "nothing of this pack has this address.")
        known = {check.id for check in lesson.file.checks}
        for slug in sorted(set(rendered.checks) - known):
            text = "not among the checks of the front matter."
            yield lesson.source.problem("checks", f"[[check: {slug}]]: {text}")

    def is_linked(self, kind: str, key: str) -> bool:
        if kind in KINDS:
            return self.knows(key, KINDS[kind])
        return kind == "about" or key in self.steps or key in self.pack.unread

    def head_problems(self, lesson: Lesson, step: Step) -> Iterator[Problem]:
        for number, key in enumerate(lesson.file.facts):
            if key not in self.pack.facts and "facts.yaml" not in self.pack.unread:
                yield lesson.source.problem(f"facts.{number}", f"{key!r} is not in facts.yaml.")
        for number, name in enumerate(lesson.file.misconceptions):
            at = f"misconceptions.{number}"
            yield from self.known_misconception(name, lesson.source, at, step)

    def known_misconception(
        self, name: str, source: Source, at: str, step: Step
    ) -> Iterator[Problem]:
        full = misconception_id(step, name)
        if full not in self.misconceptions and full.partition(":")[0] not in self.pack.unread:
            text = f"no misconception is called {full!r}. Add it to step.yaml, or mend the name."
            yield source.problem(at, text)

    # Questions

    def quiz_problems(self, quiz: Quiz, step: Step) -> Iterator[Problem]:
        for number, question in enumerate(quiz.file.bank):
            place = Place(question, f"bank.{number}", quiz.source, step)
            if not question.lesson:
                text = "missing. Name the lesson it covers."
                yield quiz.source.problem(f"{place.at}.lesson", text)
            yield from self.question_problems(place)

    def question_problems(self, place: Place) -> Iterator[Problem]:
        question, source = place.question, place.source
        if question.lesson and not self.knows(question.lesson, "lesson"):
            text = f"no lesson is called {question.lesson!r}. {self.known('lesson')}"
            yield source.problem(f"{place.at}.lesson", text)
        for field, name in misconceptions_of(question):
            yield from self.known_misconception(name, source, f"{place.at}.{field}", place.step)
        for field, text in texts_of(question):
            yield from self.text_problems(text, source, f"{place.at}.{field}", place.step)
        if question.type == "numeric" and question.seeded:
            yield from seeded_problems(place)

    def text_problems(self, text: str, source: Source, at: str, step: Step) -> Iterator[Problem]:
        rendered = render_text(text, context_of(self.pack, step))
        for remark in rendered.remarks:
            if not (remark.field.startswith("fact ") and "facts.yaml" in self.pack.unread):
                said = ": ".join(part for part in (remark.field, remark.text) if part)
                yield source.problem(at, said)
        for _, kind, key in rendered.links:
            if not self.is_linked(kind, key):
                yield source.problem(at, f"nothing of this pack has the address /{kind}/{key}/.")

    # Labs

    def lab_problems(self, lab: Lab, step: Step) -> Iterator[Problem]:
        known = all_exercises()
        if lab.file.exercise not in known:
            text = f"no lab exercise is called {lab.file.exercise!r}. There are: "
            yield lab.source.problem("exercise", f"{text}{', '.join(known) or 'none'}.")
        else:
            yield from instance_problems(lab, self.pack)
        for field in ("brief", "honesty"):
            yield from self.text_problems(getattr(lab.file, field), lab.source, field, step)

    def calibration_problems(self) -> Iterator[Problem]:
        known = all_exercises()
        for calibration in self.pack.calibrations:
            if calibration.exercise not in known:
                text = f"no lab exercise is called {calibration.exercise!r}. There are: "
                yield calibration.source.problem("", f"{text}{', '.join(known) or 'none'}.")


def bar_problems(lesson: Lesson, rendered: Rendered) -> Iterator[Problem]:
    """What every lesson has: its length, something to see, something to answer, its sources."""
    at_body = lesson.body_line
    if not MIN_WORDS <= rendered.words <= MAX_WORDS:
        text = f"the text has {rendered.words:,} words. Write {MIN_WORDS} to {MAX_WORDS:,}."
        yield Problem(lesson.source.path, at_body, "", text)
    if not rendered.figures:
        text = "the text has no figure. Show a picture or a token strip."
        yield Problem(lesson.source.path, at_body, "", text)
    if LAST_HEADING not in {entry["text"].lower() for entry in rendered.toc}:
        text = "the text has no heading 'What you can now do'. End with it and three lines."
        yield Problem(lesson.source.path, at_body, "", text)
    if not lesson.file.checks:
        yield lesson.source.problem("checks", "missing. Every lesson asks at least one question.")
    if not lesson.file.sources:
        yield lesson.source.problem(
            "sources", "missing. Name at least one, with title and address."
        )


def seeded_problems(place: Place) -> Iterator[Problem]:
    """Draws the question a few times and compares what it names with what is there."""
    question, at = place.question, f"{place.at}.seeded"
    if question.type != "numeric" or question.seeded is None:
        return
    name, args = question.seeded.generator, question.seeded.args
    if name not in generator_names():
        text = f"no generator is called {name!r}. There are: {', '.join(generator_names())}."
        yield place.source.problem(f"{at}.generator", text)
        return
    try:
        variants = [draw_variant(name, args, seed) for seed in range(TRIES)]
    except ValidationError as error:
        for one in error.errors():
            field = ".".join(map(str, ("args", *one["loc"])))
            yield place.source.problem(f"{at}.{field}", f"{one['msg']}. See the generator {name}.")
        return
    for variant in variants[:1]:
        yield from trap_problems(place, set(variant.traps))
        yield from placeholder_problems(place, set(variant.values))


def trap_problems(place: Place, known: set[str]) -> Iterator[Problem]:
    if place.question.type == "numeric":
        for number, trap in enumerate(place.question.traps):
            if trap.value not in known:
                text = f"the generator has no trap {trap.value!r}. There are: "
                at = f"{place.at}.traps.{number}.value"
                yield place.source.problem(at, f"{text}{', '.join(sorted(known))}.")


def placeholder_problems(place: Place, known: set[str]) -> Iterator[Problem]:
    for field, text in texts_of(place.question):
        told = known if field == "prompt" else known | {"answer"}
        for name in sorted(set(PLACEHOLDER.findall(text)) - told):
            said = f"the generator has no value {{{name}}} to show here. There are: "
            at = f"{place.at}.{field}"
            yield place.source.problem(at, f"{said}{', '.join(sorted(told))}.")
