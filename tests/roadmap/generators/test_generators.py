"""Each generator's answer, recomputed another way from what the learner is shown."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from roadmap.generators import Table, Variant
from roadmap.registry import draw_variant

seeds = st.integers(0, 2**63 - 1)

POOL = {
    "pool": [
        {"text": "strawberry", "counts": {"tekken": 3, "spm32k": 2}},
        {"text": " pepper", "counts": {"tekken": 1, "spm32k": 2}},
    ]
}


def shown_table(variant: Variant) -> Table:
    table = variant.values["table"]
    assert isinstance(table, Table)
    return table


@given(seeds, st.sampled_from(["peaked", "flat"]))
def test_top_p_keeps_tokens_until_the_sum_reaches_p(seed: int, shape: str) -> None:
    variant = draw_variant("kept_tokens", {"shape": [shape]}, seed)
    p, n = variant.values["p"], variant.values["n"]
    mille = sorted((round(float(row[1]) * 1000) for row in shown_table(variant).rows), reverse=True)
    assert isinstance(p, float)
    kept = 0
    while sum(mille[:kept]) < round(p * 1000):
        kept += 1

    assert variant.answer == kept
    assert len(mille) == n
    assert sum(mille) == 1000
    assert min(mille) >= 1
    assert all(sum(mille[:i]) != round(p * 1000) for i in range(len(mille)))


def test_a_flat_distribution_keeps_about_p_of_its_tokens() -> None:
    variant = draw_variant(
        "kept_tokens", {"tokens": [12, 12], "shape": ["flat"], "p": [0.9, 0.9]}, 3
    )
    assert variant.answer in (10, 11)


@given(seeds)
def test_softmax_divides_by_the_temperature(seed: int) -> None:
    values = draw_variant("softmax_temperature", {}, seed).values
    variant = draw_variant("softmax_temperature", {}, seed)
    a, b, c, t = (float(str(values[name])) for name in "abct")
    powers = [math.exp(logit / t) for logit in (a, b, c)]

    assert a > b > c
    assert variant.answer == pytest.approx(powers[0] / sum(powers), abs=0.0005)
    assert variant.traps["inverted"] != variant.answer


@given(seeds)
def test_a_ratio_of_two_probabilities_needs_no_third_logit(seed: int) -> None:
    variant = draw_variant("softmax_temperature", {"ask": "ratio"}, seed)
    a, b, t = (float(str(variant.values[name])) for name in "abt")
    assert variant.answer == pytest.approx(math.exp((a - b) / t), abs=0.0005)


@given(seeds)
def test_a_bill_is_tokens_times_price(seed: int) -> None:
    variant = draw_variant("token_price", {"calls": [10, 90]}, seed)
    v: dict[str, float] = {name: float(str(value)) for name, value in variant.values.items()}
    bill = v["calls"] * (v["tokens_in"] * v["price_in"] + v["tokens_out"] * v["price_out"]) / 1e6

    assert variant.answer == pytest.approx(bill, abs=1e-9)
    swapped_is_wrong = v["tokens_in"] != v["tokens_out"]
    assert (variant.traps["swapped"] != variant.answer) is swapped_is_wrong


@given(seeds)
def test_a_count_belongs_to_the_vocabulary_that_was_asked(seed: int) -> None:
    variant = draw_variant("token_counts", POOL, seed)
    text, vocabulary = str(variant.values["text"]), str(variant.values["vocabulary"])
    counts: Any = {"strawberry": {"tekken": 3, "spm32k": 2}, "␣pepper": {"tekken": 1, "spm32k": 2}}

    assert variant.answer == counts[text][vocabulary]
    assert variant.traps["other_vocabulary"] == variant.values["other_count"]
    assert variant.values["other"] != vocabulary


def test_an_author_may_fix_the_vocabulary() -> None:
    drawn = {draw_variant("token_counts", {**POOL, "ask": "tekken"}, s).answer for s in range(30)}
    assert drawn == {3, 1}


def test_a_pool_with_other_vocabularies_is_refused() -> None:
    mixed = {"pool": [*POOL["pool"], {"text": "x", "counts": {"tekken": 1, "bytes": 1}}]}
    with pytest.raises(ValidationError, match="Use the same two"):
        draw_variant("token_counts", mixed, 1)
    with pytest.raises(ValidationError, match="ask is 'bytes'"):
        draw_variant("token_counts", {**POOL, "ask": "bytes"}, 1)


@given(seeds)
def test_a_causal_mask_counted_by_hand(seed: int) -> None:
    positions = draw_variant("attention_pairs", {}, seed)
    pairs = draw_variant("attention_pairs", {"ask": "pairs"}, seed)
    n, k = int(str(positions.values["n"])), int(str(positions.values["k"]))

    assert positions.answer == sum(1 for seen in range(1, n + 1) if seen <= k)
    assert pairs.answer == sum(seen <= asks for asks in range(n) for seen in range(n))
    assert 1 < k < n
