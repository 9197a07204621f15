"""Plain data → a shape of the pack, with every misfit told in words an author can act on."""

from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from authoring.pack import Problem, Source, files, questions
from authoring.pack.base import FORMS, Shape

S = TypeVar("S", bound=BaseModel)

MISSING = {
    "why": "Every option explains itself, the right one too.",
    "why_right": "Say why the right answer is right.",
    "lesson": "Name the lesson it covers.",
    "minutes": "Write how long it takes, such as minutes: 12.",
    "exercise": "Name an installed lab exercise.",
    "honesty": "Say in one line what this lab does not show.",
}
NOUNS = {"string_type": "a text", "int_type": "a whole number", "float_type": "a number"}
NOUNS |= {"bool_type": "true or false", "list_type": "a list (lines that start with -)"}
NOUNS |= {"dict_type": "keys with values", "model_type": "keys with values"}
NOUNS |= {"model_attributes_type": "keys with values"}
KNOWN = sorted(
    {
        name
        for module in (files, questions)
        for shape in vars(module).values()
        if isinstance(shape, type) and issubclass(shape, Shape)
        for name in shape.model_fields
    }
)


def fit(shape: type[S], data: Any, source: Source) -> tuple[S | None, list[Problem]]:
    """The data in its shape, or all the reasons why it does not fit."""
    if data is None:
        return None, [source.problem("", "is empty. Write its fields.")]
    try:
        return shape.model_validate(data), []
    except ValidationError as error:
        found: dict[str, Problem] = {}
        for detail in error.errors(include_url=False):
            at = place(detail["loc"], data, missing=detail["type"] == "missing")
            found.setdefault(at, source.problem(at, explain(detail)))
        return None, list(found.values())


def place(loc: tuple[int | str, ...], data: Any, *, missing: bool) -> str:
    """The field as the author sees it: pydantic also lists union members on the way."""
    parts: list[str] = []
    current = data
    for number, part in enumerate(loc):
        is_tag = parts and parts[-1].isdigit() and is_type_of(part, current)
        if not is_tag and is_in(part, current):
            current = current[part]
            parts.append(str(part))
        elif missing and number == len(loc) - 1:
            parts.append(str(part))
    return ".".join(parts)


def is_type_of(part: int | str, data: Any) -> bool:
    return isinstance(data, dict) and "prompt" in data and data.get("type") == part


def is_in(part: int | str, data: Any) -> bool:
    if isinstance(data, list):
        return isinstance(part, int) and part < len(data)
    return isinstance(data, dict) and part in data


def explain(detail: ErrorDetails) -> str:
    kind, name = detail["type"], str(detail["loc"][-1]) if detail["loc"] else ""
    if kind == "cairn":
        return detail["msg"]
    if kind == "missing":
        return f"missing. {MISSING.get(name, 'Write it.')}"
    if kind == "extra_forbidden":
        return unknown_key(name)
    return unknown_type(detail) if kind.startswith("union_tag") else misfit(detail)


def unknown_key(name: str) -> str:
    close = [word for word in get_close_matches(name, KNOWN) if word != name]
    if close:
        return f"not a key that is known here. Did you mean {close[0]}?"
    return "not a key that is known here. Take it out."


def unknown_type(detail: ErrorDetails) -> str:
    known = "single, multiple, numeric, order, match, cloze, predict, mark"
    data = detail["input"]
    found = data.get("type") if isinstance(data, dict) else None
    if found is None:
        return f"type: missing. Write one of {known}."
    return f"type: no question type is called {shown(found)}. There are: {known}."


def misfit(detail: ErrorDetails) -> str:
    kind, value = detail["type"], detail["input"]
    if kind not in NOUNS:
        return wrong_value(detail)
    if kind == "string_type" and isinstance(value, int | float):
        word = str(value).lower() if isinstance(value, bool) else str(value)
        return f'{word} is read as a value, but a text is wanted. Put it in quotes: "{word}".'
    return f"{shown(value)} is not {NOUNS[kind]}. Write {NOUNS[kind]}."


def wrong_value(detail: ErrorDetails) -> str:
    found, limits = shown(detail["input"]), detail.get("ctx", {})
    if detail["type"] == "string_pattern_mismatch":
        wanted = FORMS.get(limits["pattern"], f"It must match {limits['pattern']}")
        return f"{found} has the wrong form. {wanted}"
    text = detail["msg"].removeprefix("Input should be ").removeprefix("Value should be ")
    return f"{found} does not fit: {text[:1].lower()}{text[1:]}."


def shown(value: Any) -> str:
    if isinstance(value, list):
        return f"a list of {len(value)}"
    if isinstance(value, dict):
        return f"a mapping of {len(value)} keys"
    text = "nothing" if value is None else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}…'"
