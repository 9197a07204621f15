"""A learner's tries at a lab: one instance, one locked prediction, some runs."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadmap.models import Activity, LabVersion


class LabAttempt(models.Model):
    """One try. Its instance is drawn from the seed; a new try draws another."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="lab_attempts")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="lab_attempts")
    version = models.ForeignKey(LabVersion, models.PROTECT, related_name="+")
    number = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()  # kept, so that the server's secret may rotate
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
