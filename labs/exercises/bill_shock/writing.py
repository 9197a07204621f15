"""Writes records in one of seven formats, in pieces that know what part of the bill they are."""

import base64
import gzip
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from labs.exercises.bill_shock.cells import cell, common, mark_of, plain
from labs.exercises.bill_shock.parts import TABLES, Controls, Lossy, listed, renames
from labs.exercises.bill_shock.payloads import Row

INDENT = {"json4": 4, "json2": 2, "json0": 0}
SEPARATORS = {"csv": ",", "tsv": "\t", "columns": ","}
CONSTANT, ROWS = "constant", "rows"  # where JSON keeps lifted columns and the rest


class Fragment(NamedTuple):
    part: str  # one of PARTS
    text: str


class Layout(NamedTuple):
    """Columns in the order they are written, under their new names."""

    constants: dict[str, Any]
    columns: list[tuple[str, list[Any]]]  # (new name, its values); names may collide
    n: int  # records


def written(rows: Sequence[Row], controls: Controls) -> list[Fragment]:
    """The whole text; joined, the fragments are what the model would be sent."""
    kept = [simplified(row, controls.lossy) for row in rows]
    fragments = list(table(kept, controls) if controls.format in TABLES else tree(kept, controls))
    if not controls.pack:
        return fragments
    packed = gzip.compress(joined(fragments).encode(), mtime=0)  # no clock: same text, same bytes
    return [Fragment("packed", base64.b64encode(packed).decode())]


def joined(fragments: Iterable[Fragment]) -> str:
    return "".join(fragment.text for fragment in fragments)


def simplified(row: Row, lossy: Lossy) -> Row:
    """A record after the lossy switches. What they remove cannot come back."""
    if lossy.round_floats:
        row = {name: round(v, 1) if isinstance(v, float) else v for name, v in row.items()}
    if lossy.trim_zeros:
        row = {name: trimmed(value) for name, value in row.items()}
    if lossy.drop_nulls:
        row = {name: value for name, value in row.items() if value not in (None, "")}
    return row


def trimmed(value: Any) -> Any:
    is_padded = isinstance(value, str) and value.isdigit() and value.startswith("0")
    return value.lstrip("0") or "0" if is_padded else value


def ordered(rows: Sequence[Row], controls: Controls) -> list[str]:
    """The columns' old names: those the learner put first, then the rest."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    first = [name for name in dict.fromkeys(listed(controls.first_columns)) if name in names]
    return [*first, *(name for name in names if name not in first)]


def constants_of(rows: Sequence[Row], names: Sequence[str], controls: Controls) -> list[str]:
    """Columns with one and the same value in every record, if they are to be lifted."""
    if not controls.lift_constants:
        return []
    return [
        name
        for name in names
        if all(name in row for row in rows) and len({json.dumps(row[name]) for row in rows}) == 1
    ]


# Tables


def table(rows: Sequence[Row], controls: Controls) -> Iterator[Fragment]:
    """CSV, TSV or one line per column. LF line ends, none after the last line."""
    separator, mapping = SEPARATORS[controls.format], renames(controls.key_map)
    names = ordered(rows, controls)
    constants = constants_of(rows, names, controls)
    if constants:
        yield from constant_line(rows[0], constants, mapping, separator)
    grid = [
        column(mapping.get(name, name), [row.get(name) for row in rows], controls)
        for name in names
        if name not in constants
    ]
    if controls.format != "columns":
        grid = [list(line) for line in zip(*grid, strict=True)]
    for place, line in enumerate(grid):
        if place or constants:
            yield Fragment("whitespace", "\n")
        yield from separated(line, separator)


def constant_line(
    row: Row, names: Sequence[str], mapping: dict[str, str], separator: str
) -> Iterator[Fragment]:
    for place, name in enumerate(names):
        value = row[name]
        mark = mark_of([value], "words")
        if place:
            yield Fragment("punctuation", separator)
        yield Fragment("keys", mapping.get(name, name) + mark)
        yield Fragment("punctuation", "=")
        yield Fragment("values", cell(value, mark, separator, "plain"))


def column(name: str, values: list[Any], controls: Controls) -> list[Fragment]:
    """A column's name with its mark, then its cells."""
    mark, separator = mark_of(values, controls.booleans), SEPARATORS[controls.format]
    cells = [cell(value, mark, separator, controls.numbers) for value in values]
    return [Fragment("keys", name + mark), *(Fragment("values", text) for text in cells)]


def separated(line: Iterable[Fragment], separator: str) -> Iterator[Fragment]:
    for place, fragment in enumerate(line):
        if place:
            part = "whitespace" if separator == "\t" else "punctuation"
            yield Fragment(part, separator)
        yield fragment


# JSON


def tree(rows: Sequence[Row], controls: Controls) -> Iterator[Fragment]:
    """A list of objects, or an object of lifted columns and the list."""
    mapping, names = renames(controls.key_map), ordered(rows, controls)
    constants = constants_of(rows, names, controls)
    defaults = omitted(rows, names) if controls.booleans == "default" else {}
    body = [
        [
            (mapping.get(name, name), row[name])
            for name in names
            if name in row and name not in constants and row[name] is not defaults.get(name, row)
        ]
        for row in rows
    ]
    writer = JsonWriter(controls)
    if not constants:
        yield from writer.array(body, 0)
        return
    lifted = [(mapping.get(name, name), rows[0][name]) for name in constants]
    members = [(CONSTANT, writer.object(lifted, 1)), (ROWS, writer.array(body, 1))]
    yield from writer.members(members, 0)


def omitted(rows: Sequence[Row], names: Sequence[str]) -> dict[str, bool]:
    """The common value of each column of flags: what `default` leaves out."""
    found = {}
    for name in names:
        values = [row.get(name) for row in rows]
        flags = [value for value in values if isinstance(value, bool)]
        if len(flags) == len(values):
            found[name] = common(flags)
    return found


class JsonWriter:
    """The text that `json.dumps` writes, in fragments; a test holds the two together."""

    def __init__(self, controls: Controls) -> None:
        self.indent = INDENT.get(controls.format)
        self.booleans = controls.booleans
        self.numbers = controls.numbers

    def array(self, rows: Sequence[Sequence[tuple[str, Any]]], depth: int) -> Iterator[Fragment]:
        yield Fragment("punctuation", "[")
        for place, row in enumerate(rows):
            if place:
                yield Fragment("punctuation", ",")
            yield from self.line(depth + 1)
            yield from self.object(row, depth + 1)
        if rows:
            yield from self.line(depth)
        yield Fragment("punctuation", "]")

    def object(self, row: Sequence[tuple[str, Any]], depth: int) -> Iterator[Fragment]:
        return self.members([(name, self.scalar(value)) for name, value in row], depth)

    def members(
        self, members: Sequence[tuple[str, Iterable[Fragment]]], depth: int
    ) -> Iterator[Fragment]:
        yield Fragment("punctuation", "{")
        for place, (name, value) in enumerate(members):
            if place:
                yield Fragment("punctuation", ",")
            yield from self.line(depth + 1)
            yield from quoted("keys", name)
            yield Fragment("punctuation", ":")
            if self.indent is not None:
                yield Fragment("whitespace", " ")
            yield from value
        if members:
            yield from self.line(depth)
        yield Fragment("punctuation", "}")

    def line(self, depth: int) -> Iterator[Fragment]:
        if self.indent is not None:
            yield Fragment("whitespace", "\n" + " " * self.indent * depth)

    def scalar(self, value: Any) -> list[Fragment]:
        if isinstance(value, str):
            return list(quoted("values", value))
        if isinstance(value, bool) and self.booleans != "words":
            return [Fragment("values", f"{int(value)}")]
        return [Fragment("values", plain(value, self.numbers))]


def quoted(part: str, text: str) -> Iterator[Fragment]:
    yield Fragment("punctuation", '"')
    yield Fragment(part, json.dumps(text, ensure_ascii=False)[1:-1])
    yield Fragment("punctuation", '"')
