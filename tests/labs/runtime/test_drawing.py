"""One step of many rows: biased and plain ones side by side, and what is noted of each."""

import numpy as np
import pytest

from labs.runtime import Sampling
from labs.runtime.drawing import ArrayLogits, Row, draw_next, record
from labs.runtime.sampling import Knobs, Logits, sample

LOGITS: Logits = np.random.default_rng(0).normal(0, 3, (6, 700)).astype(np.float32)


def row(sampling: Sampling, seed: int = 5) -> Row:
    return Row(prompt=(1, 2), sampling=sampling, max_new=4, seed=seed)


def test_a_biased_row_beside_plain_ones_changes_its_own_draw_only() -> None:
    settings = [Sampling(top_p=0.9), Sampling(logit_bias={77: 1000.0})] * 3
    rows = [row(setting, seed) for seed, setting in enumerate(settings)]
    ids = draw_next(ArrayLogits(LOGITS), rows, Knobs.of(settings))
    assert ids[1::2].tolist() == [77, 77, 77]
    plain, _ = sample(LOGITS[::2], settings[::2], np.array([one.u[0] for one in rows[::2]]))
    assert ids[::2].tolist() == plain.tolist()
    assert [one.ids for one in rows] == [[token] for token in ids]


def test_log_probabilities_are_the_models_own_before_every_knob() -> None:
    setting = Sampling(temperature=0.3, top_k=3, logit_bias={9: 50.0})
    one = row(setting)
    draw_next(ArrayLogits(LOGITS[:1]), [one], Knobs.of([setting]))
    shares = np.exp(LOGITS[0].astype(float)) / np.exp(LOGITS[0].astype(float)).sum()
    assert np.exp(one.log_probabilities[0]) == pytest.approx(shares[one.ids[0]], rel=1e-5)


def test_a_record_of_four_equals_has_two_bits_and_ranks_by_id() -> None:
    found = record(np.array([2, 2, -np.inf, 2, 2], dtype=np.float32), 3, 2)
    assert found.entropy == pytest.approx(2)
    assert found.probability == pytest.approx(0.25)
    assert found.rank == 2
    assert [token for token, _ in found.top] == [0, 1]


def test_the_earliest_stop_text_wins_and_is_cut_away() -> None:
    one = row(Sampling(stop=("d", "bc")))
    one.ids = [1, 2, 3]
    assert one.end(frozenset(), lambda ids: "abcd"[: len(ids) + 1])
    assert (one.text, one.finish) == ("a", "stop")
