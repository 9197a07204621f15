"""Answers, numbers and texts as the pages write them."""

import pytest

from labs.context.report import quantity
from labs.context.words import ordinal, say, told, visible
from labs.contract import Ask

CHOICES = (("a", "Alpha"), ("b", "Beta"))


@pytest.mark.parametrize(
    ("ask", "value", "words"),
    [
        (Ask(name="n", label="", kind="integer", unit="tokens"), 5, "5 tokens"),
        (Ask(name="n", label="", kind="number"), 0.25, "0.25"),
        (Ask(name="n", label="", kind="number"), 0, "0"),
        (Ask(name="n", label="", kind="interval", unit="%"), [1.0, 2.5], "1 to 2.5 %"),
        (Ask(name="n", label="", kind="choice", choices=CHOICES), "b", "Beta"),
        (Ask(name="n", label="", kind="choice", choices=CHOICES), "gone", "gone"),
        (Ask(name="n", label="", kind="order", choices=CHOICES), ["b", "a"], "Beta, Alpha"),
        (Ask(name="n", label="", kind="flag"), False, "no"),
        (Ask(name="n", label="", kind="flag"), True, "yes"),
        (Ask(name="n", label="", kind="text"), " a  b c ", "␣a␣␣b c␣"),
        (Ask(name="n", label="", kind="text"), "", "nothing"),
        (Ask(name="n", label="", kind="text"), None, "nothing"),
        (Ask(name="n", label="", kind="cuts", text="strawberry"), [2, 5], "st|raw|berry"),
        (Ask(name="n", label="", kind="cuts", text="é!"), [2], "é|!"),
        (Ask(name="n", label="", kind="cuts", text="é!"), [], "no cuts"),
    ],
)
def test_an_answer_reads_as_its_form_asked_for_it(ask: Ask, value: object, words: str) -> None:
    assert say(ask, value) == words


def test_an_answer_left_out_is_the_default() -> None:
    asks = [
        Ask(name="a.x", label="X", kind="integer", initial=3, group="G"),
        Ask(name="a.y", label="Y", kind="integer", initial=4, group="G"),
    ]

    said = told(asks, {"a": {"x": 7}})

    assert [(row.group, row.label, row.words, row.is_default) for row in said] == [
        ("G", "X", "7", False),
        ("G", "Y", "4", True),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain é 日本", "plain é 日本"),
        ("a\u202eb", "a⟨U+202E⟩b"),
        ("\x1b[31mred", "⟨U+001B⟩[31mred"),
        ("zero\u200bwidth", "zero⟨U+200B⟩width"),
        ("line\nbreak", "line⟨U+000A⟩break"),
    ],
)
def test_no_character_hides_or_reorders_a_text(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    ("value", "words"),
    [(2.66667, "2.667 t"), (0.45, "0.45 t"), (0, "0 t"), (1482, "1,482 t"), (2182.25, "2,182.2 t")],
)
def test_numbers_keep_four_digits_and_their_unit(value: float, words: str) -> None:
    assert quantity(value, "t") == words


@pytest.mark.parametrize(
    ("n", "words"), [(1, "1st"), (2, "2nd"), (3, "3rd"), (4, "4th"), (11, "11th"), (22, "22nd")]
)
def test_a_place_in_line_reads_as_english(n: int, words: str) -> None:
    assert ordinal(n) == words
