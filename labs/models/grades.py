"""What runs found, and what they were worth. Rows are added, never changed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from labs.models.runs import LabRun

PUBLIC = (
    *("versions", "vocabularies", "device", "seed_sha256", "rubric", "claims"),
    *("queued_at", "started_at", "finished_at", "waited_s", "worked_s"),
)


def without_digest(rubric: str) -> str:
    """A rubric's name. The digest behind it covers the lab's key, so it could confirm a guess."""
    return rubric.partition("+")[0]


class RunOutput(models.Model):
    run = models.OneToOneField(LabRun, models.CASCADE, related_name="output")
    result = models.JSONField()  # {"shown": …, "hidden": …}; only `shown` may reach a page
    receipt = models.JSONField(default=dict)  # what produced it: versions, hashes, device, times

    def __str__(self) -> str:
        return f"output of {self.run_id}"

    @property
    def shown(self) -> dict[str, Any]:
        """The part of the result that may reach a page."""
        shown: dict[str, Any] = self.result.get("shown") or {}
        return shown

    @property
    def provenance(self) -> dict[str, Any]:
        """The receipt as it may reach a page: what is listed, without the lab's own digest."""
        known = {name: self.receipt[name] for name in PUBLIC if name in self.receipt}
        if "rubric" in known:
            known["rubric"] = without_digest(known["rubric"])
        return known


class Grade(models.Model):
    """A verdict on a run under one rubric. Regrading adds a row under a new rubric."""

    run = models.ForeignKey(LabRun, models.CASCADE, related_name="grades")
    rubric = models.CharField(max_length=120)
    score = models.FloatField()  # 0 to 0.8: prediction 0.15, checks 0.65; the transfer adds 0.2
    passed = models.BooleanField()
    checks = models.JSONField()  # labs.contract.Check, as dictionaries
    guesses = models.JSONField(default=list)  # labs.contract.Guess, as dictionaries
    graded_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-graded_at"]
        constraints = [
            models.UniqueConstraint(fields=["run", "rubric"], name="one_grade_per_rubric"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="grade_score_is_a_fraction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score:.0%} for {self.run_id}"


class Calibration(models.Model):
    """Numbers that an exercise measured on the installed vocabularies or models."""

    exercise = models.SlugField()
    digest = models.CharField(max_length=64)  # sha256 of values and sources
    values = models.JSONField()
    sources = models.JSONField()  # slug → sha256 of each vocabulary or model file
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["exercise", "digest"], name="one_calibration")
        ]

    def __str__(self) -> str:
        return f"calibration of {self.exercise}"
