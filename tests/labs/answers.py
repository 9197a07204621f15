"""What an expert would post at the labs we ship, for tests that need a run or a grade."""

from typing import Any

from labs.contract import Reference
from labs.models import Calibration, LabAttempt
from labs.registry import get_exercise


def reference_for(attempt: LabAttempt) -> Reference:
    """The expert's submission for this try's own instance."""
    exercise = get_exercise(attempt.version.exercise)
    stored = Calibration.objects.filter(exercise=attempt.version.exercise).first()
    calibration = stored.values if stored else {}
    given, key = exercise.instance(attempt.seed, calibration)
    return exercise.reference(given, key, calibration)


def prediction_for(attempt: LabAttempt) -> dict[str, Any]:
    return reference_for(attempt).prediction


def exploring(attempt: LabAttempt) -> dict[str, Any]:
    return {"controls": reference_for(attempt).controls, "answers": {}}


def submitting(attempt: LabAttempt) -> dict[str, Any]:
    reference = reference_for(attempt)
    return {"controls": reference.controls, "answers": reference.answers}
