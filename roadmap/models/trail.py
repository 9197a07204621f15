"""The cairns of one learner: which stones the evidence has laid, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from roadmap.models.catalogue import Activity, Step
from roadmap.models.progress import ActivityProgress

PUBLISHED = (
    Q(kind=Activity.Kind.QUIZ)
    | Q(kind=Activity.Kind.LESSON, live_lesson__isnull=False)
    | Q(kind=Activity.Kind.LAB, live_lab__isnull=False)
)


@dataclass(frozen=True)
class Stone:
    """One of the three stones of a step: it lies when all that it stands for is passed."""

    word: str  # lessons, quiz or labs
    done: int
    total: int

    @property
    def state(self) -> str:
        if self.total and self.done == self.total:
            return "done"
        return "part" if self.done else "todo"


@dataclass(frozen=True)
class Cairn:
    """A step as one learner sees it. Only what is required counts."""

    step: Step
    lessons: Stone
    quiz: Stone
    labs: Stone
    minutes_left: int

    @cached_property
    def stones(self) -> list[Stone]:
        return [stone for stone in (self.lessons, self.quiz, self.labs) if stone.total]

    @property
    def laid(self) -> int:
        return sum(stone.state == "done" for stone in self.stones)

    @property
    def is_begun(self) -> bool:
        return any(stone.done for stone in self.stones)

    @property
    def is_finished(self) -> bool:
        """A step in preparation cannot be finished: part of what it asks is not there yet."""
        return self.step.is_complete and bool(self.stones) and self.laid == len(self.stones)

    @property
    def left(self) -> str:
        """What is left, as the words of the glyph: "quiz and labs left"."""
        words = [stone.word for stone in self.stones if stone.state != "done"]
        return f"{' and '.join(filter(None, [', '.join(words[:-1]), *words[-1:]]))} left"

    @property
    def words(self) -> str:
        if self.is_finished:
            return "finished"
        if not self.stones:
            return "in preparation"
        return f"{self.laid} of {len(self.stones)} stones: {self.left}"


def cairns_of(user: Any) -> list[Cairn]:
    """Every step of the trail with what this person has passed of it. One query."""
    passed = Q(activities__in=ActivityProgress.objects.passed_by(user).values("activity"))
    asked = Q(activities__in=Activity.objects.live().filter(PUBLISHED, required=True))
    counts = {
        f"{kind}_{word}": Count("activities", filter=asked & rule & Q(activities__kind=kind))
        for kind in Activity.Kind.values
        for word, rule in (("total", Q()), ("done", passed))
    }
    steps = Step.objects.live().annotate(
        minutes_left=Sum("activities__minutes", filter=asked & ~passed, default=0), **counts
    )
    return [_cairn(step) for step in steps]


def _cairn(step: Any) -> Cairn:
    return Cairn(
        step=step,
        lessons=Stone("lessons", step.lesson_done, step.lesson_total),
        quiz=Stone("quiz", step.quiz_done, step.quiz_total),
        labs=Stone("labs", step.lab_done, step.lab_total),
        minutes_left=step.minutes_left,
    )


def next_for(user: Any) -> QuerySet[Activity]:
    """What this person has not passed of what the trail asks, in the order of the trail."""
    return (
        Activity.objects.live()
        .filter(PUBLISHED, required=True)
        .exclude(pk__in=ActivityProgress.objects.passed_by(user).values("activity"))
        .select_related("step")
        .order_by("step__position", "position")
    )


def find_cairn(cairns: list[Cairn], key: str) -> Cairn | None:
    return next((cairn for cairn in cairns if cairn.step.key == key), None)


def activities_for(user: Any, step: Step) -> QuerySet[Activity]:
    """The published activities of a step, each with this person's progress as `mine`."""
    progress = ActivityProgress.objects.filter(user=user)
    return (
        step.activities.live()
        .filter(PUBLISHED)
        .prefetch_related(Prefetch("progress", queryset=progress, to_attr="mine"))
    )
