"""How far each learner has come. Derived from attempts and grades, so it can be rebuilt."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from roadmap.models.catalogue import Activity
from roadmap.models.versions import LessonVersion


class ProgressQuerySet(models.QuerySet["ActivityProgress"]):
    def passed_by(self, user: Any) -> Self:
        return self.filter(user=user.pk, passed_at__isnull=False)


class ActivityProgress(models.Model):
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="progress")
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="progress")
    score = models.FloatField(default=0)  # 0 to 1, the best that counts
    passed_at = models.DateTimeField(null=True, blank=True)
    seen_version = models.ForeignKey(
        LessonVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    place = models.SlugField(max_length=100, blank=True)  # the heading a reader last reached
    updated_at = models.DateTimeField(auto_now=True)

    objects = ProgressQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "activity"], name="one_progress"),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=1), name="progress_is_a_fraction"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.activity_id}"
