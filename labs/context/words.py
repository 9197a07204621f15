"""Answers in words, and every text of a learner or a model with nothing hidden in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.defaultfilters import date as date_words
from django.utils.timezone import localtime

from labs.contract import Ask

UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")  # Unicode categories without a shape

EDGES = re.compile(r"^ +| +$| {2,}")  # spaces that a page would swallow


def visible(text: str) -> str:
    """A learner's or a model's text with every character that could hide or reorder shown."""
    return "".join(
        f"⟨U+{ord(letter):04X}⟩" if unicodedata.category(letter) in UNSEEN else letter
        for letter in text
    )


@dataclass(frozen=True)
class Said:
    """One answer beside its question."""

    group: str
    label: str
    words: str
    is_default: bool = False


def told(asks: Sequence[Ask], answer: Mapping[str, Any] | None) -> list[Said]:
    """A stored answer as its form asked for it."""
    found = []
    for ask in asks:
        value = value_at(answer, ask.name, ask.initial)
        found.append(Said(ask.group, ask.label, say(ask, value), value == ask.initial))
    return found


def value_at(answer: Mapping[str, Any] | None, name: str, default: Any) -> Any:
    value: Any = answer
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return default
        value = value[step]
    return value


def say(ask: Ask, value: Any) -> str:
    if value is None or value == "":
        return "nothing"
    if ask.kind in SAYINGS:
        return SAYINGS[ask.kind](ask, value)
    return f"{value} {ask.unit}".rstrip()


def label_of(ask: Ask, key: Any) -> str:
    return visible(dict(ask.choices).get(key, str(key)))


def say_interval(ask: Ask, value: Any) -> str:
    low, high = value
    return f"{low:g} to {high:g} {ask.unit}".rstrip()


def say_order(ask: Ask, value: Any) -> str:
    return ", ".join(label_of(ask, key) for key in value)


def say_flag(ask: Ask, value: Any) -> str:
    return "yes" if value else "no"


def say_text(ask: Ask, value: Any) -> str:
    return EDGES.sub(lambda found: "␣" * len(found[0]), visible(value))


def say_cuts(ask: Ask, value: Any) -> str:
    return cut_up(ask.text, value) if value else "no cuts"


def cut_up(text: str, offsets: Sequence[int]) -> str:
    raw, ends = text.encode(errors="replace"), [0, *offsets]
    pieces = [raw[a:b] for a, b in zip(ends, [*ends[1:], len(raw)], strict=True)]
    return "|".join(visible(piece.decode(errors="replace")) for piece in pieces)


SAYINGS: dict[str, Callable[[Ask, Any], str]] = {
    "choice": label_of,
    "cuts": say_cuts,
    "flag": say_flag,
    "interval": say_interval,
    "order": say_order,
    "text": say_text,
}


def ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def clock(moment: datetime) -> str:
    return date_words(localtime(moment), "H:i")
