"""What a browser sends becomes a payload, or a sentence that says what to change."""

import pytest
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from roadmap.drawing import Asked, asked, option_ids, option_tokens
from roadmap.forms import answer_form, typed
from tests.roadmap.conftest import BANK

NUMBER = Asked(kind="numeric", prompt="?", unit="tokens")


def ask(kind: str) -> Asked:
    content = {"type": kind, "prompt": "?", **BANK[kind][0]}
    tokens = option_tokens("secret", option_ids(content))
    return asked(content, {"prompt": "?", "options": {}}, tokens, {})


@pytest.mark.parametrize("kind", sorted(BANK))
def test_a_payload_survives_the_way_through_the_browser(kind: str) -> None:
    question, payload = ask(kind), BANK[kind][2]
    form = answer_form(question, typed(question, payload))
    assert form.is_valid(), form.errors
    assert form.payload == payload


@pytest.mark.parametrize("kind", sorted(BANK))
def test_nothing_is_not_an_answer(kind: str) -> None:
    form = answer_form(ask(kind), MultiValueDict())
    assert not form.is_valid()
    assert all(str(error).endswith(".") for errors in form.errors.values() for error in errors)


@given(st.dictionaries(st.text(max_size=20), st.lists(st.text(max_size=50), max_size=3)))
def test_no_input_breaks_a_form(data: dict[str, list[str]]) -> None:
    for kind in BANK:
        question = ask(kind)
        names = {name for name in answer_form(question).fields if name != "version"}
        values = list(data.values())
        sent = {name: values[i % len(values)] for i, name in enumerate(sorted(names)) if values}
        form = answer_form(question, MultiValueDict({**data, **sent}))
        if form.is_valid():
            assert form.payload


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("12", 12),
        (" 1,250 ", 1250),
        ("1\u202f250", 1250),
        ("-0.5", -0.5),
        ("\u22123", -3),
        (".5", 0.5),
        ("2e3", 2000),
        ("48 tokens", 48),
        ("48 TOKENS", 48),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, number: float) -> None:
    form = answer_form(NUMBER, MultiValueDict({"value": [text]}))
    assert form.is_valid(), form.errors
    assert form.payload == {"value": number}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "twelve",
        "1,25",
        "1.2.3",
        "1e",
        "e5",
        "E5",
        ".e5",
        "--1",
        "inf",
        "nan",
        "1_0",
        "0x1f",
        ".",
    ],
)
def test_what_is_no_number_is_said_to_be_none(text: str) -> None:
    form = answer_form(NUMBER, MultiValueDict({"value": [text]}))
    assert not form.is_valid()
    assert "number" in str(form.errors["value"])


def test_a_number_beyond_all_floats_is_refused() -> None:
    form = answer_form(NUMBER, MultiValueDict({"value": ["1e999"]}))
    assert "too large" in str(form.errors["value"])
