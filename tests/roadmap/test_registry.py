"""Generators are found by their file name and speak clearly when they are not."""

import pytest
from pydantic import ValidationError

from roadmap.registry import draw_variant, generator_names

ALL = ["attention_pairs", "kept_tokens", "softmax_temperature", "token_counts", "token_price"]
POOL = {"pool": [{"text": " pepper", "counts": {"tekken": 1, "spm32k": 2}}]}
ARGS = {"token_counts": POOL}


def test_every_file_is_a_generator() -> None:
    assert generator_names() == ALL


@pytest.mark.parametrize("name", ALL)
def test_the_same_seed_draws_the_same_variant(name: str) -> None:
    first = draw_variant(name, ARGS.get(name, {}), 7)
    assert first == draw_variant(name, ARGS.get(name, {}), 7)
    assert first.model_dump(mode="json")["values"]


@pytest.mark.parametrize("name", sorted(set(ALL) - {"token_counts"}))
def test_other_seeds_draw_other_variants(name: str) -> None:
    drawn = {draw_variant(name, {}, seed).model_dump_json() for seed in range(20)}
    assert len(drawn) > 5


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(
        LookupError, match=r"'kept_token'\. There are: attention_pairs, kept_tokens"
    ):
        draw_variant("kept_token", {}, 1)


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_argument_is_refused(name: str) -> None:
    with pytest.raises(ValidationError, match="surprise"):
        draw_variant(name, {**ARGS.get(name, {}), "surprise": 1}, 1)


def test_a_range_the_wrong_way_round_is_refused() -> None:
    with pytest.raises(ValidationError, match="Write the smaller end first"):
        draw_variant("kept_tokens", {"tokens": [14, 8]}, 1)
