"""YAML without surprises: no aliases, tags or doubled keys, a bounded depth, a line per field."""

import math
import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from authoring.pack import Problem

MAX_BYTES = 1_000_000
MAX_DEPTH = 20
MAX_NODES = 100_000
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # ten times faster where it exists
INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
DECIMAL = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
WORDS: dict[str, Any] = {"true": True, "false": False, "null": None, "~": None, "": None}


class Refused(Exception):
    """The text cannot be read further. Carries its line and what to do about it."""

    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line, self.text = line, text


@dataclass
class Parsed:
    data: Any = None
    lines: dict[str, int] = field(default_factory=dict)  # "bank.4.options" → 31
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Open:
    """A list or mapping that is still being read."""

    path: str
    value: Any
    line: int
    key: Any = None  # of a mapping: the key whose value comes next
    has_key: bool = False


class Builder:
    """Follows the parser's events with a stack of its own, so that depth is never recursion."""

    def __init__(self, path: str, first_line: int) -> None:
        self.path, self.offset = path, first_line
        self.parsed = Parsed()
        self.stack: list[Open] = []
        self.nodes = 0
        self.is_over = False

    def line(self, event: yaml.Event) -> int:
        return (event.start_mark.line if event.start_mark else 0) + self.offset

    def problem(self, line: int, at: str, text: str) -> None:
        self.parsed.problems.append(Problem(self.path, line, at, text))

    def follow(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.NodeEvent):
            self.require_plain(event)
        if isinstance(event, yaml.ScalarEvent):
            self.add(event, self.scalar(event), opens=False)
        elif isinstance(event, yaml.MappingStartEvent):
            self.add(event, {}, opens=True)
        elif isinstance(event, yaml.SequenceStartEvent):
            self.add(event, [], opens=True)
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
        elif isinstance(event, yaml.DocumentStartEvent):
            if self.is_over:
                raise Refused(self.line(event), "a second document starts here. Keep one.")
            self.is_over = True

    def require_plain(self, event: yaml.NodeEvent) -> None:
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise Refused(
                self.line(event), f"'{event.anchor}' is an anchor or an alias. Write the text out."
            )
        if getattr(event, "tag", None):
            raise Refused(self.line(event), "has a tag (!). Write plain values only.")
        self.nodes += 1
        if self.nodes > MAX_NODES:
            raise Refused(self.line(event), f"has more than {MAX_NODES:,} values. Split the file.")

    def scalar(self, event: yaml.ScalarEvent) -> Any:
        text: str = event.value
        if "\0" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise Refused(self.line(event), "holds a NUL or half a character. Take it out.")
        if not event.implicit[0]:
            return text
        return plain(text)

    def add(self, event: yaml.NodeEvent, value: Any, *, opens: bool) -> None:
        line = self.line(event)
        path = ""
        if not self.stack:
            self.parsed.data = value
            self.parsed.lines[""] = line
        elif isinstance(self.stack[-1].value, list):
            path = self.add_to_list(self.stack[-1], value, line)
        elif self.stack[-1].has_key:
            path = self.add_to_mapping(self.stack[-1], value)
        else:
            self.take_key(self.stack[-1], value, line)
            return
        if opens:
            if len(self.stack) >= MAX_DEPTH:
                raise Refused(line, f"is nested deeper than {MAX_DEPTH} levels. Flatten it.")
            self.stack.append(Open(path, value, line))

    def add_to_list(self, parent: Open, value: Any, line: int) -> str:
        path = joined(parent.path, len(parent.value))
        parent.value.append(value)
        self.parsed.lines[path] = line
        return path

    def add_to_mapping(self, parent: Open, value: Any) -> str:
        parent.has_key = False
        parent.value[parent.key] = value
        return joined(parent.path, parent.key)

    def take_key(self, parent: Open, key: Any, line: int) -> None:
        if isinstance(key, list | dict):
            raise Refused(
                line, "a key is wanted here. Put a text that starts with { or [ in quotes."
            )
        name = key if type(key) is int else "null" if key is None else str(key)
        path = joined(parent.path, name)
        if name in parent.value:
            first = self.parsed.lines[path]
            self.problem(line, path, f"stands there twice, first in line {first}. Keep one.")
        self.parsed.lines.setdefault(path, line)
        parent.key, parent.has_key = name, True


def joined(path: str, part: Any) -> str:
    return f"{path}.{part}" if path else str(part)


def plain(text: str) -> Any:
    """The value of an unquoted word: true, false, null, a decimal number, or the word itself."""
    if text in WORDS:
        return WORDS[text]
    if INTEGER.fullmatch(text):
        return int(text)
    if len(text) <= 40 and DECIMAL.fullmatch(text) and math.isfinite(number := float(text)):
        return number
    return text


def parse(text: str, path: str, *, first_line: int = 1) -> Parsed:
    """Read one YAML document. What is wrong comes back as problems; nothing is raised."""
    builder = Builder(path, first_line)
    parsed = builder.parsed
    try:
        if len(text.encode()) > MAX_BYTES:
            raise Refused(0, f"is larger than {MAX_BYTES:,} bytes. Split it.")
        for event in yaml.parse(text, Loader=LOADER):
            builder.follow(event)
    except Refused as refused:
        parsed.problems.append(Problem(path, refused.line, "", refused.text))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + first_line if mark else 0
        parsed.problems.append(
            Problem(path, line, "", f"not YAML: {error.problem}. Mend the line.")
        )
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        reason = str(error).partition("\n")[0]
        parsed.problems.append(Problem(path, 0, "", f"not YAML: {reason}. Take the sign out."))
    return parsed
