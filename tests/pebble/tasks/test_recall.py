"""Recall: one answer per question, near misses as asked, lists held out."""

import pytest

from pebble.tasks.base import is_held_out
from pebble.tasks.recall import ASK, TRAINED, Recall

WORDS = tuple(Recall().vocabulary)


def split(prompt: str) -> tuple[list[tuple[str, ...]], tuple[str, ...]]:
    words = prompt.split()
    pairs = [tuple(words[i : i + 3]) for i in range(0, len(words) - 3, 3)]
    return pairs, tuple(words[-2:])


@pytest.mark.parametrize("count", [1, 2, 12, 40])
def test_exactly_one_pair_answers_the_question(count: int) -> None:
    problem = Recall().problem("test", 3, {"pairs": count})
    pairs, key = split(problem.prompt)
    assert len(pairs) == count
    assert [value for *found, value in pairs if tuple(found) == key] == [problem.answer]


@pytest.mark.parametrize("symbol", [1, 2])
def test_near_misses_share_the_symbol_asked_for(symbol: int) -> None:
    problem = Recall().problem("test", 0, {"pairs": 8, "near": 6, "symbol": symbol})
    pairs, key = split(problem.prompt)
    sharing = [pair for pair in pairs if pair[symbol - 1] == key[symbol - 1]]
    assert len(sharing) >= 7  # the needle and its six near misses


@pytest.mark.parametrize("position", [0, 5, 11])
def test_the_needle_stands_where_it_was_asked_to(position: int) -> None:
    problem = Recall().problem("test", 9, {"pairs": 12, "position": position})
    pairs, key = split(problem.prompt)
    assert pairs[position][:2] == key


def test_training_lists_are_short_and_never_held_out() -> None:
    for number in (*range(300), *range(100_000, 100_300)):
        words = [WORDS[i] for i in Recall().document(number).ids]
        body = words[1 : words.index(ASK)]
        pairs = [tuple(body[i : i + 3]) for i in range(0, len(body), 3)]
        assert len(pairs) <= TRAINED
        assert not is_held_out(str(sorted(pairs)))


def test_lists_for_testing_are_all_held_out() -> None:
    for number in range(100):
        pairs, _ = split(Recall().problem("test", number, {"pairs": 4}).prompt)
        assert is_held_out(str(sorted(pairs)))
