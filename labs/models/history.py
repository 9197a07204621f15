"""What happened to a run: every claim of it, every turn it took."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class RunClaim(models.Model):
    """One worker's go at a run."""

    run = models.ForeignKey("labs.LabRun", models.CASCADE, related_name="run_claims")
    n = models.PositiveSmallIntegerField()  # equals the run's `claims` at that moment
    worker = models.CharField(max_length=100)
    batch_size = models.PositiveSmallIntegerField()
    started_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, blank=True)  # done, failed, fenced, lease-expired …
    note = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "n"], name="claim_number")]

    def __str__(self) -> str:
        return f"claim {self.n} of {self.run_id}"


class RunEvent(models.Model):
    """What happened to a run, in order. The learner's timeline and the fault tests' witness."""

    run = models.ForeignKey("labs.LabRun", models.CASCADE, related_name="events")
    kind = models.CharField(max_length=20)  # queued, claimed, requeued, done, failed, …
    claim = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, blank=True)
    at = models.DateTimeField(db_default=Now())
    note = models.TextField(blank=True)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.run_id}"
