"""The queue in SQL: every statement that moves a run from one worker to another."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.conf import settings
from django.db import models

from accounts.models import User

if TYPE_CHECKING:
    pass


def lease() -> timedelta:
    return timedelta(seconds=settings.LAB_LEASE)


class RunQuerySet(models.QuerySet["LabRun"]):
    def visible_to(self, user: User) -> Self:
        """Runs this user may open: their own."""
        return self.filter(user=user)

    def held(self, token: UUID | None) -> Self:
        """Runs that are still ours. Every write of a result starts from here."""
        return self.filter(lease_token=token, state="running")
