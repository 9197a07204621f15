"""Reads a text back, knowing what a receiver would be told: the format and the key map."""

import base64
import gzip
import json
from collections.abc import Sequence
from typing import Any

from labs.exercises.bill_shock.cells import split_lines, split_mark, value_of
from labs.exercises.bill_shock.parts import TABLES, Controls, renames
from labs.exercises.bill_shock.payloads import Row
from labs.exercises.bill_shock.writing import CONSTANT, ROWS, SEPARATORS


def read(text: str, controls: Controls) -> list[Row]:
    """The records of a text.

    Raises:
        ValueError, KeyError: the text does not say what its format promises.
    """
    if controls.pack:
        text = gzip.decompress(base64.b64decode(text)).decode()
    if controls.format in TABLES:
        constants, rows = read_table(text, controls)
    else:
        constants, rows = read_tree(text)
    old = {new: name for name, new in renames(controls.key_map).items()}
    return [{old.get(name, name): v for name, v in (constants | row).items()} for row in rows]


def read_tree(text: str) -> tuple[Row, list[Row]]:
    data = json.loads(text)
    return (data[CONSTANT], data[ROWS]) if isinstance(data, dict) else ({}, data)


def read_table(text: str, controls: Controls) -> tuple[Row, list[Row]]:
    lines = split_lines(text, SEPARATORS[controls.format])
    constants: Row = {}
    if "=" in lines[0][0]:  # a column's name never holds an equals sign
        for entry in lines.pop(0):
            head, _, said = entry.partition("=")
            name, mark = split_mark(head)
            constants[name] = value_of(said, mark)
    if controls.format == "columns":
        lines = [list(line) for line in zip(*lines, strict=True)]
    header = [split_mark(name) for name in lines[0]]
    rows = [
        {name: value_of(said, mark) for (name, mark), said in zip(header, line, strict=True)}
        for line in lines[1:]
    ]
    return constants, rows


def first_difference(before: Sequence[Row], after: Sequence[Row]) -> str:
    """Where two payloads part, as a sentence without its end; empty when they are equal.

    Strict: true is not 1, 2 is not 2.0, null is not an empty text. Order of keys does not count.
    """
    if len(before) != len(after):
        return f"{len(before)} records became {len(after)}"
    for n, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        for name in old:
            if name not in new:
                return f"record {n} lost {name}, which was {shown(old[name])}"
            if shown(old[name]) != shown(new[name]):
                return f"record {n}, {name}: {shown(old[name])} became {shown(new[name])}"
        added = [name for name in new if name not in old]
        if added:
            return f"record {n} has a new key, {added[0]}"
    return ""


def shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
