"""Workers as they report themselves, and the row each learner queues under."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Worker(models.Model):
    """One pool child. `last_seen` is written by its heartbeat, by the database's clock."""

    name = models.CharField(max_length=100, unique=True)  # host:pid
    worker_class = models.CharField(max_length=8, default="cpu")
    device = models.CharField(max_length=100, default="CPU")
    versions = models.JSONField(default=dict)
    started_at = models.DateTimeField(db_default=Now())
    last_seen = models.DateTimeField(db_default=Now())
    is_draining = models.BooleanField(default=False)

    class Meta:
        ordering = ["-last_seen"]

    def __str__(self) -> str:
        return self.name


class Quota(models.Model):
    """The row that a submit locks, so that limits hold under parallel submits."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="quota")
    opened_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return f"quota of {self.user_id}"
