"""The cairns of one learner: which stones the evidence has laid, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet, Sum

from roadmap.models.attempts import Attempt
from roadmap.models.catalogue import Activity, Step
from roadmap.models.progress import ActivityProgress
from roadmap.policy import Policy

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
        return f"{listed(words)} left" if words else ""

    @property
    def words(self) -> str:
        if self.is_finished:
            return "finished"
        if not self.stones:
            return "in preparation"
        return f"{self.laid} of {len(self.stones)} stones: {self.left or 'more is in preparation'}"

    @property
    def coming(self) -> str:
        """What a step in preparation will hold: "6 lessons, 2 labs and a quiz"."""
        outline = self.step.outline
        parts = [
            f"{len(items)} {word}{'s' if len(items) > 1 else ''}"
            for word in ("lesson", "lab")
            if (items := outline.get(f"{word}s"))
        ]
        return listed([*parts, *(["a quiz"] if outline.get("quiz") else [])])


def listed(words: list[str]) -> str:
    """The words as in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


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


def next_for(user: Any) -> Activity | None:
    """The first thing the trail asks for that this person has not passed."""
    return (
        Activity.objects.live()
        .filter(PUBLISHED, required=True)
        .exclude(pk__in=ActivityProgress.objects.passed_by(user).values("activity"))
        .select_related("step")
        .order_by("step__position", "position")
        .first()
    )


def activities_for(user: Any, step: Step) -> list[Activity]:
    """The published activities of a step, each with this person's progress in `mine`."""
    progress = ActivityProgress.objects.filter(user=user)
    mine = Prefetch("progress", queryset=progress, to_attr="mine")
    return list(step.activities.live().filter(PUBLISHED).prefetch_related(mine))


def next_of(activities: list[Activity]) -> Activity | None:
    """The first required one without a pass, of activities that carry `mine`."""
    left = (a for a in activities if a.required and not any(p.passed_at for p in mine_of(a)))
    return next(left, None)


def mine_of(activity: Any) -> list[ActivityProgress]:
    return list(activity.mine)


def passing_rule(step: Step, activities: list[Activity]) -> str:
    """What lays the stones of a step, as one sentence."""
    asked = [activity for activity in activities if activity.required]
    lessons = [a for a in asked if a.kind == Activity.Kind.LESSON]
    quizzes = [a for a in asked if a.kind == Activity.Kind.QUIZ]
    labs = [a for a in asked if a.kind == Activity.Kind.LAB]
    parts = [f"read {_count(lessons, 'lesson')}"] if lessons else []
    for quiz in quizzes:
        mark = Policy.model_validate(quiz.policy).pass_mark
        parts.append(f"pass the quiz with {round(100 * mark)} %")
    if labs:
        parts.append(f"pass {_count(labs, 'required lab')}")
    if not parts:
        return "Nothing is published yet, so there is nothing to pass."
    rest = "" if step.is_complete else " The step is finished only when all of it is published."
    return f"{listed(parts).capitalize()}.{rest}"


def _count(items: list[Activity], word: str) -> str:
    return f"the {word}" if len(items) == 1 else f"all {len(items)} {word}s"


def finished_attempts(user: Any) -> QuerySet[Attempt]:
    """This person's finished quiz attempts, the latest first."""
    attempts = Attempt.objects.filter(user=user, finished_at__isnull=False)
    return attempts.select_related("activity").order_by("-finished_at")


def lab_progress(user: Any) -> list[ActivityProgress]:
    """The labs this person has a grade in, in the order of the trail."""
    labs = ActivityProgress.objects.filter(user=user, activity__kind=Activity.Kind.LAB)
    rows = labs.select_related("activity__step")
    return list(rows.order_by("activity__step__position", "activity__position"))
