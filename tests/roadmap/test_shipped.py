"""The pack we ship, taken by a learner who knows every answer, and by one who knows none."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from roadmap.drawing import PLACEHOLDER
from roadmap.forms import typed
from roadmap.models import Activity, AttemptItem, Question
from roadmap.models.keys import AnswerKey
from roadmap.scoring import numeric_answer
from roadmap.services import (
    asked_of_check,
    asked_of_item,
    feedback_on_attempt,
    finish_attempt,
    open_attempt,
)


def right(content: dict[str, Any], key: dict[str, Any], variant: dict[str, Any]) -> dict[str, Any]:
    """The payload of the key, as its owner would give it."""
    kind = content["type"]
    if kind == "numeric":
        return {"value": numeric_answer(key, variant)}
    if kind == "cloze":
        return {"blanks": {name: accept[0] for name, accept in key["blanks"].items()}}
    return {
        "single": lambda: {"choice": key["right"][0]},
        "multiple": lambda: {"choices": key["right"]},
        "order": lambda: {"order": key["order"]},
        "match": lambda: {"pairs": key["pairs"]},
        "predict": lambda: {"text": key["accept"][0]},
        "mark": lambda: {"tokens": key["accept"]},
    }[kind]()


def post_right_answer(client: Client, item: AttemptItem) -> None:
    key = AnswerKey.objects.get(version=item.version).key
    payload = right(item.version.content, key, item.variant)
    data = dict(typed(asked_of_item(item), payload).lists())
    answer = client.post(f"{item.get_absolute_url()}responses/", data)
    assert answer.status_code == 303, (item.version, answer.content.decode())


@pytest.mark.parametrize("go", [1, 2])
def test_the_whole_bank_can_be_answered_right(
    ada_client: Client, ada: User, quiz: Activity, *, go: int
) -> None:
    quiz.policy = {**quiz.policy, "draw": 60}
    quiz.save()
    attempt = open_attempt(user=ada, activity=quiz)
    items = list(attempt.items.select_related("version__question"))
    assert len(items) == quiz.questions.count()

    for item in items:
        page = ada_client.get(item.get_absolute_url())
        assert page.status_code == 200
        assert "{" not in asked_of_item(item).prompt, item.version
        post_right_answer(ada_client, item)

    assert finish_attempt(attempt=attempt).score == 1
    assert ada_client.get(attempt.get_absolute_url()).status_code == 200


def test_an_attempt_covers_each_lesson(ada: User, quiz: Activity) -> None:
    bank = {q.live.content["lesson"] for q in quiz.questions.select_related("live") if q.live}
    attempt = open_attempt(user=ada, activity=quiz)
    drawn = {item.version.content["lesson"] for item in attempt.items.select_related("version")}
    assert drawn == bank


def test_every_explanation_is_whole(ada: User, quiz: Activity) -> None:
    quiz.policy = {**quiz.policy, "draw": 60}
    quiz.save()
    attempt = finish_attempt(attempt=open_attempt(user=ada, activity=quiz))
    items = list(attempt.items.select_related("version"))
    seeded = {item.pk for item in items if item.variant}
    assert seeded
    for pk, found in feedback_on_attempt(attempt=attempt, items=items).items():
        assert found.why_right
        assert found.wanted or found.lines
        assert pk not in seeded or not PLACEHOLDER.search(found.prompt + found.why_right)


def test_every_check_of_every_lesson_can_be_answered(
    ada_client: Client, ada: User, published: None
) -> None:
    checks = Question.objects.filter(activity__kind="lesson", retired_at=None)
    answered = 0
    for check in checks.select_related("live", "activity"):
        assert check.live is not None
        key = AnswerKey.objects.get(version=check.live).key
        data = typed(asked_of_check(ada, check.live), right(check.live.content, key, {}))
        url = f"/lessons/{check.activity.key}/checks/{check.key}/"
        answer = ada_client.post(url, {**dict(data.lists()), "version": check.live.pk})
        assert answer.status_code == 303, (check, answer.content.decode())
        answered += 1
    for lesson in Activity.objects.live().filter(kind="lesson"):
        page = ada_client.get(lesson.get_absolute_url()).content.decode()
        assert "Right</h3>" in page
        assert "Not right</h3>" not in page
    assert answered >= 3
