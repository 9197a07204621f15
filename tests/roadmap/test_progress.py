"""The progress page: evidence with its numbers, and only one's own."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from roadmap.models import Activity, ActivityProgress, Attempt, Step


@pytest.fixture
def step(db: None) -> Step:
    return Step.objects.create(
        key="one", pack="test", title="One", promise="You can.", position=1, is_complete=True
    )


@pytest.fixture
def exam(step: Step) -> Activity:
    return Activity.objects.create(step=step, kind="quiz", key="q", title="The quiz", position=1)


def finish(user: User, exam: Activity, number: int, score: float) -> Attempt:
    return Attempt.objects.create(
        user=user,
        activity=exam,
        number=number,
        seed=1,
        policy={"pass_mark": 0.8},
        finished_at=now(),
        score=score,
    )


def test_progress_needs_a_person(client: Client, db: None) -> None:
    assert client.get("/progress/").headers["Location"] == "/accounts/login/?next=/progress/"


def test_an_empty_account_reads_what_will_appear(ada_client: Client) -> None:
    page = ada_client.get("/progress/").content.decode()

    assert "Each finished quiz attempt is listed here" in page
    assert "Each lab you submit is listed here" in page
    assert "<table" not in page


def test_attempts_are_listed_with_score_and_what_was_needed(
    ada: User, ada_client: Client, exam: Activity
) -> None:
    finish(ada, exam, 1, 0.5)
    passed = finish(ada, exam, 2, 0.8)

    page = ada_client.get("/progress/").content.decode()

    assert "All 2 finished attempts" in page
    assert '<td class="num">50 %</td>' in page
    assert '<td class="num">80 %</td>' in page
    assert page.count("Not passed") == 1
    assert passed.get_absolute_url() in page


def test_only_the_latest_attempts_are_shown_and_the_rest_is_counted(
    ada: User, ada_client: Client, exam: Activity
) -> None:
    for number in range(1, 53):
        finish(ada, exam, number, 0.5)

    page = ada_client.get("/progress/").content.decode()

    assert "The latest 50 of 52 finished attempts" in page


def test_labs_show_their_best_grade(ada: User, ada_client: Client, step: Step) -> None:
    lab = Activity.objects.create(step=step, kind="lab", key="cut", title="Cut it", position=2)
    ActivityProgress.objects.create(user=ada, activity=lab, score=0.4)

    page = ada_client.get("/progress/").content.decode()

    assert "/labs/cut/" in page
    assert "40 %" in page
    assert "of 1 tried" in page


def test_open_attempts_and_those_of_others_are_not_listed(
    ada: User, grace: User, ada_client: Client, exam: Activity
) -> None:
    finish(grace, exam, 1, 0.9)
    Attempt.objects.create(user=ada, activity=exam, number=1, seed=1, policy={"pass_mark": 0.8})

    assert "The quiz" not in ada_client.get("/progress/").content.decode()
