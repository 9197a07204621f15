"""A lab exercise for tests of the machinery: it counts the bytes of a text, step by step."""

from collections.abc import Mapping
from typing import Any

from pydantic import Field

from labs.contract import (
    Ask,
    Calibration,
    Check,
    Exercise,
    Guess,
    LabError,
    Mutant,
    Params,
    Part,
    Reference,
    Result,
    Stage,
    Verdict,
)
from labs.runtime import Runtime, Stopped

SLUG = "rehearsal"


class Prediction(Part):
    count: int = Field(ge=0, le=1000)


class Controls(Part):
    text: str = Field("abc", max_length=200)
    steps: int = Field(1, ge=1, le=1000)


class Answers(Part):
    number: int = 0


class Given(Part):
    start: int


class Key(Part):
    number: int


class RehearsalParams(Params):
    prediction: Prediction
    controls: Controls = Controls()
    answers: Answers = Answers()
    given: Given
    key: Key


class Shown(Part):
    count: int


class Hidden(Part):
    number: int


class RehearsalResult(Result):
    shown: Shown
    hidden: Hidden


def instance(seed: int, calibration: Calibration) -> tuple[Given, Key]:
    shift = int(calibration.get("shift", 0))
    return Given(start=seed % 1000 + shift), Key(number=seed % 1000 + shift + 1)


def asks(stage: Stage, given: Mapping[str, Any]) -> tuple[Ask, ...]:
    names = {
        "prediction": "count",
        "controls": "steps",
        "answers": "number",
        "transfer": "double",
    }
    return (Ask(name=names[stage], label=f"Say the {names[stage]}", kind="integer"),)


def run(params: RehearsalParams, runtime: Runtime) -> RehearsalResult:
    text, steps, count = params.controls.text, params.controls.steps, 0
    if text == "too long":
        raise LabError("The text is too long. Shorten it.")
    for step in range(steps):
        if runtime.cancelled():
            raise Stopped
        count = len(runtime.tokenizer("bytes").encode(text))
        runtime.report(step + 1, steps)
    return RehearsalResult(shown=Shown(count=count), hidden=Hidden(number=params.key.number))


def grade(params: RehearsalParams, result: RehearsalResult) -> Verdict:
    right = params.answers.number == result.hidden.number
    check = Check(
        id="number",
        title="The next number",
        passed=right,
        measured=float(params.answers.number),
        target=float(result.hidden.number),
    )
    guess = Guess(
        label="Bytes",
        predicted=str(params.prediction.count),
        measured=str(result.shown.count),
        points=float(params.prediction.count == result.shown.count),
    )
    return Verdict(checks=(check,), guesses=(guess,))


def grade_transfer(answers: Mapping[str, Any], given: Any, key: Any) -> tuple[Check, ...]:
    right = answers["double"] == 2 * key["number"]
    return (Check(id="double", title="Twice it", passed=right, measured=0, target=0),)


def reference(given: Given, key: Key, calibration: Calibration) -> Reference:
    return Reference(prediction={"count": 3}, answers={"number": key.number})


def mutants(given: Given, key: Key, calibration: Calibration) -> list[Mutant]:
    return [
        Mutant(
            name="off by one", check="number", misconception="m", answers={"number": given.start}
        )
    ]


exercise: Exercise[Any, Any] = Exercise(
    title="Rehearsal",
    kind="predict",
    params=RehearsalParams,
    result=RehearsalResult,
    instance=instance,
    asks=asks,
    run=run,
    grade=grade,
    reference=reference,
    mutants=mutants,
    template="labs/results/_rehearsal.html",
    vocabularies=("bytes",),
    grade_transfer=grade_transfer,
    explore_limit=3,
)
