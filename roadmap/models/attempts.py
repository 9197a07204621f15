"""Quizzes and inline checks as they were answered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from roadmap.models.catalogue import Activity
from roadmap.models.versions import QuestionVersion


class Attempt(models.Model):
    """One go at a quiz: the drawn items, pinned to versions, and what became of them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="attempts")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField()
    seed = models.BigIntegerField()
    policy = models.JSONField()  # as it was when the attempt was opened
    opened_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    score = models.FloatField(null=True, blank=True)  # 0 to 1

    class Meta:
        ordering = ["-opened_at"]
        constraints = [
            models.UniqueConstraint(fields=["user", "activity", "number"], name="attempt_number"),
            models.UniqueConstraint(
                fields=["user", "activity"],
                condition=Q(finished_at=None),
                name="one_open_attempt",
            ),
            models.CheckConstraint(
                condition=Q(finished_at=None, score=None)
                | Q(finished_at__isnull=False, score__gte=0, score__lte=1),
                name="finished_attempt_has_a_score",
            ),
        ]

    def __str__(self) -> str:
        return f"attempt {self.number}"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:attempt-detail", args=[self.pk])


class AttemptItem(models.Model):
    attempt = models.ForeignKey(Attempt, models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()  # 1, 2, 3 …
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    option_tokens = models.JSONField(default=dict)  # random token → option id, in display order
    variant = models.JSONField(default=dict)  # the drawn parameters of a seeded question
    points = models.FloatField(default=1)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["attempt", "position"], name="item_position")
        ]

    def __str__(self) -> str:
        return f"item {self.position}"

    def get_absolute_url(self) -> str:
        return reverse("roadmap:item-detail", args=[self.attempt_id, self.position])


class Response(models.Model):
    """An answer to an item. The first is final where the policy shows the verdict at once."""

    class Confidence(models.TextChoices):
        GUESS = "guess", "A guess"
        FAIRLY = "fairly", "Fairly sure"
        SURE = "sure", "Sure"

    item = models.ForeignKey(AttemptItem, models.CASCADE, related_name="responses")
    number = models.PositiveSmallIntegerField()
    payload = models.JSONField()  # option ids, a number, a text …; never tokens
    confidence = models.CharField(max_length=6, choices=Confidence, blank=True)
    credit = models.FloatField(null=True, blank=True)  # 0 to 1; empty until it is graded
    final = models.BooleanField(default=False)
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "number"], name="response_number"),
            models.UniqueConstraint(
                fields=["item"], condition=Q(final=True), name="one_final_response"
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.number}"


class CheckAnswer(models.Model):
    """A learner's one answer to an inline check of a lesson. It is locked and never graded."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="check_answers")
    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="+")
    payload = models.JSONField()
    credit = models.FloatField()  # 0 to 1, for the learner's eyes only
    answered_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "version"], name="one_answer_per_check")
        ]

    def __str__(self) -> str:
        return f"answer of {self.user_id} to {self.version_id}"
