"""What a learner must not see before the grade. No other table leads here, by design."""

from __future__ import annotations

from django.db import models

from roadmap.models.versions import LabVersion, QuestionVersion


class AnswerKey(models.Model):
    version = models.OneToOneField(QuestionVersion, models.PROTECT, related_name="+")
    key = models.JSONField()  # what is right, in the shape of the question's type
    explanations = models.JSONField()  # {"right": html, "options": {id: html}, "traps": [...]}

    def __str__(self) -> str:
        return f"key of {self.version_id}"


class LabKey(models.Model):
    version = models.OneToOneField(LabVersion, models.PROTECT, related_name="+")
    hidden = models.JSONField(default=dict)  # laid over what `instance` draws for the key part

    def __str__(self) -> str:
        return f"key of {self.version_id}"
