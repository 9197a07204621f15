"""Points are a share, the right answer earns all of it, and guessing does not pay."""

from collections.abc import Iterable
from itertools import chain, combinations, permutations, product
from statistics import fmean
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.scoring import attempt_score, best_of_last, caught_by, credit

Case = tuple[dict[str, Any], dict[str, Any]]  # key, payload

IDS = ["a", "b", "c", "d", "e"]
some_ids = st.lists(st.sampled_from(IDS), unique=True)
right_ids = some_ids.filter(bool)
numbers = st.floats(-1e9, 1e9)
texts = st.text(max_size=12)


def answer(kind: str, key: dict[str, Any], **payload: Any) -> float:
    return credit(kind, {}, key, payload, {})


@st.composite
def cases(draw: st.DrawFn) -> tuple[str, Case]:
    """Any question of any type with any answer a form lets through."""
    right, ids = draw(right_ids), draw(st.permutations(IDS))
    pairs = draw(st.dictionaries(st.sampled_from(IDS), st.sampled_from(IDS), min_size=1))
    given = draw(st.dictionaries(st.sampled_from(IDS), st.sampled_from(IDS)))
    accept = draw(st.lists(texts, min_size=1))
    blanks = {"1": accept, "2": ["two"]}
    all_cases: dict[str, Case] = {
        "single": ({"right": right[:1]}, {"choice": draw(st.sampled_from(IDS))}),
        "multiple": ({"right": right}, {"choices": draw(some_ids)}),
        "numeric": ({"answer": draw(numbers), "tolerance": 0.5}, {"value": draw(numbers)}),
        "order": ({"order": IDS}, {"order": ids}),
        "match": ({"pairs": pairs}, {"pairs": given}),
        "cloze": ({"blanks": blanks}, {"blanks": {"1": draw(texts), "2": draw(texts)}}),
        "predict": ({"accept": accept}, {"text": draw(texts)}),
        "mark": ({"accept": [0, 2]}, {"tokens": draw(st.lists(st.integers(0, 4), unique=True))}),
    }
    return draw(st.sampled_from(sorted(all_cases.items())))


@given(cases())
def test_every_credit_is_a_share(case: tuple[str, Case]) -> None:
    kind, (key, payload) = case
    assert 0 <= credit(kind, {}, key, payload, {}) <= 1


@given(right_ids, numbers, st.lists(texts, min_size=1))
def test_the_right_answer_earns_everything(
    right: list[str], number: float, accept: list[str]
) -> None:
    pairs = dict(zip(IDS, reversed(IDS), strict=True))

    assert answer("single", {"right": right[:1]}, choice=right[0]) == 1
    assert answer("multiple", {"right": right}, choices=right) == 1
    assert answer("numeric", {"answer": number, "tolerance": 0}, value=number) == 1
    assert answer("order", {"order": right}, order=right) == 1
    assert answer("match", {"pairs": pairs}, pairs=pairs) == 1
    assert answer("cloze", {"blanks": {"1": accept}}, blanks={"1": accept[-1]}) == 1
    assert answer("predict", {"accept": accept}, text=accept[-1]) == 1
    assert answer("mark", {"accept": [1, 3]}, tokens=[3, 1]) == 1


@given(right_ids, some_ids, st.randoms())
def test_the_order_of_picks_does_not_matter(right: list[str], picks: list[str], rng: Any) -> None:
    shuffled = rng.sample(picks, len(picks))
    assert answer("multiple", {"right": right}, choices=picks) == answer(
        "multiple", {"right": right[::-1]}, choices=shuffled
    )


@pytest.mark.parametrize("size", [2, 3, 4, 5])
def test_a_random_order_earns_no_more_than_a_random_choice(size: int) -> None:
    ids = IDS[:size]
    earned = [answer("order", {"order": ids}, order=list(given)) for given in permutations(ids)]
    assert fmean(earned) == pytest.approx(1 / size)


@pytest.mark.parametrize("size", [2, 3, 4])
def test_random_pairs_earn_no_more_than_random_choices(size: int) -> None:
    ids = IDS[:size]
    key = {"pairs": {name: name for name in ids}}
    guesses = (dict(zip(ids, rights, strict=True)) for rights in product(ids, repeat=size))
    earned = [answer("match", key, pairs=guess) for guess in guesses]
    assert fmean(earned) == pytest.approx(1 / size)


def every_subset(ids: list[str]) -> Iterable[tuple[str, ...]]:
    return chain.from_iterable(combinations(ids, size) for size in range(len(ids) + 1))


@pytest.mark.parametrize("right", [1, 2, 3, 4, 5])
def test_a_coin_per_option_earns_at_most_half(right: int) -> None:
    key = {"right": IDS[:right]}
    earned = [answer("multiple", key, choices=list(picks)) for picks in every_subset(IDS)]
    assert fmean(earned) <= 0.5


def test_picking_every_option_costs_what_the_wrong_ones_cost() -> None:
    assert answer("multiple", {"right": ["a", "b"]}, choices=IDS) == 0
    assert answer("multiple", {"right": ["a", "b"]}, choices=["a"]) == 0.5
    assert answer("multiple", {"right": ["a", "b"]}, choices=["a", "b", "c"]) == 0.5
    assert answer("mark", {"accept": [0, 1]}, tokens=[0, 1, 2]) == 0.5


def test_a_reversed_order_earns_nothing_and_one_moved_item_not_everything() -> None:
    key = {"order": IDS}
    assert answer("order", key, order=IDS[::-1]) == 0
    assert answer("order", key, order=["b", "c", "d", "e", "a"]) == 0.75


@pytest.mark.parametrize(
    ("value", "earned"), [(0.694, 0), (0.695, 1), (0.7, 1), (0.705, 1), (0.706, 0)]
)
def test_a_number_may_miss_by_its_tolerance(value: float, earned: float) -> None:
    assert answer("numeric", {"answer": 0.7, "tolerance": 0.005}, value=value) == earned


def test_a_sum_of_tenths_is_exact_enough() -> None:
    assert answer("numeric", {"answer": 0.3, "tolerance": 0}, value=0.1 + 0.2) == 1


def test_a_seeded_number_is_compared_with_the_drawn_answer() -> None:
    variant = {"answer": 7, "traps": {"minus_one": 6}}
    key = {"seeded": True, "tolerance": 0, "traps": [{"value": 99}, {"value": "minus_one"}]}

    assert credit("numeric", {}, key, {"value": 7.0}, variant) == 1
    assert credit("numeric", {}, key, {"value": 6.0}, variant) == 0
    assert caught_by("numeric", key, {"value": 6.0}, variant) == 1
    assert caught_by("numeric", key, {"value": 5.0}, variant) is None


def test_a_blank_forgives_case_spaces_and_encoding() -> None:
    key = {"blanks": {"1": ["Café"], "2": ["softmax"]}}
    assert answer("cloze", key, blanks={"1": " cafe\u0301 ", "2": "SOFTMAX"}) == 1
    assert answer("cloze", key, blanks={"1": "cafe", "2": "softmax"}) == 0.5
    assert answer("cloze", key, blanks={}) == 0


def test_a_prediction_forgives_trailing_spaces_only() -> None:
    key = {"accept": ["a b\nc"], "traps": [{"value": "A b"}]}
    assert answer("predict", key, text="a b  \r\nc\n") == 1
    assert answer("predict", key, text=" a b\nc") == 0
    assert answer("predict", key, text="a b c") == 0
    assert caught_by("predict", key, {"text": "A b "}, {}) == 0


def test_a_score_weighs_points_and_ignores_an_empty_attempt() -> None:
    assert attempt_score([(1, 1.0), (3, 0.0)]) == 0.25
    assert attempt_score([]) == 0


def test_an_old_best_stops_counting() -> None:
    assert best_of_last([1.0, 0.2, 0.4, 0.3], 3) == 0.4
    assert best_of_last([0.2], 3) == 0.2
    assert best_of_last([], 3) == 0
