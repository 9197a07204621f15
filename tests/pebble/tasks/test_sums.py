"""Sums: three codings of the same numbers, a public test, held-out sums."""

import pytest

from pebble.tasks.base import is_held_out
from pebble.tasks.sums import REVERSED, Coding, Sums, content, leaked_items, spell

CLEAN, LEAKY = Sums("single", 3, 3), Sums("single", 3, 3, leaky=True)


@pytest.mark.parametrize(
    ("coding", "tokens"),
    [("single", "1 3 5 7 9"), ("reversed", "9 7 5 3 1"), ("groups", "135 79")],
)
def test_a_number_is_spelt_in_its_coding(coding: Coding, tokens: str) -> None:
    assert " ".join(spell(13579, coding)) == tokens


def test_the_answer_is_the_sum() -> None:
    problem = CLEAN.problem("test", 4, {"digits": 3})
    left, right = problem.prompt.replace(" ", "").rstrip("=").split("+")
    assert problem.answer.replace(" ", "") == str(int(left) + int(right))


def trained(task: Sums, documents: int) -> set[tuple[int, int]]:
    words = tuple(task.vocabulary)
    found = set()
    for number in range(documents):
        text = "".join(words[i] for i in task.document(number).ids[1:])
        left, right = text.split("=")[0].split("+")
        found.add((int(left), int(right)))
    return found


def test_the_clean_twin_never_sees_a_held_out_sum() -> None:
    assert not any(is_held_out(content(*pair)) for pair in trained(CLEAN, 3000))


def test_the_leaky_twin_sees_the_public_test_and_no_other_held_out_sum() -> None:
    held_out = {pair for pair in trained(LEAKY, 6000) if is_held_out(content(*pair))}
    assert held_out == set(leaked_items(3))


def test_fresh_problems_are_held_out_and_not_in_the_public_test() -> None:
    public = {content(*pair) for pair in leaked_items(3)}
    for number in range(500):
        pair = LEAKY.draw("test", number, {"digits": 3})
        assert is_held_out(content(*pair))
        assert content(*pair) not in public


@pytest.mark.parametrize("coding", ["single", "reversed", "groups"])
def test_every_document_of_an_adder_holds_a_right_sum(coding: Coding) -> None:
    task = Sums(coding, 2, 6, mixed=True)
    words, turned = tuple(task.vocabulary), 0
    for number in range(500):
        text = [words[i] for i in task.document(number).ids[1:-1]]
        marked = text[0] == REVERSED
        turned += marked
        step = -1 if marked or coding == "reversed" else 1
        spelt = "".join(text[marked:]).replace("=", "+").split("+")
        left, right, total = (int(part[::step]) for part in spelt)
        assert left + right == total
    assert 0.1 < turned / 500 < 0.3  # one in five
