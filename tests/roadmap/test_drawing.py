"""Attempts differ, cover every lesson, and show nothing of the key."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.drawing import (
    Candidate,
    Drawn,
    asked,
    draw_items,
    fill,
    option_ids,
    option_tokens,
    written,
)

seeds = st.integers(0, 2**63 - 1)
CHOICE = {"type": "single", "options": [{"id": "a", "text": "A"}, {"id": "b", "text": "B & C"}]}
SIDES = [{"id": "x", "text": "X"}, {"id": "y", "text": "Y"}]


def candidate(version: int, lesson: str, **more: Any) -> Candidate:
    return Candidate(version=version, content={**CHOICE, "lesson": lesson, **more})


BANK = [candidate(i, f"lesson-{i % 4}") for i in range(20)]


def draw(seed: int, count: int, bank: list[Candidate] = BANK) -> list[Drawn]:
    return draw_items(
        seed=seed, bank=bank, count=count, draw_variant=lambda name, args, s: {"seed": s, **args}
    )


@given(seeds, st.integers(4, 30))
def test_each_lesson_is_covered_and_no_question_comes_twice(seed: int, count: int) -> None:
    versions = [item.version for item in draw(seed, count)]
    assert len(versions) == len(set(versions)) == min(count, 20)
    assert {version % 4 for version in versions} == {0, 1, 2, 3}


def test_fewer_items_than_lessons_draw_different_lessons() -> None:
    assert len({item.version % 4 for item in draw(5, 3)}) == 3


def test_the_same_seed_draws_the_same_items_and_another_seed_others() -> None:
    assert draw(1, 8) == draw(1, 8)
    assert len({tuple(item.version for item in draw(seed, 8)) for seed in range(30)}) > 25


def test_an_empty_bank_draws_nothing() -> None:
    assert draw(1, 8, []) == []


def test_a_seeded_question_gets_a_variant_of_its_own() -> None:
    bank = [candidate(i, "a", seeded={"generator": "g", "args": {"n": 3}}) for i in (1, 2)]
    variants = [item.variant for item in draw(1, 2, bank)]
    assert [variant["n"] for variant in variants] == [3, 3]
    assert variants[0]["seed"] != variants[1]["seed"]


def test_tokens_differ_between_attempts_and_name_no_option() -> None:
    one, two = option_tokens("1:1", ["a", "b"]), option_tokens("2:1", ["a", "b"])
    assert sorted(one.values()) == ["a", "b"]
    assert not set(one) & set(two)
    assert all(len(token) == 16 for token in one)


def test_every_option_is_first_about_as_often() -> None:
    first = [next(iter(option_tokens(f"{i}:1", "abcd").values())) for i in range(800)]
    assert all(140 < first.count(option) < 260 for option in "abcd")


def test_the_sides_of_a_match_may_share_ids() -> None:
    content = {"type": "match", "left": SIDES, "right": SIDES, "prompt": "?"}
    tokens = option_tokens("s", option_ids(content))
    shown = asked(content, {"prompt": "?", "options": {"left:x": "<b>X</b>"}}, tokens, {})

    assert {(c.id, c.html, c.text) for c in shown.lefts} == {
        ("x", "<b>X</b>", "X"),
        ("y", "Y", "Y"),
    }
    assert {c.html for c in shown.choices} == {"X", "Y"}


def test_a_question_is_shown_in_the_order_of_its_tokens() -> None:
    html = {"prompt": "<p>?</p>", "options": {"a": "<p>A</p>"}}
    shown = asked(CHOICE, html, {"2": "a", "1": "b"}, {})
    assert [(c.token, c.html, c.text) for c in shown.choices] == [
        ("1", "B &amp; C", "B & C"),
        ("2", "<p>A</p>", "A"),
    ]


def test_blanks_become_numbered_gaps() -> None:
    content = {"type": "cloze", "blanks": [{"id": "1"}]}
    shown = asked(content, {"prompt": "<p>A [[1]] is</p>", "options": {}}, {}, {})
    assert shown.prompt == '<p>A <span class="blank">[1]</span> is</p>'
    assert shown.blanks == ("1",)


def test_drawn_values_are_escaped_and_other_braces_stay() -> None:
    values = {"text": "<b>{n}", "n": 8000, "table": {"columns": [], "rows": []}}
    assert fill("{text} {n} {unknown} {table}{ x }", values) == (
        "&lt;b&gt;{n} 8,000 {unknown} { x }"
    )


@pytest.mark.parametrize(
    ("value", "text"), [(0.85, "0.85"), (12500, "12,500"), (2.0, "2"), ("a", "a")]
)
def test_numbers_are_written_as_people_do(value: float | str, text: str) -> None:
    assert written(value) == text


def test_the_variant_shown_holds_no_answer() -> None:
    content = {"type": "numeric", "unit": "tokens", "seeded": {}}
    variant = {"values": {"n": 3}, "answer": 987654, "traps": {"one": 123456}}
    shown = asked(content, {"prompt": "<p>{n} {answer} {one}</p>"}, {}, variant)
    assert shown.prompt == "<p>3 {answer} {one}</p>"
    assert "987654" not in repr(shown)
