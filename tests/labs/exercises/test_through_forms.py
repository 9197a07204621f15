"""The shipped exercises through the site's own forms: what a page sends fits the parameters."""

from collections.abc import Iterator
from typing import Any

import pytest

from labs.contract import Ask, Stage
from labs.exercises import bill_shock, token_surgeon
from labs.forms import StageForm, dig
from labs.models.attempts import part_of
from labs.runtime import Runtime

STAGES: tuple[Stage, ...] = ("prediction", "controls", "answers", "transfer")
EXERCISES = [token_surgeon.exercise, bill_shock.exercise]


def fields(stage: Stage, ask: Ask, value: Any) -> Iterator[tuple[str, Any]]:
    """What a browser sends for one answer."""
    name = f"{stage}-{ask.name}"
    if ask.kind == "interval":
        yield from ((f"{name}_{n}", end) for n, end in enumerate(value))
    elif ask.kind == "order":
        places = {key: place for place, key in enumerate(value, start=1)}
        yield from ((f"{name}_{n}", places[key]) for n, (key, _) in enumerate(ask.choices))
    elif ask.kind != "flag" or value:
        yield name, value


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("seed", range(3))
def test_a_reference_typed_into_the_forms_is_the_reference(
    exercise: Any, seed: int, runtime: Runtime
) -> None:
    cal = exercise.calibrate(runtime) if exercise.calibrate else {}
    given, key = exercise.instance(seed, cal)
    right = exercise.reference(given, key, cal)
    for stage in STAGES:
        asks = exercise.asks(stage, given.model_dump(mode="json"))
        said = getattr(right, stage)
        answers = ((ask, dig(said, ask.name, ask.initial)) for ask in asks)
        data = {k: v for ask, value in answers for k, v in fields(stage, ask, value)}
        form = StageForm(stage, asks, data)
        assert form.is_valid(), form.errors
        if stage == "transfer":
            assert form.answer == said
        elif stage in exercise.params.model_fields:
            typed = part_of(exercise.params, stage, form.answer)
            assert typed == part_of(exercise.params, stage, said)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_empty_form_is_refused_field_by_field(exercise: Any, runtime: Runtime) -> None:
    cal = exercise.calibrate(runtime) if exercise.calibrate else {}
    given, _ = exercise.instance(1, cal)
    asks = exercise.asks("prediction", given.model_dump(mode="json"))
    form = StageForm("prediction", asks, {})
    assert not form.is_valid()
    assert set(form.errors) == {ask.name for ask in asks if ask.required}
