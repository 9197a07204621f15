"""One thread, many callers: fair, halting, and honest about a device that is full or lost."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import numpy as np
import pytest

from labs.runtime import NoRoom, Sampling, Stopped
from labs.runtime.batching import Engine
from labs.runtime.drawing import ArrayLogits, Row
from labs.runtime.model import DeviceLost, OutOfMemory
from labs.runtime.serving import never

VOCABULARY = 9


class Counting:
    """Rows of a model that says the number of tokens it has read, modulo the vocabulary."""

    def __init__(self, model: "CountingModel") -> None:
        self.model, self.lengths = model, list[int]()

    def join(self, prompts: Sequence[Sequence[int]]) -> None:
        self.model.joins.append([prompt[0] for prompt in prompts])
        self.check(len(self.lengths) + len(prompts))
        self.lengths += map(len, prompts)

    def keep(self, which: Sequence[int]) -> None:
        self.lengths = [self.lengths[n] for n in which]

    def step(self, tokens: Sequence[int]) -> None:
        assert len(tokens) == len(self.lengths)
        self.model.steps += 1
        self.model.started.set()
        self.model.may_step.wait(5)
        self.check(len(tokens))
        self.lengths = [length + 1 for length in self.lengths]

    def check(self, rows: int) -> None:
        if self.model.is_broken:
            raise DeviceLost("device-side assert triggered")
        if rows > self.model.room:
            raise OutOfMemory

    def logits(self) -> ArrayLogits:
        return ArrayLogits(10 * np.eye(VOCABULARY, dtype=np.float32)[np.array(self.lengths) % 9])


class Spelling:
    slug, sha256, size = "digits", "", VOCABULARY

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(str, ids))


class CountingModel:
    context, stops, weight_bytes = 100, frozenset[int](), 100
    tokenizer: Any = Spelling()

    def __init__(self, room: int = 1_000) -> None:
        self.room, self.is_broken = room, False
        self.joins: list[list[int]] = []
        self.steps = 0
        self.started, self.may_step = Event(), Event()
        self.may_step.set()

    def open(self) -> Counting:
        return Counting(self)

    def header(self, ids: Sequence[int]) -> None:
        raise NotImplementedError

    def score(self, pack: Any, header: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def model() -> CountingModel:
    return CountingModel()


@pytest.fixture
def engine(model: CountingModel) -> Iterator[Engine]:
    engine = Engine(model, rows=8)
    yield engine
    model.may_step.set()
    engine.close()


def rows(number: int, *, who: int = 1, length: int = 3, max_new: int = 4) -> list[Row]:
    prompt = (who,) * length
    greedy = Sampling(temperature=0)
    return [Row(prompt=prompt, sampling=greedy, max_new=max_new, seed=0) for _ in range(number)]


def ids(some: Sequence[Row]) -> set[tuple[int, ...]]:
    return {tuple(row.ids) for row in some}


def test_more_rows_than_fit_are_all_finished(engine: Engine) -> None:
    some = rows(50)
    engine.generate(some, never)
    assert ids(some) == {(3, 4, 5, 6)}
    assert {row.text for row in some} == {"3456"}
    assert engine.is_idle


def test_a_run_of_many_rows_cannot_starve_a_run_of_few(
    engine: Engine, model: CountingModel
) -> None:
    model.may_step.clear()
    with ThreadPoolExecutor(3) as learners:
        many = learners.submit(engine.generate, rows(40, who=1), never)
        assert model.started.wait(5)
        few = [learners.submit(engine.generate, rows(4, who=who), never) for who in (2, 3)]
        while len(engine.calls) < 3:
            pass
        model.may_step.set()
        for call in (many, *few):
            call.result(5)
    assert model.joins[0] == [1] * 8
    assert sorted(model.joins[1]) == [1, 1, 1, 2, 2, 2, 3, 3]


def test_rows_join_when_a_quarter_is_free_and_not_before(
    engine: Engine, model: CountingModel
) -> None:
    short, long = rows(1, max_new=2), rows(7, max_new=10)
    engine.generate([*short, *long, *rows(1, who=2, max_new=2)], never)
    assert model.joins == [[1] * 8, [2]]
    assert model.steps == 9 + 1  # the newcomer waited until the seven had ended


def test_exclusive_work_runs_between_two_steps_and_may_fail_alone(engine: Engine) -> None:
    assert engine.alone(lambda: 7, never) == 7
    with pytest.raises(ZeroDivisionError):
        engine.alone(lambda: 1 / 0, never)
    some = rows(1)
    engine.generate(some, never)
    assert ids(some) == {(3, 4, 5, 6)}


def test_a_run_that_is_over_before_it_starts_gets_nothing(engine: Engine) -> None:
    some = rows(2)
    with pytest.raises(Stopped):
        engine.generate(some, lambda: True)
    with pytest.raises(Stopped):
        engine.alone(lambda: 7, lambda: True)
    assert ids(some) == {()}


def test_when_memory_is_short_half_the_rows_go_on_and_nothing_is_lost() -> None:
    model = CountingModel(room=3)
    engine = Engine(model, rows=8)
    some = rows(20)
    engine.generate(some, never)
    assert ids(some) == {(3, 4, 5, 6)}
    assert [len(join) for join in model.joins[:3]] == [8, 4, 2]
    engine.close()


def test_memory_that_runs_out_in_the_middle_keeps_what_was_drawn(model: CountingModel) -> None:
    engine = Engine(model, rows=8)
    model.may_step.clear()
    some = rows(8)
    with ThreadPoolExecutor(1) as learners:
        call = learners.submit(engine.generate, some, never)
        assert model.started.wait(5)
        model.room = 2
        model.may_step.set()
        call.result(5)
    assert ids(some) == {(3, 4, 5, 6)}
    engine.close()


def test_a_row_that_does_not_fit_alone_is_refused_with_a_sentence() -> None:
    model = CountingModel(room=0)
    engine = Engine(model, rows=8)
    with pytest.raises(NoRoom, match=r"3 tokens does not fit .* Shorten the prompt"):
        engine.generate(rows(5), never)
    model.room = 8
    some = rows(5)
    engine.generate(some, never)
    assert ids(some) == {(3, 4, 5, 6)}
    engine.close()


def test_a_lost_device_ends_every_call_now_and_later(engine: Engine, model: CountingModel) -> None:
    model.may_step.clear()
    with ThreadPoolExecutor(2) as learners:
        calls = [learners.submit(engine.generate, rows(3), never)]
        assert model.started.wait(5)
        calls.append(learners.submit(engine.generate, rows(3), never))
        while len(engine.calls) < 2:
            pass
        model.is_broken = True
        model.may_step.set()
        for call in calls:
            with pytest.raises(DeviceLost, match="assert"):
                call.result(5)
    with pytest.raises(DeviceLost):
        engine.generate(rows(1), never)
    assert not issubclass(DeviceLost, Exception)  # so the pool child trusts itself no more


def test_a_batch_stays_inside_the_cache_budget(model: CountingModel) -> None:
    engine = Engine(model, rows=8, cache_tokens=30)  # each row reaches 3 + 4 tokens
    engine.generate(rows(9), never)
    assert max(map(len, model.joins)) == 4
    engine.close()
