"""Turns stored strips into boxes that a template can draw: one box per token."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import template

register = template.Library()

MARKS = {" ": "␣", "\t": "⇥", "\n": "⏎", "\r": "␍"}
NAMES = {" ": "space", "\t": "tab", "\n": "line end", "\r": "carriage return"}
INVISIBLE = {"Cc", "Cf", "Cn", "Co", "Zl", "Zp", "Zs"}  # Unicode categories without ink


@dataclass(frozen=True)
class Box:
    """One token as it is drawn."""

    id: int
    text: str  # with marks for white space
    spoken: str  # the same for a screen reader
    start: int  # UTF-8 byte offsets into the text
    end: int
    is_special: bool  # nothing of it can be seen: it gets a dashed outline and a name

    @property
    def says(self) -> str:
        """What a screen reader must be told beside the text; empty where the text says it."""
        return "" if self.spoken == self.text.removeprefix("◌") else self.spoken


@register.filter
def boxes(column: Mapping[str, Any], text: str) -> list[Box]:
    """The tokens of one column, as `{% for box in column|boxes:strip.text %}`."""
    data, start, found = text.encode(), 0, []
    for token, end in zip(column["ids"], column["ends"], strict=True):
        shown, spoken = look(data, start, end)
        is_special = shown.startswith("⟨U+") or start == end
        found.append(Box(token, shown, spoken, start, end, is_special))
        start = end
    return found


def look(data: bytes, start: int, end: int) -> tuple[str, str]:
    """How the bytes of a token look, and how they are read out."""
    if start == end:
        return "▁", "a space put in front, not in the text"
    try:
        piece = data[start:end].decode()
    except UnicodeDecodeError:
        figures = data[start:end].hex(" ").upper()
        return f"⟨{figures}⟩", f"bytes {figures}, part of {characters(data, start, end)}"
    if all(unicodedata.category(char) in INVISIBLE and char not in MARKS for char in piece):
        codes = " ".join(f"U+{ord(char):04X}" for char in piece)
        return f"⟨{codes}⟩", "invisible " + " ".join(map(name_of, piece))
    stands_on = "◌" if unicodedata.category(piece[0]).startswith("M") else ""
    return stands_on + "".join(MARKS.get(char, char) for char in piece), words(piece)


def characters(data: bytes, start: int, end: int) -> str:
    """The whole characters that a token with half a character touches."""
    while start and is_inside(data[start]):
        start -= 1
    while end < len(data) and is_inside(data[end]):
        end += 1
    return data[start:end].decode()


def is_inside(byte: int) -> bool:
    """Whether a byte goes on with a character that began before it."""
    return byte & 0b1100_0000 == 0b1000_0000


def name_of(char: str) -> str:
    return unicodedata.name(char, f"U+{ord(char):04X}").lower()


def words(piece: str) -> str:
    """White space by name, a run of spaces by its length."""
    counted = re.sub(r" {2,}", lambda run: f" {len(run[0])} spaces ", piece)
    if counted == piece:
        counted = "".join(f" {NAMES[char]} " if char in NAMES else char for char in piece)
    return " ".join(counted.replace("\n", " line end ").replace("\t", " tab ").split())


@register.filter
def per(n: int, of: int) -> str:
    """Tokens for each word or byte; nothing to divide by is said."""
    return f"{n / of:.2f}" if of else "none"


@register.filter
def share(n: int, of: int) -> str:
    """A part of a sum in per cent with one decimal; zero and the whole only where exact."""
    if not of or n in (0, of):
        return "0 %" if not n else "100 %"
    return f"{min(max(100 * n / of, 0.1), 99.9):.1f} %"


@register.filter
def pieces(column: Mapping[str, Any], text: str) -> str:
    """All tokens in one line, for a table."""
    return " · ".join(box.text for box in boxes(column, text))


@register.filter
def total(rows: Sequence[Mapping[str, int]], name: str) -> int:
    """The sum of one field of a list of rows."""
    return sum(row[name] for row in rows)


@register.filter
def finding(strips: Sequence[Mapping[str, Any]]) -> str:
    """What token-columns show, as a sentence."""
    sums: dict[str, int] = {}
    for strip in strips:
        for column in strip["columns"]:
            sums[column["slug"]] = sums.get(column["slug"], 0) + column["n"]
    costs = [f"{n:,} tokens in {slug}" for slug, n in sums.items()]
    listed = " and ".join([", ".join(costs[:-1]), costs[-1]] if len(costs) > 1 else costs)
    texts = "1 text costs" if len(strips) == 1 else f"{len(strips)} texts cost"
    return f"The same {texts} {listed}."
