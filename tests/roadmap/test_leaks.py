"""Random words in every key: no page shows one before the answer, however it is asked."""

import json
import secrets
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from roadmap.models import Activity, Attempt, Question, QuestionVersion
from roadmap.services import open_attempt
from tests.roadmap.conftest import BANK, OPTIONS, publish_question

HTMX = {"HX-Request": "true"}
Word = str


def planted(kind: str, word: Word) -> dict[str, Any]:
    """A key that holds the word, in the shape of its type."""
    keys: dict[str, dict[str, Any]] = {
        "single": {"right": ["two", word]},
        "multiple": {"right": ["one", word]},
        "numeric": {
            "answer": 73_519_246,
            "tolerance": 0,
            "traps": [{"value": 1, "misconception": word}],
        },
        "order": {"order": ["two", "one", "three"], "note": word},
        "match": {"pairs": {"x": "y", "y": "x"}, "note": word},
        "cloze": {"blanks": {"1": [word], "2": [word]}},
        "predict": {"accept": [word], "traps": [{"value": word, "misconception": word}]},
        "mark": {"accept": [2], "note": word},
    }
    return keys[kind]


@pytest.fixture
def word(exam: Activity, cuts: Activity, monkeypatch: pytest.MonkeyPatch) -> Word:
    """A random word, planted in every key and explanation of the quiz and the lesson."""
    word = f"leak{secrets.token_hex(8)}"
    told = {
        "right": word,
        "options": {option["id"]: word for option in OPTIONS},
        "traps": [word],
        "misconceptions": {option["id"]: word for option in OPTIONS},
        "remedies": {word: {"title": word, "url_name": "roadmap:trail", "key": word}},
    }
    monkeypatch.setattr("tests.roadmap.conftest.explanations", lambda _kind: told)
    for kind in BANK:
        publish_question(exam, f"about-{kind}", kind, answer=planted(kind, word))
        publish_question(cuts, f"check-{kind}", kind, answer=planted(kind, word), lesson="")
    blocks = [{"check": f"check-{kind}"} for kind in BANK]
    lesson = cuts.live_lesson
    assert lesson is not None
    type(lesson).objects.filter(pk=lesson.pk).update(html=blocks)
    publish_question(
        exam,
        "seeded",
        "numeric",
        seeded={
            "generator": "token_counts",
            "args": {"pool": [{"text": "x", "counts": {"a": 73_519_246, "b": 7}}], "ask": "a"},
        },
        answer={"seeded": True, "tolerance": 0, "traps": []},
    )
    exam.policy = {**exam.policy, "draw": 20}
    exam.save()
    return word


def assert_silent(answer: Any, word: Word) -> None:
    text = answer.content.decode() + json.dumps(dict(answer.headers))
    for version in QuestionVersion.objects.all():
        assert version.digest not in text
    for secret in (word, "73519246", "73,519,246"):
        assert secret not in text


def crawl(client: Client, attempt: Attempt, word: Word, data: dict[str, str]) -> int:
    """Ask every address of the lesson and the quiz, with and without script, before any answer."""
    pages = ["/trail/", "/lessons/cuts/", "/quizzes/exam/", attempt.get_absolute_url()]
    pages += [item.get_absolute_url() for item in attempt.items.all()]
    posts = [f"{item.get_absolute_url()}responses/" for item in attempt.items.all()]
    posts += [f"/lessons/cuts/checks/check-{kind}/" for kind in BANK]
    posts += [f"/attempts/{attempt.pk}/finish/"]
    for headers in ({}, HTMX):
        for page in pages:
            assert_silent(client.get(page, headers=headers), word)
        for post in posts:
            answer = client.post(post, data, headers=headers)
            assert answer.status_code == 422
            assert_silent(answer, word)
    return len(pages) + len(posts)


@pytest.mark.parametrize("reveal", ["each", "end"])
def test_no_page_tells_a_key_before_the_answer(
    ada: User,
    ada_client: Client,
    exam: Activity,
    word: Word,
    reveal: str,
) -> None:
    exam.policy = {**exam.policy, "reveal": reveal}
    exam.save()
    attempt = open_attempt(user=ada, activity=exam)
    assert attempt.items.count() == Question.objects.filter(activity=exam).count() == 9

    for data in ({}, {"choice": "x", "choices": "x", "value": "x", "tokens": "x"}):
        assert crawl(ada_client, attempt, word, data) == 31


def test_saved_answers_of_a_late_verdict_tell_nothing(
    ada: User, ada_client: Client, exam: Activity, word: Word
) -> None:
    exam.policy = {**exam.policy, "reveal": "end"}
    exam.save()
    attempt = open_attempt(user=ada, activity=exam)
    item = next(
        item
        for item in attempt.items.select_related("version")
        if item.version.content["type"] == "single"
    )
    token = next(iter(item.option_tokens))
    answer = ada_client.post(
        f"{item.get_absolute_url()}responses/", {"choice": token}, headers=HTMX
    )
    assert "Saved" in answer.content.decode()
    assert_silent(answer, word)
    assert_silent(ada_client.get(item.get_absolute_url()), word)


def test_the_crawl_would_see_a_leak(
    ada: User, ada_client: Client, exam: Activity, word: Word
) -> None:
    attempt = open_attempt(user=ada, activity=exam)
    ada_client.post(f"/attempts/{attempt.pk}/finish/", {"sure": "on"})
    with pytest.raises(AssertionError):
        assert_silent(ada_client.get(attempt.get_absolute_url()), word)


def test_option_ids_and_their_order_stay_on_the_server(
    ada_client: Client, attempt: Attempt
) -> None:
    item = next(
        item
        for item in attempt.items.select_related("version")
        if item.version.content["type"] == "single"
    )
    page = ada_client.get(item.get_absolute_url()).content.decode()
    for option in OPTIONS:
        assert f'value="{option["id"]}"' not in page
