"""A small step, built row by row: one lesson with two checks, one quiz with every type."""

from collections.abc import Callable
from typing import Any

import pytest

from roadmap.digest import digest
from roadmap.models import (
    Activity,
    Attempt,
    LessonVersion,
    Question,
    QuestionVersion,
    Step,
)
from roadmap.models.keys import AnswerKey

POLICY = {"draw": 8, "pass_mark": 0.8, "free_attempts": 2, "wait_minutes": 10, "counts_best_of": 2}
SIDES = [{"id": "x", "text": "Left x"}, {"id": "y", "text": "Left y"}]
RIGHTS = [{"id": "x", "text": "Right x"}, {"id": "y", "text": "Right y"}]
OPTIONS = [{"id": name, "text": f"Option {name}"} for name in ("one", "two", "three")]

# Type → content, key, the answer that is right. Words with "canary" stand in keys only.
BANK: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "single": ({"options": OPTIONS}, {"right": ["two"]}, {"choice": "two"}),
    "multiple": ({"options": OPTIONS}, {"right": ["one", "two"]}, {"choices": ["one", "two"]}),
    "numeric": (
        {"unit": "tokens"},
        {"answer": 48151, "tolerance": 1, "traps": [{"value": 48, "misconception": "basics:cut"}]},
        {"value": 48151.0},
    ),
    "order": (
        {"items": OPTIONS},
        {"order": ["three", "one", "two"]},
        {"order": ["three", "one", "two"]},
    ),
    "match": (
        {"left": SIDES, "right": RIGHTS},
        {"pairs": {"x": "y", "y": "x"}},
        {"pairs": {"x": "y", "y": "x"}},
    ),
    "cloze": (
        {"blanks": [{"id": "1"}, {"id": "2"}]},
        {"blanks": {"1": ["canaryblank"], "2": ["canaryother"]}},
        {"blanks": {"1": "Canaryblank", "2": "canaryother"}},
    ),
    "predict": (
        {},
        {
            "accept": ["canary output"],
            "traps": [{"value": "nothing", "misconception": "basics:cut"}],
        },
        {"text": "canary output"},
    ),
    "mark": ({"tokens": ["The", " cat", " sat"]}, {"accept": [1]}, {"tokens": [1]}),
}
PROMPTS = {"cloze": "<p>A [[1]] becomes a [[2]].</p>"}

Ask = Callable[..., QuestionVersion]


def right_answer(kind: str) -> dict[str, Any]:
    return BANK[kind][2]


def explanations(kind: str) -> dict[str, Any]:
    names = ["one", "two", "three", "x", "y", "1", "2", "0"]
    return {
        "right": f"<p>canary why {kind}</p>",
        "options": {name: f"<p>canary why {name}</p>" for name in names},
        "traps": ["<p>canary trap</p>"],
        "misconceptions": {"one": "basics:cut", "three": "basics:cut"},
        "remedies": {
            "basics:cut": {
                "title": "Read it again",
                "url_name": "roadmap:lesson-detail",
                "key": "cuts",
            }
        },
    }


def publish_question(
    activity: Activity, key: str, kind: str, *, lesson: str = "cuts", **changes: Any
) -> QuestionVersion:
    """A new version of a question, made live; `changes` replace parts of content or of the key."""
    content, answer, _ = BANK[kind]
    content = {"type": kind, "lesson": lesson, "prompt": f"Question {key}?", **content}
    content |= {name: value for name, value in changes.items() if name not in ("answer", "prompt")}
    prompt = changes.get("prompt", PROMPTS.get(kind, f"<p>Question {key}?</p>"))
    position = activity.questions.count() + 1
    question, _ = Question.objects.get_or_create(
        activity=activity, key=key, defaults={"position": position}
    )
    version = QuestionVersion.objects.create(
        question=question,
        digest=digest([content, answer, changes, prompt]),
        content=content,
        html={"prompt": prompt, "options": {}},
    )
    AnswerKey.objects.create(
        version=version, key=changes.get("answer", answer), explanations=explanations(kind)
    )
    question.live = version
    question.save()
    return version


def publish_lesson(activity: Activity, blocks: list[dict[str, str]]) -> LessonVersion:
    version = LessonVersion.objects.create(
        activity=activity,
        digest=digest(blocks),
        content={
            "title": activity.title,
            "toc": [
                {"id": "start", "text": "Start", "level": 2},
                {"id": "end", "text": "The end", "level": 2},
            ],
            "sources": [
                {
                    "title": "A paper",
                    "publisher": "A press",
                    "url": "https://example.org/p",
                    "read": "2026-11",
                }
            ],
        },
        html=blocks,
    )
    activity.live_lesson = version
    activity.save()
    return version


BLOCKS = [
    {"html": '<h2 id="start">Start</h2><p>Before the check.</p>'},
    {"check": "cut-it"},
    {"html": '<h2 id="end">The end</h2><p>After the check.</p>'},
    {"check": "say-it"},
]


@pytest.fixture
def step(db: None) -> Step:
    return Step.objects.create(
        key="basics",
        pack="test",
        title="Basics",
        promise="You can cut.",
        position=1,
        is_complete=True,
    )


@pytest.fixture
def cuts(step: Step) -> Activity:
    """The lesson: a choice and a prediction stand in its text."""
    activity = Activity.objects.create(
        key="cuts", step=step, kind="lesson", title="How text is cut", position=1, minutes=9
    )
    publish_lesson(activity, BLOCKS)
    publish_question(activity, "cut-it", "single", lesson="")
    publish_question(activity, "say-it", "predict", lesson="")
    return activity


@pytest.fixture
def exam(step: Step, cuts: Activity) -> Activity:
    """The quiz: one question of each type, verdict after each."""
    activity = Activity.objects.create(
        key="exam", step=step, kind="quiz", title="Basics quiz", position=2, policy=POLICY
    )
    for kind in BANK:
        publish_question(activity, f"about-{kind}", kind)
    return activity


@pytest.fixture
def late_exam(exam: Activity) -> Activity:
    """The same quiz with every verdict at the end."""
    exam.policy = {**POLICY, "reveal": "end"}
    exam.save()
    return exam


@pytest.fixture
def attempt(exam: Activity, ada: Any) -> Attempt:
    """Ada's open attempt."""
    from roadmap.services import open_attempt

    return open_attempt(user=ada, activity=exam)


@pytest.fixture
def late_attempt(late_exam: Activity, ada: Any) -> Attempt:
    from roadmap.services import open_attempt

    return open_attempt(user=ada, activity=late_exam)
