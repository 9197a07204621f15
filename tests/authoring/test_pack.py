from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from authoring.pack import Fact, Question, QuizFile

question: TypeAdapter[Any] = TypeAdapter(Question)
ASKED = {"id": "q", "lesson": "next-token", "prompt": "Which?", "why_right": "Because."}


def option(name: str, *, right: bool = False) -> dict[str, Any]:
    return {"id": name, "text": name, "right": right, "why": f"Why {name}."}


def single(marks: str) -> dict[str, Any]:
    """A question with one option per letter: R is right, W is wrong."""
    options = [option(f"o{n}", right=mark == "R") for n, mark in enumerate(marks)]
    return {**ASKED, "type": "single", "options": options}


NUMERIC: dict[str, Any] = {**ASKED, "type": "numeric", "answer": 3, "tolerance": 0.5}
SEEDED: dict[str, Any] = {**ASKED, "type": "numeric", "seeded": {"generator": "kept_tokens"}}
ORDER: dict[str, Any] = {
    **ASKED,
    "type": "order",
    "items": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
    "order": ["b", "a"],
}
MATCH: dict[str, Any] = {
    **ASKED,
    "type": "match",
    "left": [{"id": "a", "text": "A"}, {"id": "b", "text": "B"}],
    "right": [{"id": "x", "text": "X"}, {"id": "y", "text": "Y"}, {"id": "z", "text": "Z"}],
    "pairs": {"a": "x", "b": "y"},
    "why": {"a": "Because.", "b": "Because."},
}
CLOZE: dict[str, Any] = {
    **ASKED,
    "type": "cloze",
    "prompt": "A [[1]] and a [[2]].",
    "blanks": [
        {"id": 1, "accept": ["one"], "why": "First."},
        {"id": "2", "accept": ["two"], "why": "Second."},
    ],
}
PREDICT: dict[str, Any] = {
    **ASKED,
    "type": "predict",
    "accept": ["ab"],
    "traps": [{"value": "ba", "why": "Reversed.", "misconception": None}],
}
MARK: dict[str, Any] = {**ASKED, "type": "mark", "tokens": ["a", "b"], "accept": [1]}
GOOD = {
    "single": single("RW"),
    "multiple": {**single("RR"), "type": "multiple"},
    "numeric": NUMERIC,
    "seeded": {**SEEDED, "traps": [{"value": "one_less", "why": "Off by one."}]},
    "order": ORDER,
    "match": MATCH,
    "cloze": CLOZE,
    "predict": PREDICT,
    "mark": {**MARK, "why": {0: "Not this one."}},
}


@pytest.mark.parametrize("name", GOOD)
def test_each_type_of_question_can_be_written(name: str) -> None:
    assert question.validate_python(GOOD[name]).id == "q"


TRAP = {"value": 9, "why": "Far off."}
BROKEN: list[tuple[dict[str, Any], str]] = [
    (single("RR"), "two are marked right, but type is single"),
    (single("WW"), "none is marked right"),
    ({**single("WW"), "type": "multiple"}, "none is marked right"),
    ({**single("RW"), "options": [option("a", right=True)] * 2}, "stands there twice"),
    ({**single("RW"), "hint": "extra"}, "Extra inputs are not permitted"),
    ({**NUMERIC, "seeded": {"generator": "kept_tokens"}}, "has both answer and seeded"),
    ({**NUMERIC, "answer": None}, "has no answer"),
    ({**NUMERIC, "answer": "3"}, "valid number"),
    ({**NUMERIC, "answer": True}, "valid number"),
    ({**NUMERIC, "answer": float("nan")}, "finite"),
    ({**NUMERIC, "traps": [{**TRAP, "value": 3.5}]}, "would be counted as right"),
    ({**NUMERIC, "traps": [{**TRAP, "value": "n - 1"}]}, "Write a number"),
    ({**SEEDED, "traps": [TRAP]}, "name of a value of the generator"),
    ({**ORDER, "order": ["a"]}, "each item exactly once"),
    ({**ORDER, "order": ["a", "a"]}, "each item exactly once"),
    ({**MATCH, "pairs": {"a": "x"}}, "pairs and left do not agree about b"),
    ({**MATCH, "pairs": {"a": "x", "b": "q"}}, "pairs names 'q'"),
    ({**MATCH, "why": {"a": "Because."}}, "why and left do not agree about b"),
    ({**CLOZE, "prompt": "A [[1]]."}, "the prompt has [[1]], blanks has 1, 2"),
    ({**CLOZE, "prompt": "A [[1]], [[1]] and [[2]]."}, "Write each blank once"),
    ({**MARK, "accept": [2]}, "Indexes go from 0 to 1"),
    ({**MARK, "why": {-1: "Before."}}, "Indexes go from 0 to 1"),
    ({**MARK, "accept": [1, 1]}, "names a token twice"),
]


@pytest.mark.parametrize(("data", "text"), BROKEN)
def test_a_question_that_cannot_be_graded_is_refused(data: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        question.validate_python(data)

    assert text in str(caught.value)


def test_a_quiz_does_not_draw_more_than_it_has() -> None:
    quiz = {"title": "T", "summary": "S", "minutes": 5, "policy": {"draw": 2}}

    with pytest.raises(ValidationError, match="the bank has 1 questions"):
        QuizFile.model_validate({**quiz, "bank": [GOOD["single"]]})


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ({"value": 3, "kind": "primary"}, "needs source, as_of and review_by"),
        ({"value": 3, "kind": "computed"}, "needs check, or source"),
        ({"value": [1, 2], "kind": "computed", "check": "golden"}, "several parts"),
        ({"value": 3, "kind": "computed", "check": "golden", "as_of": "2026-13"}, "pattern"),
    ],
)
def test_a_fact_says_who_vouches_for_it(data: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        Fact.model_validate({"key": "a.fact", **data})


def test_a_fact_shows_its_text_or_else_its_value() -> None:
    fact = {"key": "kv.bytes", "value": 131072, "kind": "computed", "check": "kv"}

    assert Fact.model_validate(fact).shown == "131072"
    assert Fact.model_validate({**fact, "text": "131,072 bytes"}).shown == "131,072 bytes"
