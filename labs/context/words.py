"""Answers in words, and every text of a learner or a model with nothing hidden in it."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.template.defaultfilters import date as date_words
from django.utils.timezone import localtime

from labs.contract import Ask

UNSEEN = ("Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn")  # Unicode categories without a shape


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
    if ask.kind == "flag":
        return "yes" if value else "no"
    if ask.kind == "cuts":
        return cut_up(ask.text, value) if value else "no cuts"
    if ask.kind in ("choice", "order"):
        labels, keys = dict(ask.choices), [value] if ask.kind == "choice" else value
        return ", ".join(visible(labels.get(key, str(key))) for key in keys)
    if ask.kind == "interval":
        value = " to ".join(f"{end:g}" for end in value)
    return f"{visible(str(value))} {ask.unit}".rstrip()


def cut_up(text: str, offsets: Sequence[int]) -> str:
    raw, ends = text.encode(errors="replace"), [0, *offsets]
    pieces = [raw[a:b] for a, b in zip(ends, [*ends[1:], len(raw)], strict=True)]
    return "|".join(visible(piece.decode(errors="replace")) for piece in pieces)


def ordinal(n: int) -> str:
    ending = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def clock(moment: datetime) -> str:
    return date_words(localtime(moment), "H:i")
