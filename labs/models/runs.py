"""Runs of labs: what was asked, who holds it, how it ended."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.timezone import now

from labs.contract import Exercise
from labs.models.attempts import LabAttempt
from labs.models.queue import RunQuerySet
from roadmap.models import Activity


class LabRun(models.Model):
    """One run of a lab for one learner. This row, not the broker, is the truth and the queue."""

    class State(models.TextChoices):
        QUEUED = "queued", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"
        QUARANTINED = "quarantined", "Under review"

    class Purpose(models.TextChoices):
        EXPLORE = "explore", "Explore"
        SUBMIT = "submit", "Submit for a grade"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lab_runs")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="lab_runs")
    attempt = models.ForeignKey(LabAttempt, models.CASCADE, related_name="runs")
    purpose = models.CharField(max_length=7, choices=Purpose)
    controls = models.JSONField(default=dict)  # what the learner chose
    answers = models.JSONField(default=dict)  # what the learner said about held-out inputs
    idem_key = models.UUIDField()  # from the form, so that a double click is one run
    request_id = models.CharField(max_length=64, blank=True)  # ties the worker's log to the page's
    batch_key = models.CharField(max_length=100)  # runs with the same key may share a model
    worker_class = models.CharField(max_length=8, default="cpu")
    limit_s = models.PositiveSmallIntegerField(default=30)  # seconds
    state = models.CharField(max_length=11, choices=State, default=State.QUEUED)
    error = models.TextField(blank=True)  # shown to the learner
    done_steps = models.PositiveIntegerField(default=0)
    total_steps = models.PositiveIntegerField(default=0)

    lease_token = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=100, blank=True)
    claims = models.PositiveSmallIntegerField(default=0)
    infra_failures = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(db_default=Now())
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    claimed_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RunQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["user", "id"], condition=Q(state="queued"), name="queued_runs"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="leased_runs"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "activity", "idem_key"], name="one_run_per_form"
            ),
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="running"), name="one_running_run_per_user"
            ),
            models.UniqueConstraint(
                fields=["attempt"],
                condition=Q(purpose="submit", state__in=["queued", "running", "done"]),
                name="one_submit_run_per_attempt",
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_token__isnull=False)
                | (~Q(state="running") & Q(lease_token=None)),
                name="running_means_leased",
            ),
            models.CheckConstraint(
                condition=Q(
                    state__in=["queued", "running", "done", "failed", "cancelled", "quarantined"]
                ),
                name="run_state_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} ({self.state})"

    def get_absolute_url(self) -> str:
        return reverse("labs:run-detail", args=[self.pk])

    @property
    def exercise(self) -> Exercise[Any, Any]:
        return self.attempt.exercise

    @property
    def rubric(self) -> str:
        """What a grade of this run was made by: the same rubric never grades it twice."""
        version = self.attempt.version
        return f"{version.exercise}@{self.exercise.rubric}+{version.digest[:12]}"

    @property
    def is_finished(self) -> bool:
        return self.state not in (self.State.QUEUED, self.State.RUNNING)

    @property
    def poll_seconds(self) -> int:
        """How long a page waits before it asks again: little at first, then less often."""
        waited = (now() - self.created_at).total_seconds()
        for limit, pause in ((10, 1), (60, 2), (300, 5)):
            if waited < limit:
                return pause
        return 10
