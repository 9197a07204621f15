"""A question as the author wrote it → what is shown, what is right, and why."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from authoring.markdown import Image, Rendered, render_lesson, render_text
from authoring.pack import Pack, Question, Step
from authoring.validator import context_of, misconception_id
from roadmap.digest import digest

# Raise it when rendered explanations should change: keys are never changed, so they need new
# versions. Prompts, lessons and briefs are rendered again at every publication.
RENDERER = 1

URL_NAMES = {"lesson": "roadmap:lesson-detail", "lab": "labs:lab-detail"}
Json = dict[str, Any]


class Scribe:
    """Renders the texts of one step, and remembers the facts and pictures they show."""

    def __init__(self, pack: Pack, step: Step) -> None:
        self.pack, self.step = pack, step
        self.facts: dict[str, str] = {}
        self.pictures: dict[str, str] = {}
        base = context_of(pack, step)
        self.image_of = base.image
        self.context = replace(base, image=self.image)

    def image(self, source: str) -> Image | None:
        image = self.image_of(source)
        if image:
            self.pictures[source] = image.address
        return image

    def remember(self, rendered: Rendered) -> Rendered:
        self.facts |= {key: self.pack.facts[key].shown for _, key in rendered.facts}
        return rendered

    def text(self, markdown: str) -> str:
        return self.remember(render_text(markdown, self.context)).html

    def lesson(self, markdown: str) -> Rendered:
        return self.remember(render_lesson(markdown, self.context))

    @property
    def shown(self) -> Json:
        return {"facts": self.facts, "pictures": self.pictures}


@dataclass(frozen=True)
class Prepared:
    """The columns of a question's version and key."""

    content: Json
    html: Json
    key: Json
    explanations: Json = field(default_factory=dict)
    digest: str = ""


def prepare(question: Question, lesson: str, pack: Pack, step: Step) -> Prepared:
    """`lesson`: the one it covers if the question itself names none."""
    scribe = Scribe(pack, step)
    content = content_of(question, lesson)
    key = KEYS[question.type](question, step)
    explanations = explanations_of(question, scribe)
    html = {"prompt": scribe.text(question.prompt), "options": options_html(question, scribe)}
    seen = {
        "source": question.model_dump(mode="json"),
        "content": content,
        "key": key,
        "shown": scribe.shown,
        "remedies": {name: one["key"] for name, one in explanations["remedies"].items()},
        "renderer": RENDERER,
    }
    return Prepared(content, html, key, explanations, digest(seen))


def content_of(question: Question, lesson: str) -> Json:
    """What may be seen before the answer: never which is right, never why."""
    content: Json = {"type": question.type, "lesson": question.lesson or lesson}
    content["prompt"] = question.prompt
    for name in ("options", "items", "left", "right"):
        if hasattr(question, name):
            parts = getattr(question, name)
            content[name] = [{"id": part.id, "text": part.text} for part in parts]
    if question.type == "numeric":
        content["unit"] = question.unit
        content["seeded"] = question.seeded.model_dump(mode="json") if question.seeded else None
    elif question.type == "cloze":
        content["blanks"] = [{"id": blank.id} for blank in question.blanks]
    elif question.type == "mark":
        content["tokens"] = list(question.tokens)
    return content


def options_html(question: Question, scribe: Scribe) -> Json:
    """By id; the two sides of a match may use the same ids, so theirs say their side."""
    if question.type == "match":
        sides = {"left": question.left, "right": question.right}
        return {
            f"{side}:{item.id}": scribe.text(item.text)
            for side, items in sides.items()
            for item in items
        }
    parts = getattr(question, "options", None) or getattr(question, "items", [])
    return {part.id: scribe.text(part.text) for part in parts}


def explanations_of(question: Question, scribe: Scribe) -> Json:
    names = {
        part.id: misconception_id(scribe.step, part.misconception)
        for part in getattr(question, "options", [])
        if part.misconception
    }
    traps = getattr(question, "traps", [])
    caught = {misconception_id(scribe.step, t.misconception) for t in traps if t.misconception}
    return {
        "right": scribe.text(question.why_right),
        "options": {name: scribe.text(why) for name, why in whys(question).items()},
        "traps": [scribe.text(trap.why) for trap in traps],
        "misconceptions": names,
        "remedies": remedies(sorted({*names.values(), *caught}), scribe.pack),
    }


def whys(question: Question) -> dict[str, str]:
    parts = getattr(question, "options", None) or getattr(question, "blanks", [])
    why: Mapping[Any, str] = getattr(question, "why", {})
    return {part.id: part.why for part in parts} | {str(key): text for key, text in why.items()}


def remedies(names: list[str], pack: Pack) -> Json:
    """Where each wrong idea is put right: title, URL name and key of a lesson or a lab."""
    titles = {activity.key: activity.file.title for activity in pack.activities}
    found = {}
    for step in pack.steps:
        for one in step.file.misconceptions:
            name, (kind, _, key) = f"{step.key}:{one.id}", one.remedy.partition(":")
            if name in names and key:
                found[name] = {"title": titles[key], "url_name": URL_NAMES[kind], "key": key}
    return found


def choice_key(question: Any, step: Step) -> Json:
    return {"right": [option.id for option in question.options if option.right]}


def numeric_key(question: Any, step: Step) -> Json:
    key: Json = {"tolerance": question.tolerance, "traps": traps_key(question, step)}
    return key | ({"seeded": True} if question.seeded else {"answer": question.answer})


def predict_key(question: Any, step: Step) -> Json:
    return {"accept": list(question.accept), "traps": traps_key(question, step)}


def traps_key(question: Any, step: Step) -> list[Json]:
    return [
        {
            "value": trap.value,
            "misconception": trap.misconception and misconception_id(step, trap.misconception),
        }
        for trap in question.traps
    ]


KEYS: Mapping[str, Callable[[Any, Step], Json]] = {
    "single": choice_key,
    "multiple": choice_key,
    "numeric": numeric_key,
    "order": lambda question, step: {"order": list(question.order)},
    "match": lambda question, step: {"pairs": dict(question.pairs)},
    "cloze": lambda question, step: {
        "blanks": {blank.id: list(blank.accept) for blank in question.blanks}
    },
    "predict": predict_key,
    "mark": lambda question, step: {"accept": list(question.accept)},
}
