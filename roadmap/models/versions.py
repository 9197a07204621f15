"""What learners answered against. A version is never changed: a new text is a new row."""

from __future__ import annotations

from django.db import models

from roadmap.models.catalogue import Activity


class Version(models.Model):
    """The columns every version has."""

    digest = models.CharField(max_length=64)  # sha256 of the canonical content, key included
    content = models.JSONField()  # what the author wrote, without the key
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        abstract = True


class LessonVersion(Version):
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="lesson_versions")
    html = (
        models.JSONField()
    )  # blocks: {"html": …} or {"check": question key}; may be rendered again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "digest"], name="one_lesson_version"),
        ]

    def __str__(self) -> str:
        return f"{self.activity} {self.digest[:8]}"


class Question(models.Model):
    """A question of a quiz, or an inline check of a lesson. Its live version is what is asked."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="questions")
    key = models.SlugField()
    position = models.PositiveSmallIntegerField()
    live = models.ForeignKey(
        "roadmap.QuestionVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["activity", "position"]
        constraints = [models.UniqueConstraint(fields=["activity", "key"], name="question_key")]

    def __str__(self) -> str:
        return self.key


class QuestionVersion(Version):
    question = models.ForeignKey(Question, models.PROTECT, related_name="versions")
    html = models.JSONField()  # {"prompt": …, "options": {id: …}}; may be rendered again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["question", "digest"], name="one_question_version"),
        ]

    def __str__(self) -> str:
        return f"{self.question} {self.digest[:8]}"


class LabVersion(Version):
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="lab_versions")
    exercise = models.SlugField()
    html = models.JSONField()  # {"brief": …, "honesty": …}; may be rendered again

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "digest"], name="one_lab_version")
        ]

    def __str__(self) -> str:
        return f"{self.activity} {self.digest[:8]}"
