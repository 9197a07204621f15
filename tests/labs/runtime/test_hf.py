"""The real backend on a tiny random model: the same numbers as a plain forward, in any company."""

import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from typing import Any, get_args

import numpy as np
import pytest

from labs.runtime import ContextTooLong, Generated, Order, Sampling, Stopped
from labs.runtime.model import Model
from labs.runtime.sampling import changed, sample, uniforms
from labs.runtime.serving import ModelRuntime
from tests.labs.runtime import tiny

pytestmark = pytest.mark.slow
torch = pytest.importorskip("torch")
TEXT = "the lamp is warm and the door is open while the river of the town is cold"
WORDS = TEXT.split()
CUT = 1e-5  # a draw this near to a border may fall on either side


def plain_logits(model: Any, ids: Sequence[int]) -> Any:
    """(tokens, V), by transformers alone."""
    with torch.inference_mode():
        found = model.module(torch.tensor([list(ids)], device=model.device))
        return found.logits[0].cpu().numpy()


def request(number: int) -> tuple[str, Sampling, int, int]:
    """A learner's request: prompt, settings, tokens, seed; all of them differ."""
    draws = np.random.default_rng(number)
    start = int(draws.integers(len(WORDS)))
    text = " ".join((WORDS[start:] + WORDS)[: 1 + number % 13])
    setting = Sampling(
        temperature=float(draws.choice([0, 0.5, 0.8, 1, 1.4])),
        top_k=int(draws.choice([0, 0, 5, 40, 270])),
        top_p=float(draws.choice([1, 0.95, 0.8])),
        min_p=float(draws.choice([0, 0.02, 0.1])),
        repetition_penalty=float(draws.choice([1, 1, 1.3])),
        logit_bias={int(draws.integers(300)): 3.0} if number % 5 == 0 else {},
        order=get_args(Order)[number % 3],
    )
    return text, setting, int(draws.integers(4, 40)), number * 7919


def ask(runtime: ModelRuntime, number: int) -> Generated:
    text, setting, max_new, seed = request(number)
    (row,) = runtime.generate("story", [text], sampling=setting, max_new=max_new, row_seeds=[seed])
    return row


def is_near_a_cut(model: Model, number: int, ids: Sequence[int]) -> bool:
    """Whether the draw after `ids` changes when everything it compares moves by CUT."""
    text, setting, max_new, seed = request(number)
    seen = [*model.tokenizer.prompt(text), *ids]
    logits = changed(plain_logits(model, seen)[-1], setting, seen)
    u = uniforms(seed, max_new)[len(ids)]
    found = set()
    for move in (-CUT, 0, CUT):
        moved = replace(
            setting, top_p=min(1, setting.top_p + move), min_p=max(0, setting.min_p + move)
        )
        for one in (setting, moved):
            noise = np.random.default_rng(1).normal(0, abs(move), len(logits)).astype(np.float32)
            drawn, _ = sample((logits + noise)[None], [one], np.clip([u + move], 0, 1 - 2**-53))
            found.add(int(drawn[0]))
    return len(found) > 1


def test_64_concurrent_requests_get_the_tokens_they_get_alone(
    model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    together, alone = (ModelRuntime(tiny.shelf(model)) for _ in range(2))
    numbers = range(64)
    with ThreadPoolExecutor(32) as learners:
        crowd = list(learners.map(lambda number: ask(together, number), numbers))
    single = [ask(alone, number) for number in numbers]
    excused = 0
    for number, one, other in zip(numbers, crowd, single, strict=True):
        if one.ids != other.ids:
            same = next(n for n in count() if one.ids[n] != other.ids[n])
            assert is_near_a_cut(model, number, one.ids[:same]), number
            excused += 1
        else:
            assert one.log_probabilities == pytest.approx(other.log_probabilities, abs=1e-4)
    assert len({row.ids for row in crowd}) > 55
    with capsys.disabled():
        sys.stdout.write(f"\nbatch: {64 - excused} of 64 rows equal, {excused} near a cut")


def test_the_draws_are_those_of_a_plain_forward(model: Model, runtime: ModelRuntime) -> None:
    for number in (1, 2, 3, 5, 9, 10):
        text, setting, max_new, seed = request(number)
        seen = list(model.tokenizer.prompt(text))
        row = ask(runtime, number)
        for n, token in enumerate(row.ids):
            logits = changed(plain_logits(model, seen)[-1], setting, seen)
            drawn, _ = sample(logits[None], [setting], uniforms(seed, max_new)[n : n + 1])
            assert drawn[0] == token or is_near_a_cut(model, number, row.ids[:n])
            seen.append(token)


def test_greedy_text_is_what_generate_makes(model: Any, runtime: ModelRuntime) -> None:
    prompts = [" ".join(WORDS[:n]) for n in (1, 4, 9)]
    rows = runtime.generate(
        "story", prompts, sampling=Sampling(temperature=0), max_new=20, row_seeds=[0, 0, 0]
    )
    for prompt, row in zip(prompts, rows, strict=True):
        ids = torch.tensor([model.tokenizer.prompt(prompt)], device=model.device)
        found = model.module.generate(
            ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=20
        )
        assert tuple(found[0, ids.shape[1] :].tolist()) == row.ids


def test_next_logits_are_those_of_a_plain_forward(model: Any, runtime: ModelRuntime) -> None:
    prompts = [" ".join(WORDS[:n]) for n in range(1, 15)] * 2
    logits = runtime.next_logits("story", prompts)
    assert logits.shape == (28, 300)
    assert logits.dtype == np.float32
    for prompt, row in zip(prompts, logits, strict=True):
        plain = plain_logits(model, model.tokenizer.prompt(prompt))[-1]
        assert np.abs(row - plain).max() < 1e-4
    assert runtime.next_logits("story", []).shape == (0, 300)


@pytest.mark.parametrize("header", ["", "the river of the town is cold and the lamp is warm. " * 4])
def test_scores_are_those_of_one_plain_forward_each(
    model: Any, runtime: ModelRuntime, header: str
) -> None:
    prompts, options = [], []
    for n in range(12):
        for option in (" the door", " is open", " a", " naïve 雨", ""):
            prompts.append(header + " ".join(WORDS[: 1 + n]) + " " * (n % 2))
            options.append(option)
    scores = runtime.score("story", prompts, options)
    for prompt, option, found in zip(prompts, options, scores, strict=True):
        context = model.tokenizer.prompt(prompt.rstrip(" "))
        whole = model.tokenizer.prompt(prompt + option)
        logits = torch.tensor(plain_logits(model, whole)).log_softmax(-1)
        expected = [float(logits[n - 1, whole[n]]) for n in range(len(context), len(whole))]
        assert found == pytest.approx(expected, abs=1e-4)
        assert bool(found) == (len(whole) > len(context))


def test_a_context_too_long_to_score_is_cut_on_the_left(model: Any, runtime: ModelRuntime) -> None:
    prompt = "the door " * 90
    (found,) = runtime.score("story", [prompt], [" is open"])
    context = model.tokenizer.prompt(prompt.rstrip())
    option = model.tokenizer.prompt(prompt + " is open")[len(context) :]
    kept = [*context, *option][-(tiny.CONTEXT + 1) :]
    logits = torch.tensor(plain_logits(model, kept[:-1])).log_softmax(-1)
    expected = [float(logits[n, kept[n]]) for n in range(-len(option), 0)]
    assert found == pytest.approx(expected, abs=1e-4)
    with pytest.raises(ContextTooLong, match="continuation has"):
        runtime.score("story", ["a"], ["is open" * 90])


def test_a_record_says_what_the_model_thought(model: Any, runtime: ModelRuntime) -> None:
    setting = Sampling(temperature=0.7, top_k=30, records=4)
    (row,) = runtime.generate("story", ["the lamp"], sampling=setting, max_new=9, row_seeds=[5])
    seen = list(model.tokenizer.prompt("the lamp"))
    for token, chance, record in zip(row.ids, row.log_probabilities, row.records, strict=True):
        shares = torch.tensor(plain_logits(model, seen)[-1]).double().softmax(-1)
        assert record.id == token
        assert record.probability == pytest.approx(float(shares[token]), abs=1e-5)
        assert np.exp(chance) == pytest.approx(record.probability, abs=1e-5)
        assert record.rank == int((shares > shares[token]).sum())
        assert record.entropy == pytest.approx(float(-(shares * shares.log2()).sum()), abs=1e-4)
        assert [place for place, _ in record.top] == shares.topk(4).indices.tolist()
        seen.append(token)
    assert row.prompt_tokens == len(model.tokenizer.prompt("the lamp"))


def test_a_stop_text_ends_a_row_and_is_cut_away(runtime: ModelRuntime) -> None:
    plain = ask(runtime, 3)
    middle = plain.text[2:4]
    text, setting, max_new, seed = request(3)
    (row,) = runtime.generate(
        "story",
        [text],
        sampling=replace(setting, stop=("never written", middle)),
        max_new=max_new,
        row_seeds=[seed],
    )
    assert row.finish == "stop"
    assert row.text == plain.text[: plain.text.index(middle)]
    assert row.ids == plain.ids[: len(row.ids)]
    assert len(row.ids) < len(plain.ids)


def test_the_end_mark_ends_a_row_and_the_limit_another(runtime: ModelRuntime) -> None:
    settings = [Sampling(logit_bias={tiny.STOP: bias}) for bias in (1000.0, -1000.0)]
    ended, long = runtime.generate(
        "story", ["the", "the"], sampling=settings, max_new=7, row_seeds=[1, 1]
    )
    assert (ended.ids, ended.text, ended.finish) == ((tiny.STOP,), "", "stop")
    assert (len(long.ids), long.finish) == (7, "length")


def test_a_cancelled_run_stops_at_the_next_token(runtime: ModelRuntime) -> None:
    asked = count()
    one = runtime.for_run(lambda: next(asked) >= 5)
    with pytest.raises(Stopped):
        one.generate("story", ["the"], sampling=NEVER_ENDS, max_new=100, row_seeds=[1])
    assert next(asked) == 6  # asked before each of five tokens, and not again after the refusal
    (row,) = runtime.generate("story", ["the"], sampling=NEVER_ENDS, max_new=3, row_seeds=[1])
    assert len(row.ids) == 3


NEVER_ENDS = Sampling(logit_bias={tiny.STOP: -1000.0})


def test_a_cancelled_run_does_not_disturb_its_neighbours(runtime: ModelRuntime) -> None:
    asked = count()
    halted = runtime.for_run(lambda: next(asked) >= 6)
    with ThreadPoolExecutor(9) as learners:
        others = [learners.submit(ask, runtime, number) for number in range(8)]
        with pytest.raises(Stopped):
            halted.generate("story", ["a"] * 6, sampling=NEVER_ENDS, max_new=90, row_seeds=range(6))
    alone = ModelRuntime(runtime.shelf)
    assert [row.result().ids for row in others] == [ask(alone, number).ids for number in range(8)]


def test_ids_may_be_given_where_control_tokens_are_meant(model: Any, runtime: ModelRuntime) -> None:
    marked = model.tokenizer.encode("<|bos|>the", specials=True).ids
    by_ids, by_text = runtime.next_logits("story", [marked, "the"])
    assert np.abs(by_ids - by_text).max() < 1e-5


def test_a_prompt_that_does_not_fit_is_refused_with_its_numbers(runtime: ModelRuntime) -> None:
    with pytest.raises(ContextTooLong, match=r"201 tokens; this model reads at most 128\. Shorten"):
        runtime.next_logits("story", [(5,) * 201])
    with pytest.raises(ContextTooLong, match="100 tokens and 40 more are to be written"):
        runtime.generate("story", [(5,) * 100], sampling=Sampling(), max_new=40, row_seeds=[1])
    (row,) = runtime.generate("story", [(5,) * 100], sampling=NEVER_ENDS, max_new=29, row_seeds=[1])
    assert len(row.ids) == 29


@pytest.mark.parametrize("vocabulary", ["tiny", "bytes"])
def test_a_model_brings_its_vocabulary_by_its_slug(runtime: ModelRuntime, vocabulary: str) -> None:
    text = "the naïve 雨 <|end|>"
    encoding = runtime.tokenizer(vocabulary).encode(text)
    assert b"".join(encoding.pieces) == text.encode()
    assert encoding.spans[-1][1] == len(text.encode())
    assert tiny.STOP not in encoding.ids
    assert runtime.tokenizer(vocabulary).decode(encoding.ids) == text
