"""A learner's tries at a lab: one instance, one locked prediction, some runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from labs.contract import Exercise, Params, Part
from labs.registry import get_exercise
from roadmap.models import Activity, LabVersion


class LabAttempt(models.Model):
    """One try. Its instance is drawn from the seed; a new try draws another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lab_attempts")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="lab_attempts")
    version = models.ForeignKey(LabVersion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()  # kept, so that the server's secret may rotate
    calibration = models.ForeignKey(
        "labs.Calibration", models.PROTECT, null=True, blank=True, related_name="+"
    )  # what the instance was drawn with; a newer one must not change it
    given = models.JSONField()  # what the learner may see of the instance
    prediction = models.JSONField(null=True, blank=True)
    predicted_at = models.DateTimeField(null=True, blank=True)  # from here on it is locked
    final_seen_at = models.DateTimeField(null=True, blank=True)  # the graded set was shown
    opened_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "activity", "number"], name="lab_attempt_number"
            ),
            models.UniqueConstraint(
                fields=["user", "activity"],
                condition=Q(closed_at=None),
                name="one_open_lab_attempt",
            ),
        ]

    def __str__(self) -> str:
        return f"try {self.number} of {self.user_id} at {self.activity_id}"

    @property
    def exercise(self) -> Exercise[Any, Any]:
        return get_exercise(self.version.exercise)

    def instance(self) -> tuple[Part, Part]:
        """What is shown and what is hidden, drawn from the stored seed: the same every time."""
        values = self.calibration.values if self.calibration else {}
        return self.exercise.instance(self.seed, values)

    def params(
        self,
        controls: Mapping[str, Any],
        answers: Mapping[str, Any],
        hidden: Mapping[str, Any] | None = None,
    ) -> Params:
        """All a run depends on: what the learner said, and what only the server knows.

        Asked twice: when a run is submitted, for the learner's errors, and by the worker, which
        trusts no row. `hidden` is laid over the drawn key.

        Raises:
            pydantic.ValidationError: a part does not fit. The place starts with the part's name.
        """
        given, key = self.instance()
        if hidden:
            key = type(key).model_validate({**key.model_dump(), **hidden})
        said = {"prediction": self.prediction, "controls": controls, "answers": answers}
        shape = self.exercise.params
        parts = {
            name: part_of(shape, name, value)
            for name, value in said.items()
            if name in shape.model_fields and (value or shape.model_fields[name].is_required())
        }
        params: Params = shape.model_validate({**parts, "given": given, "key": key})
        return params


def part_of(shape: type[Params], name: str, value: Mapping[str, Any] | None) -> Any:
    """One part of the parameters, checked strictly: "5" is no number and 1 is no flag."""
    annotation: Any = shape.model_fields[name].annotation
    adapter: TypeAdapter[Any] = TypeAdapter(annotation)
    try:
        return adapter.validate_json(json.dumps(value or {}), strict=True)
    except ValidationError as error:
        lines = [
            InitErrorDetails(
                type=PydanticCustomError("part", "{sentence}", {"sentence": sentence(line)}),
                loc=(name, *line["loc"]),
                input=line["input"],
            )
            for line in error.errors()
        ]
        raise ValidationError.from_exception_data(shape.__name__, lines) from None


def sentence(line: ErrorDetails) -> str:
    """What was found and what is wanted, for the learner."""
    wanted = line["msg"].removeprefix("Value error, ").rstrip(".")
    if line["type"] == "missing":
        return "An answer is needed here."
    return f"Found {str(line['input'])[:60]!r}. {wanted}."


class Reconciliation(models.Model):
    """The one answer to a try's transfer question. The run's grade never changes because of it."""

    attempt = models.OneToOneField(LabAttempt, models.CASCADE, related_name="reconciliation")
    answer = models.JSONField()
    checks = models.JSONField()
    score = models.FloatField()  # 0 to 1
    note = models.TextField(blank=True)  # one sentence in the learner's words, not graded
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="reconciliation_is_a_fraction"
            )
        ]

    def __str__(self) -> str:
        return f"reconciliation of {self.attempt_id}"
