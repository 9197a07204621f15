"""A page costs the same few queries whether the site is empty or full."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from labs.models import Grade, LabRun, RunOutput
from labs.services import open_lab_attempt, predict, submit_run
from roadmap.models import Activity, ActivityProgress, Step
from roadmap.services import answer_item, finish_attempt, open_attempt
from tests.labs.answers import exploring, prediction_for, reference_for

pytestmark = pytest.mark.django_db

LIMIT = 8  # session and person included


@pytest.fixture
def pages(published: None, ada: User) -> list[str]:
    """Every learner page that shows something of Ada's."""
    quiz = Activity.objects.live().get(kind="quiz")
    lab = Activity.objects.live().get(key="bill-shock")
    done = open_attempt(user=ada, activity=quiz)
    finish_attempt(attempt=done)
    going_on = open_attempt(user=ada, activity=quiz)
    attempt = open_lab_attempt(user=ada, activity=lab)
    predict(attempt=attempt, prediction=prediction_for(attempt))
    run = submit_run(attempt=attempt, purpose="explore", idem_key=uuid4(), **exploring(attempt))
    lesson = Activity.objects.live().filter(kind="lesson")[1]
    return [
        "/trail/",
        "/progress/",
        "/settings/",
        "/labs-queue/",
        lesson.step.get_absolute_url(),
        lesson.get_absolute_url(),
        quiz.get_absolute_url(),
        done.get_absolute_url(),
        going_on.get_absolute_url(),
        f"{going_on.get_absolute_url()}items/1/",
        lab.get_absolute_url(),
        f"{lab.get_absolute_url()}runs/all/",
        run.get_absolute_url(),
        f"{run.get_absolute_url()}status/",
    ]


def counts(client: Client, pages: list[str]) -> dict[str, int]:
    found = {}
    for path in pages:
        client.get(path)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(path).status_code == 200, path
        found[path] = len(captured)
    return found


def fill_the_site(ada: User) -> None:
    """Twenty more learners, steps and quizzes passed, and thirty more runs of Ada's."""
    last = Step.objects.count()
    for n in range(20):
        step = Step.objects.create(
            key=f"more-{n}", pack="more", title=f"More {n}", promise="You can.", position=last + n
        )
        extra = Activity.objects.create(
            key=f"quiz-{n}", step=step, kind="quiz", title=f"Quiz {n}", position=1
        )
        learner = User.objects.create_user(f"learner{n}@example.org")
        for person in (ada, learner):
            ActivityProgress.objects.create(user=person, activity=extra, score=0.5)
    attempt = ada.lab_attempts.get()
    for _ in range(30):
        run = LabRun.objects.create(
            user=ada,
            activity=attempt.activity,
            attempt=attempt,
            purpose="explore",
            controls=reference_for(attempt).controls,
            idem_key=uuid4(),
            batch_key="tokens",
            state="failed",
            error="No.",
        )
        assert not Grade.objects.filter(run=run)
        assert not RunOutput.objects.filter(run=run)


def test_no_learner_page_needs_more_than_eight_queries(
    ada_client: Client, pages: list[str]
) -> None:
    found = counts(ada_client, pages)

    assert {path: n for path, n in found.items() if n > LIMIT} == {}


def test_a_full_site_costs_no_query_more(ada: User, ada_client: Client, pages: list[str]) -> None:
    before = counts(ada_client, pages)
    fill_the_site(ada)

    assert counts(ada_client, pages) == before


def test_more_answers_cost_no_query_more(ada: User, ada_client: Client, pages: list[str]) -> None:
    going_on = ada.attempts.get(finished_at=None)
    before = counts(ada_client, [going_on.get_absolute_url()])

    for item in going_on.items.select_related("version"):
        if item.version.content["type"] == "numeric":
            answer_item(item=item, payload={"value": 1.0})

    assert counts(ada_client, [going_on.get_absolute_url()]) == before
