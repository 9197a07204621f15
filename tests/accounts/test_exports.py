import csv  # noqa: TID251  reads back what accounts.exports wrote
import io
import json
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.exports import FORMULA_STARTS, csv_table, zip_tables

TAILS = ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x","y")', "SUM(A1:A9)", "", "\n=1+1", "=1")
HOSTILE = [f"{start}{tail}" for start in FORMULA_STARTS for tail in TAILS]
HOSTILE += [f"{first}{second}1+1" for first in FORMULA_STARTS for second in FORMULA_STARTS]
HOSTILE += [f'{start}1";=2' for start in FORMULA_STARTS]


def read(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def test_there_are_200_hostile_payloads() -> None:
    assert len(set(HOSTILE)) >= 200


@pytest.mark.parametrize("text", HOSTILE)
def test_no_typed_text_starts_a_formula(text: str) -> None:
    names, [value, header_value] = read(csv_table([{"name": text, text: "plain"}]))
    assert value == f"'{text}"
    assert header_value == "plain"
    assert not names[1].startswith(FORMULA_STARTS)


@given(st.text(alphabet=st.characters(codec="utf-8")))
@settings(max_examples=200, deadline=None)
def test_any_text_survives_but_for_the_apostrophe(text: str) -> None:
    [_, [value]] = read(csv_table([{"name": text}]))
    assert value.removeprefix("'") == text.removeprefix("'") or value == text
    assert not value.startswith(FORMULA_STARTS)


@pytest.mark.parametrize(
    ("value", "cell"),
    [(-3.5, "-3.5"), (7, "7"), (None, ""), (["=1"], '["=1"]'), ({"a": 1}, '{"a": 1}')],
)
def test_numbers_stay_numbers_and_structures_become_json(value: Any, cell: str) -> None:
    assert read(csv_table([{"x": value}])) == [["x"], [cell]]


def test_every_cell_is_quoted_and_the_file_says_that_it_is_utf8() -> None:
    assert csv_table([{"n": 1}]).decode() == '\ufeff"n"\r\n"1"\r\n'


def test_rows_may_have_different_columns() -> None:
    assert read(csv_table([{"a": 1}, {"b": 2}])) == [["a", "b"], ["1", ""], ["", "2"]]


def test_half_a_character_does_not_stop_an_export() -> None:
    assert "\\ud83d" in csv_table([{"a": "\ud83d"}]).decode("utf-8-sig")
    assert ZipFile(io.BytesIO(zip_tables({"a": [{"a": "\ud83d"}]}))).testzip() is None


def test_the_archive_holds_each_table_twice() -> None:
    archive = ZipFile(io.BytesIO(zip_tables({"people": [{"name": "Zoë"}], "none": []})))
    assert json.loads(archive.read("everything.json")) == {"people": [{"name": "Zoë"}], "none": []}
    assert sorted(archive.namelist()) == [
        "everything.json",
        "tables/none.csv",
        "tables/people.csv",
    ]
