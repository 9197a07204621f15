"""The ten-word model: exact, seeded by row, indifferent to its batch."""

import numpy as np
import pytest

from labs.runtime import Runtime, Sampling
from labs.runtime.fake import STOP, TABLE, WORDS, FakeRuntime

PROMPTS = ["the lamp", "a door", "nonsense", ""]


@pytest.fixture
def runtime() -> Runtime:
    return FakeRuntime()


def test_the_next_word_depends_on_the_last_word_alone(runtime: Runtime) -> None:
    logits = runtime.next_logits("story", PROMPTS)
    assert logits.shape == (4, len(WORDS))
    assert logits.dtype == np.float32
    assert np.array_equal(logits[0], runtime.next_logits("story", ["warm lamp"])[0])
    assert np.array_equal(logits[2], logits[3])
    assert runtime.next_logits("story", []).shape == (0, len(WORDS))


def test_changing_what_was_returned_does_not_change_the_model(runtime: Runtime) -> None:
    before = TABLE.copy()
    runtime.next_logits("story", ["the lamp"])[:] = 0
    assert np.array_equal(TABLE, before)


def test_a_score_is_the_log_of_a_probability(runtime: Runtime) -> None:
    ((first, second),) = runtime.score("story", ["the lamp"], [" is warm"])
    after_lamp = np.exp(TABLE[WORDS.index(" lamp")].astype(float))
    after_is = np.exp(TABLE[WORDS.index(" is")].astype(float))
    assert np.exp(first) == pytest.approx(after_lamp[WORDS.index(" is")] / after_lamp.sum())
    assert np.exp(second) == pytest.approx(after_is[WORDS.index(" warm")] / after_is.sum())
    assert runtime.score("story", ["the lamp"], [""]) == ((),)


def test_a_row_does_not_depend_on_its_neighbours(runtime: Runtime) -> None:
    together = runtime.generate(
        "story", PROMPTS, sampling=Sampling(), max_new=8, row_seeds=[1, 2, 3, 4]
    )
    alone = runtime.generate("story", PROMPTS[2:3], sampling=Sampling(), max_new=8, row_seeds=[3])
    assert together[2] == alone[0]


def test_temperature_zero_takes_the_favourite(runtime: Runtime) -> None:
    (row,) = runtime.generate(
        "story", ["the lamp"], sampling=Sampling(temperature=0), max_new=2, row_seeds=[9]
    )
    assert row.text == " is warm"
    assert row.finish == "length"


def test_a_text_ends_at_the_stop_word(runtime: Runtime) -> None:
    (row,) = runtime.generate(
        "story", ["the lamp is warm"], sampling=Sampling(temperature=0), max_new=9, row_seeds=[9]
    )
    assert (row.ids, row.text, row.finish) == ((STOP,), "", "stop")


@pytest.mark.parametrize(
    "sampling",
    [
        Sampling(top_k=1),
        Sampling(top_p=0.01),
        Sampling(min_p=1.0),
        Sampling(logit_bias={WORDS.index(" is"): 50.0}),
    ],
)
def test_every_cut_can_leave_one_word(runtime: Runtime, sampling: Sampling) -> None:
    rows = runtime.generate(
        "story", ["the lamp"] * 20, sampling=sampling, max_new=1, row_seeds=range(20)
    )
    assert {row.text for row in rows} == {" is"}


def test_a_penalty_makes_a_repeat_less_likely(runtime: Runtime) -> None:
    def repeats(penalty: float) -> int:
        rows = runtime.generate(
            "story",
            ["the"] * 100,
            sampling=Sampling(repetition_penalty=penalty),
            max_new=12,
            row_seeds=range(100),
        )
        return sum(len(row.ids) - len(set(row.ids)) for row in rows)

    assert repeats(5.0) < repeats(1.0)


def test_samples_follow_the_table(runtime: Runtime) -> None:
    rows = runtime.generate(
        "story", ["the lamp"] * 2_000, sampling=Sampling(), max_new=1, row_seeds=range(2_000)
    )
    chances = np.exp(TABLE[WORDS.index(" lamp")].astype(float))
    expected = chances[WORDS.index(" is")] / chances.sum()
    found = sum(row.text == " is" for row in rows) / 2_000
    assert found == pytest.approx(expected, abs=0.045)  # four standard errors
