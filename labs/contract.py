"""What a lab exercise is made of. Pure Python: no Django, no torch.

A lab goes predict, run, reconcile. The learner fills forms that the exercise describes with
`Ask` rows, one tuple per stage; their answers arrive as one nested dictionary per stage and are
checked by the pydantic parts of `Params`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict

from labs.runtime import Runtime

Stage = Literal["prediction", "controls", "answers", "transfer"]
Calibration = Mapping[str, Any]  # what `calibrate` measured, as JSON


class Part(BaseModel):
    """One part of the parameters or of the result: JSON in the database, a class in the code."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Params(Part):
    """Everything a run depends on.

    Parts: `prediction`, `controls`, `answers` come from the learner (an exercise leaves out a
    part it does not use by giving it a default); `given` and `key` are drawn by the server.
    """


class Result(Part):
    """What the run found. Parts: `shown` (may be displayed), `hidden` (the grader's alone)."""


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One field of a form. A dotted `name` becomes a nested dictionary: `counts.s1.tekken`."""

    name: str
    label: str
    kind: Literal["integer", "number", "interval", "choice", "flag", "text", "cuts", "order"]
    help: str | None = None  # None: the limits stand there instead
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[tuple[str, str], ...] = ()  # (value, label): for choice and order
    initial: Any = None
    required: bool = True
    group: str = ""  # fields of one group stand under one heading
    group_help: str = ""  # one line beside that heading, taken from the first field
    text: str = ""  # for `cuts`: the text to cut; the answer is a list of UTF-8 byte offsets
    lang: str = ""  # language of `text`, for screen readers and fonts


@dataclass(frozen=True, kw_only=True)
class Check:
    """One thing the grader looked at: what it found, what it wanted, where to look next."""

    id: str
    title: str  # "Mean count error over the six ASCII strings"
    passed: bool
    measured: float
    target: float
    relation: Literal["at most", "at least", "exactly"] = "at least"
    unit: str = ""
    hint: str = ""  # shown when it failed; never the answer
    required: bool = True
    weight: float = 1.0
    misconception: str = ""


@dataclass(frozen=True, kw_only=True)
class Guess:
    """One prediction beside what was measured. `points` is 0 to 1 by the rule of its kind."""

    label: str
    predicted: str
    measured: str
    points: float


@dataclass(frozen=True)
class Verdict:
    """The outcome of grading one run. The row that stores it is `labs.models.Grade`."""

    checks: tuple[Check, ...]
    guesses: tuple[Guess, ...] = ()

    @property
    def passed(self) -> bool:
        return all(check.passed for check in self.checks if check.required)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A plausible wrong submission. The grader must fail it on the named check."""

    name: str
    check: str
    misconception: str
    controls: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Reference:
    """What an expert would submit; must pass."""

    prediction: dict[str, Any]
    controls: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    transfer: dict[str, Any] = field(default_factory=dict)


class LabError(Exception):
    """A run that cannot finish for a reason the learner can act on. Shown to them as is."""


P = TypeVar("P", bound=Params)
R = TypeVar("R", bound=Result)


@dataclass(frozen=True, kw_only=True)
class Exercise(Generic[P, R]):
    """One lab exercise: its parts, its forms, its experiment, its grader, its picture.

    Attributes:
        instance: (seed, calibration) → (given, key). Same arguments, same instance.
        asks: (stage, given as JSON) → the form of that stage. An empty tuple: no such stage.
        run: the computation, on the worker. May raise LabError, Stopped.
        grade: pure; no clock, no randomness, no model.
        grade_transfer: (transfer answers, given, key, all as JSON) → checks; None: no transfer.
        reference, mutants: (given, key, calibration) → what must pass, what must fail.
        calibrate: (runtime) → JSON that `instance` needs, so that no web process loads a
            vocabulary; None where nothing is needed.
        template: the part that shows `result.shown`, under `labs/results/`.
        explore_limit: explore runs per try.
        cpu_seconds: one submit run on one core, vocabulary or model already loaded.
        limit_s: the hard end of a run, in seconds.
        rubric: raise it whenever `grade` can give another verdict for the same result.
    """

    title: str
    kind: Literal["predict", "configure", "experiment", "classify", "simulate", "train", "review"]
    params: type[P]
    result: type[R]
    instance: Callable[[int, Calibration], tuple[Part, Part]]
    asks: Callable[[Stage, Mapping[str, Any]], tuple[Ask, ...]]
    run: Callable[[P, Runtime], R]
    grade: Callable[[P, R], Verdict]
    reference: Callable[[Any, Any, Calibration], Reference]
    mutants: Callable[[Any, Any, Calibration], Sequence[Mutant]]
    template: str
    vocabularies: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    grade_transfer: Callable[[Mapping[str, Any], Any, Any], tuple[Check, ...]] | None = None
    calibrate: Callable[[Runtime], dict[str, Any]] | None = None
    explore_limit: int = 12
    cpu_seconds: float = 1.0
    limit_s: int = 30
    rubric: int = 1
