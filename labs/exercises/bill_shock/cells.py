"""Cells of a table: how a value is written and how it is read back.

Null is an empty cell and the empty text is `""`. Quotes stand only where they must. A mark behind
a column's name says what its cells alone cannot: `:text` keeps digits as text, `:flag` declares
0 and 1, `:flag1` also that an empty cell is 1.
"""

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?")
WORDS = {"true": True, "false": False}
FLAGS = {"0": False, "1": True}


def mark_of(values: Sequence[Any], booleans: str) -> str:
    """The mark that a column needs: `:text`, `:flag`, `:flag0`, `:flag1` or none."""
    if booleans != "words" and values and all(isinstance(value, bool) for value in values):
        return ":flag" if booleans == "digits" else f":flag{int(common(values))}"
    texts = [value for value in values if value is not None]
    only_text = all(isinstance(value, str) for value in texts)
    return ":text" if only_text and any(map(is_misread, texts)) else ""


def common(values: Sequence[bool]) -> bool:
    """The value that most records have; true where both are as common."""
    return 2 * sum(values) >= len(values)


def is_misread(text: str) -> bool:
    """Whether a bare cell of this text would be read as a number or a flag."""
    return text in WORDS or NUMBER.fullmatch(text) is not None


def cell(value: Any, mark: str, separator: str, numbers: str) -> str:
    """A value as it stands between two separators, quotes included."""
    if mark.startswith(":flag"):
        return "" if f"{int(value)}" == mark[5:] else f"{int(value)}"
    if value is None:
        return ""
    if not isinstance(value, str):
        return plain(value, numbers)
    bare = value and (mark == ":text" or not is_misread(value))
    needs_quotes = not bare or any(sign in value for sign in (separator, '"', "\n", "\r"))
    return '"' + value.replace('"', '""') + '"' if needs_quotes else value


def plain(value: Any, numbers: str) -> str:
    """A number or a flag in JSON's words, or a float with an exponent; both lose nothing."""
    if numbers == "exponent" and isinstance(value, float):
        return f"{Decimal(repr(value)):e}"
    return json.dumps(value)


def value_of(text: str, mark: str) -> Any:
    """What a cell says. A quoted cell is always text."""
    if mark.startswith(":flag"):
        return FLAGS[text or mark[5:]]
    if text == "":
        return None
    if text.startswith('"'):
        return text[1:-1].replace('""', '"')
    if mark == ":text" or not is_misread(text):
        return text
    return WORDS[text] if text in WORDS else json.loads(text)


def split_mark(name: str) -> tuple[str, str]:
    head, colon, mark = name.partition(":")
    return head, colon + mark


def split_lines(text: str, separator: str) -> list[list[str]]:
    """The cells of every line, as written; separators and line ends inside quotes are text."""
    lines: list[list[str]] = [[]]
    start, is_quoted = 0, False
    for place, sign in enumerate(text):
        if sign == '"':
            is_quoted = not is_quoted
        elif not is_quoted and sign in (separator, "\n"):
            lines[-1].append(text[start:place])
            start = place + 1
            if sign == "\n":
                lines.append([])
    lines[-1].append(text[start:])
    return lines
