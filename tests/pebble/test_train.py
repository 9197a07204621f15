"""The loop, on a toy member small enough for any machine."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
import torch

from pebble.decode import Answerer, Way
from pebble.members import Member, Recipe, Shape
from pebble.tasks.base import BOS, END, Document, Problem, Split, Task
from pebble.train import Trainer, batch, rate_at

LETTERS = ("a", "b", "c", "d")


class Echo(Task):
    """Say the letter again. Chance is 0.25."""

    name: ClassVar[str] = "echo"

    @property
    def symbols(self) -> tuple[str, ...]:
        return LETTERS

    def document(self, number: int) -> Document:
        letter = self.dice(number).choice(LETTERS)
        return Document(self.encode([BOS, letter, letter, END]), [0.0, 0.0, 1.0, 0.1])

    def problem(self, split: Split, number: int, knobs: Mapping[str, int]) -> Problem:
        letter = self.dice(split, number).choice(LETTERS)
        return Problem(letter, letter)


TOY = Member(
    "toy",
    "none",
    "Says a letter again.",
    Echo(),
    Recipe(steps=150, batch=32, warm_up=10),
    Shape(width=16, layers=1, heads=2, inner=32, context=8),
)


def score(trainer: Trainer) -> float:
    problems = [TOY.task.problem("test", number, {}) for number in range(100)]
    texts = Answerer(trainer.model, TOY.task, Way()).texts(problems)
    return sum(map(TOY.task.check, problems, texts)) / 100


@pytest.mark.slow
def test_a_toy_member_learns_within_a_minute(tmp_path: Path) -> None:
    started = time.monotonic()
    trainer = Trainer(TOY, tmp_path)
    progress = trainer.run()
    assert progress.ended == "all steps done"
    assert score(trainer) > 0.9
    assert time.monotonic() - started < 60


def test_a_resumed_run_ends_like_one_that_was_never_cut(tmp_path: Path) -> None:
    short = replace(TOY, recipe=replace(TOY.recipe, steps=12))
    whole = Trainer(short, tmp_path / "whole")
    whole.run()
    first = Trainer(short, tmp_path / "cut")
    for _ in range(5):
        first.step()
    first.save()
    second = Trainer(short, tmp_path / "cut")
    assert second.progress.step == 5
    second.run()
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.allclose(one, other, atol=1e-6)


def test_a_checkpoint_of_another_recipe_is_refused(tmp_path: Path) -> None:
    trainer = Trainer(TOY, tmp_path)
    trainer.step()
    trainer.save()
    with pytest.raises(ValueError, match="holds a run with another recipe"):
        Trainer(replace(TOY, seed=2), tmp_path)


def test_training_stops_at_the_wanted_accuracy(tmp_path: Path) -> None:
    early = replace(TOY, recipe=replace(TOY.recipe, stop_at=0.5))
    progress = Trainer(early, tmp_path).run(lambda _: 0.6)
    assert progress.ended == "stopped early on purpose"
    assert progress.step < 150


def test_the_clock_ends_a_training(tmp_path: Path) -> None:
    brief = replace(TOY, recipe=replace(TOY.recipe, seconds=0.0))
    assert Trainer(brief, tmp_path).run().ended == "out of time"


def test_the_rate_warms_up_and_ends_at_zero() -> None:
    rates = [rate_at(step, TOY) for step in range(151)]
    assert rates[0] == pytest.approx(TOY.recipe.rate / 10)
    assert max(rates) == rates[10] == TOY.recipe.rate
    assert rates[150] == pytest.approx(0.0)


def test_padding_costs_nothing() -> None:
    ids, weights = batch(TOY.task, 0, 4)
    assert ids.shape == weights.shape == (4, 4)
    assert weights[ids == 0].sum() == 0
