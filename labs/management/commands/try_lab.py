"""Runs a lab's reference and its mutants, so that an author sees whether the grader is sound."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from labs.contract import Exercise, Params, Part, Verdict
from labs.registry import get_exercise
from labs.runtime import Runtime
from labs.runtime.fake import FakeRuntime


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One submission on one seed. `is_right`: the grader said what it should."""

    name: str
    seed: int
    is_right: bool
    failed: tuple[str, ...]  # ids of the required checks that did not pass


class Command(BaseCommand):
    help = "Runs a lab's reference and mutants on several seeds; fails if a verdict is off."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="such as token-surgeon")
        parser.add_argument("--seeds", type=int, default=20, help="how many seeds (default: 20)")

    def handle(self, *args: Any, slug: str, seeds: int, **options: Any) -> None:
        try:
            exercise = get_exercise(slug)
        except LookupError as error:
            raise CommandError(str(error)) from None
        runtime = FakeRuntime()
        calibration = exercise.calibrate(runtime) if exercise.calibrate else {}
        rows = [
            row for seed in range(seeds) for row in trials(exercise, seed, calibration, runtime)
        ]
        drawn = Counter(row.name for row in rows)
        right = Counter(row.name for row in rows if row.is_right)
        for name, n in drawn.items():
            self.stdout.write(f"{right[name]:>4} of {n:<4} {name}")
        off = [row for row in rows if not row.is_right]
        if off:
            lines = [f"{row.name}, seed {row.seed}: failed {row.failed or 'none'}" for row in off]
            raise CommandError("\n".join(["The grader is off:", *lines]))


def trials(
    exercise: Exercise[Any, Any], seed: int, cal: Mapping[str, Any], runtime: Runtime
) -> Iterator[Trial]:
    """The reference, which must pass, and each mutant, which must fail on its named check."""
    given, key = exercise.instance(seed, cal)
    right = exercise.reference(given, key, cal)
    submission = {
        "prediction": right.prediction,
        "controls": right.controls,
        "answers": right.answers,
    }
    verdict = verdict_on(exercise, parameters(exercise, given, key, submission), runtime)
    yield Trial(name="reference", seed=seed, is_right=verdict.passed, failed=failed(verdict))
    for mutant in exercise.mutants(given, key, cal):
        wrong = {
            **submission,
            "controls": mutant.controls or right.controls,
            "answers": mutant.answers or right.answers,
        }
        verdict = verdict_on(exercise, parameters(exercise, given, key, wrong), runtime)
        yield Trial(
            name=f"{mutant.name} → {mutant.check}",
            seed=seed,
            is_right=mutant.check in failed(verdict),
            failed=failed(verdict),
        )


def parameters(
    exercise: Exercise[Any, Any], given: Part, key: Part, parts: Mapping[str, Any]
) -> Params:
    """As the worker joins them: a part that the exercise does not have or need is left out."""
    fields = exercise.params.model_fields
    asked = {name: value for name, value in parts.items() if name in fields and value}
    params: Params = exercise.params.model_validate({**asked, "given": given, "key": key})
    return params


def verdict_on(exercise: Exercise[Any, Any], params: Params, runtime: Runtime) -> Verdict:
    return exercise.grade(params, exercise.run(params, runtime))


def failed(verdict: Verdict) -> tuple[str, ...]:
    return tuple(check.id for check in verdict.checks if check.required and not check.passed)
