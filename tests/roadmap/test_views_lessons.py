"""The lesson page and its checks, with and without script, for the right person and for nobody."""

from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from roadmap.forms import typed
from roadmap.models import Activity, ActivityProgress, CheckAnswer, Question, QuestionVersion
from roadmap.services import answer_check, asked_of_check, read_lesson
from tests.roadmap.conftest import BLOCKS, publish_lesson, publish_question

HTMX = {"HX-Request": "true"}
CHECK = "/lessons/cuts/checks/cut-it/"


def live(key: str) -> QuestionVersion:
    version = Question.objects.get(key=key).live
    assert version is not None
    return version


def sent(user: User, key: str, payload: dict[str, Any]) -> dict[str, Any]:
    """What the browser posts for a payload."""
    version = live(key)
    return {**dict(typed(asked_of_check(user, version), payload).lists()), "version": version.pk}


def page_of(client: Client) -> str:
    answer = client.get("/lessons/cuts/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_blocks_come_in_their_order(ada_client: Client, cuts: Activity) -> None:
    page = page_of(ada_client)
    places = [
        page.index(text)
        for text in (
            "Before the check",
            'id="check-cut-it"',
            "After the check",
            'id="check-say-it"',
        )
    ]
    assert places == sorted(places)
    assert 'href="#end"' in page
    assert "A press, read 2026-11" in page


def test_nobody_is_sent_to_the_login(client: Client, cuts: Activity) -> None:
    assert "/accounts/login/" in client.get("/lessons/cuts/")["Location"]
    for url in ("/lessons/cuts/read/", CHECK):
        assert "/accounts/login/" in client.post(url)["Location"]


@pytest.mark.parametrize("page", ["/lessons/nothing/", "/lessons/exam/"])
def test_what_is_no_lesson_is_a_404(ada_client: Client, exam: Activity, page: str) -> None:
    assert ada_client.get(page).status_code == 404
    assert ada_client.post(f"{page}read/").status_code == 404


@pytest.mark.parametrize("field", ["retired_at", "live_lesson"])
def test_a_lesson_that_is_not_live_is_a_404(ada_client: Client, cuts: Activity, field: str) -> None:
    Activity.objects.filter(pk=cuts.pk).update(**{field: now() if field == "retired_at" else None})
    assert ada_client.get("/lessons/cuts/").status_code == 404


def test_a_check_of_another_lesson_is_a_404(ada_client: Client, exam: Activity) -> None:
    assert ada_client.post("/lessons/cuts/checks/about-single/").status_code == 404
    assert ada_client.post("/lessons/cuts/checks/nothing/").status_code == 404


def test_getting_a_page_changes_nothing(ada_client: Client, cuts: Activity) -> None:
    page_of(ada_client)
    assert not ActivityProgress.objects.exists()
    assert ada_client.get("/lessons/cuts/read/").status_code == 405


# Checks


def test_without_script_a_check_reloads_at_its_place(
    ada_client: Client, ada: User, cuts: Activity
) -> None:
    answer = ada_client.post(CHECK, sent(ada, "cut-it", {"choice": "one"}))
    page = page_of(ada_client)
    assert (answer.status_code, answer["Location"]) == (303, "/lessons/cuts/#check-cut-it")
    assert "Not right</h3>" in page
    assert "canary why one" in page
    assert "canary why single" in page
    assert "Look again: Read it again" in page


def test_with_script_a_check_answers_in_its_box(
    ada_client: Client, ada: User, cuts: Activity
) -> None:
    answer = ada_client.post(CHECK, sent(ada, "cut-it", {"choice": "two"}), headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert part.strip().startswith('<section class="card" id="check-cut-it"')
    assert "Right</h3>" in part
    assert "The other options" in part
    assert "<form" not in part


def test_a_predict_box_is_locked_then_shows_the_output(
    ada_client: Client, ada: User, cuts: Activity
) -> None:
    url = "/lessons/cuts/checks/say-it/"
    ada_client.post(url, sent(ada, "say-it", {"text": "nothing"}))
    again = ada_client.post(url, sent(ada, "say-it", {"text": "canary output"}), headers=HTMX)
    page = again.content.decode()
    assert again.status_code == 200
    assert "Not right</h3>" in page
    assert "canary output" in page
    assert "canary trap" in page
    assert CheckAnswer.objects.get().payload == {"text": "nothing"}


@pytest.mark.parametrize("headers", [{}, HTMX])
@pytest.mark.parametrize("value", ["", "two", "\x00", "x" * 300])
def test_a_bad_answer_is_a_422_and_says_why(
    ada_client: Client, cuts: Activity, headers: Any, value: str
) -> None:
    data = {"choice": value, "version": live("cut-it").pk}
    answer = ada_client.post(CHECK, data, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Choose one of the options." in page or "That is not one of the choices." in page
    assert "canary" not in page
    assert not CheckAnswer.objects.exists()


def test_a_refused_prediction_keeps_its_text(ada_client: Client, cuts: Activity) -> None:
    data = {"text": "kept " + "x" * 4000, "version": live("say-it").pk}
    page = ada_client.post("/lessons/cuts/checks/say-it/", data)
    assert page.status_code == 422
    assert "kept xxx" in page.content.decode()
    assert "Before the check" in page.content.decode()


def test_a_check_that_changed_under_the_reader_is_asked_anew(
    ada_client: Client, ada: User, cuts: Activity
) -> None:
    old = sent(ada, "say-it", {"text": "canary output"})
    publish_question(cuts, "say-it", "predict", lesson="", prompt="<p>New text?</p>")
    answer = ada_client.post("/lessons/cuts/checks/say-it/", old)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "has changed since you opened the page" in page
    assert "New text?" in page


def test_another_learners_answer_shows_nothing_to_me(
    grace_client: Client, ada: User, cuts: Activity
) -> None:
    answer_check(user=ada, version=live("cut-it"), payload={"choice": "one"})
    assert "canary" not in page_of(grace_client)


# Reading


@pytest.mark.parametrize("done", [True, False])
def test_the_button_works_without_script(
    ada_client: Client, ada: User, cuts: Activity, *, done: bool
) -> None:
    data = {"place": "end", **({"done": "on"} if done else {})}
    answer = ada_client.post("/lessons/cuts/read/", data)
    progress = ActivityProgress.objects.get(user=ada)
    assert answer.status_code == 303
    assert answer["Location"].endswith("#lesson-progress" if done else "#end")
    assert (progress.place, progress.passed_at is not None) == ("end", done)
    page = page_of(ada_client)
    assert ("Go on where you stopped: The end" in page) is not done
    assert ("You marked this lesson as read" in page) is done


def test_with_script_the_button_answers_with_its_part(ada_client: Client, cuts: Activity) -> None:
    answer = ada_client.post("/lessons/cuts/read/", {"done": "on", "place": "end"}, headers=HTMX)
    part = answer.content.decode()
    assert part.strip().startswith('<section class="card" id="lesson-progress"')
    assert "You marked this lesson as read" in part


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_place_that_is_not_in_the_lesson_is_refused(
    ada_client: Client, cuts: Activity, headers: Any
) -> None:
    answer = ada_client.post("/lessons/cuts/read/", {"place": "nowhere"}, headers=headers)
    assert answer.status_code == 422
    assert "This lesson has no such heading" in answer.content.decode()
    assert not ActivityProgress.objects.exists()


def test_a_text_that_changed_since_says_so(ada_client: Client, ada: User, cuts: Activity) -> None:
    read_lesson(user=ada, activity=cuts, done=True)
    assert "Changed since you read it" not in page_of(ada_client)

    publish_lesson(cuts, [*BLOCKS, {"html": "<p>New.</p>"}])

    page = page_of(ada_client)
    assert "Changed since you read it" in page
    assert "It still counts" in page
    ada_client.post("/lessons/cuts/read/", {"done": "on"})
    assert "Changed since you read it" not in page_of(ada_client)


def test_the_neighbours_are_linked(ada_client: Client, exam: Activity) -> None:
    page = page_of(ada_client)
    assert 'rel="next" href="/quizzes/exam/"' in page
    assert 'rel="prev"' not in page


def test_a_lesson_costs_at_most_eight_queries(
    ada_client: Client, ada: User, exam: Activity, django_assert_max_num_queries: Any
) -> None:
    for key, payload in (("cut-it", {"choice": "one"}), ("say-it", {"text": "nothing"})):
        answer_check(user=ada, version=live(key), payload=payload)
    page_of(ada_client)
    with django_assert_max_num_queries(8):
        page_of(ada_client)
