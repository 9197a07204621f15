"""What there is to learn. Written only by `authoring.publish`; read by everyone."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import Q
from django.urls import reverse


class StepQuerySet(models.QuerySet["Step"]):
    def live(self) -> Self:
        return self.filter(retired_at=None)


class Step(models.Model):
    """One of the steps of the trail."""

    key = models.SlugField(unique=True)
    pack = models.SlugField()
    title = models.CharField(max_length=200)
    promise = models.CharField(max_length=300)  # "You can …", one sentence
    outcome = models.TextField(blank=True)
    effort = models.CharField(max_length=40, blank=True)  # "8 to 10 h"
    goals = models.JSONField(default=list)  # "after this step you can", one line each
    outline = models.JSONField(default=dict)  # what is coming: {lessons, labs, note}
    position = models.PositiveSmallIntegerField()
    needs = models.ManyToManyField("self", symmetrical=False, blank=True, related_name="opens")
    is_complete = models.BooleanField(default=False)  # False: "in preparation", cannot be passed
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = StepQuerySet.as_manager()

    class Meta:
        ordering = ["position"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("roadmap:step-detail", args=[self.key])


class ActivityQuerySet(models.QuerySet["Activity"]):
    def live(self) -> Self:
        """Activities a learner can open. Retired ones stay for the rows that point at them."""
        return self.filter(retired_at=None, step__retired_at=None)


class Activity(models.Model):
    """One thing to do in a step: a lesson, a quiz or a lab."""

    class Kind(models.TextChoices):
        LESSON = "lesson", "Lesson"
        QUIZ = "quiz", "Quiz"
        LAB = "lab", "Lab"

    class Origin(models.TextChoices):
        PACK = "pack", "Content pack"
        STUDIO = "studio", "Studio"

    key = models.SlugField(unique=True)
    step = models.ForeignKey(Step, models.PROTECT, related_name="activities")
    kind = models.CharField(max_length=6, choices=Kind)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, blank=True)
    position = models.PositiveSmallIntegerField()
    required = models.BooleanField(default=True)
    minutes = models.PositiveSmallIntegerField(default=10)
    policy = models.JSONField(default=dict)  # roadmap.policy.Policy
    live_lesson = models.ForeignKey(
        "roadmap.LessonVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    live_lab = models.ForeignKey(
        "roadmap.LabVersion", models.PROTECT, null=True, blank=True, related_name="+"
    )
    origin = models.CharField(max_length=6, choices=Origin, default=Origin.PACK)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ["step", "position"]
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(kind="lesson", live_lab=None)
                    | Q(kind="lab", live_lesson=None)
                    | Q(kind="quiz", live_lab=None, live_lesson=None)
                ),
                name="activity_points_at_its_own_kind",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        """The activity's page, or its step's once it is retired and results alone are left.

        A lab's page is on an upper floor; its name alone is known here.
        """
        if self.retired_at:
            return self.step.get_absolute_url()
        app = "labs" if self.kind == self.Kind.LAB else "roadmap"
        return reverse(f"{app}:{self.kind}-detail", args=[self.key])
