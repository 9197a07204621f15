"""Nothing a person has in the labs is forgotten, and nothing of the grader's goes out with it."""

import json
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labs import privacy
from labs.models import Calibration, LabAttempt, LabRun, RunEvent, Worker
from labs.services import reconcile
from tests.labs.conftest import Queue, Try, graded

IMPERSONAL = {Calibration, Worker}


@pytest.fixture
def history(queued_run: LabRun) -> LabRun:
    run = graded(queued_run)
    number = run.attempt.given["start"] + 1
    reconcile(attempt=run.attempt, answer={"double": 2 * number}, note="Spaces count.")
    return run


def personal() -> set[type[Model]]:
    return set(apps.get_app_config("labs").get_models()) - IMPERSONAL


def test_every_table_with_a_person_in_it_is_in_the_export(history: LabRun) -> None:
    tables = privacy.export(history.user)

    assert set(tables) == {model._meta.db_table for model in personal()}
    assert all(tables.values())
    json.dumps(tables)


def test_an_export_holds_what_the_person_did(history: LabRun) -> None:
    tables = privacy.export(history.user)

    assert tables["labs_labattempt"][0]["prediction"] == {"count": 3}
    assert tables["labs_labrun"][0]["controls"] == {"text": "abc", "steps": 1}
    assert tables["labs_runoutput"][0]["shown"] == {"count": 3}
    assert tables["labs_grade"][0]["passed"] is True
    assert tables["labs_reconciliation"][0]["note"] == "Spaces count."


def test_an_export_holds_no_seed_key_digest_or_note_of_an_operator(history: LabRun) -> None:
    RunEvent.objects.create(run=history, kind="requeued", note="CANARY-machine")
    attempt = history.attempt

    text = json.dumps(privacy.export(history.user))

    assert "CANARY" not in text
    assert '"hidden"' not in text
    assert str(attempt.seed) not in text
    assert attempt.version.digest[:12] not in text
    assert str(history.lease_token) not in text


def test_an_open_try_does_not_preview_its_graded_set(ada: User, ada_try: LabAttempt) -> None:
    assert privacy.export(ada)["labs_labattempt"][0]["given"] is None


def test_an_export_holds_nobody_elses_rows(grace: User, history: LabRun) -> None:
    assert not any(privacy.export(grace).values())


def test_erasing_leaves_no_row_and_touches_nobody_else(
    history: LabRun, grace: User, open_try: Try, queue_run: Queue
) -> None:
    queue_run(open_try(grace))
    before = privacy.export(grace)

    privacy.erase(history.user)

    assert not any(privacy.export(history.user).values())
    assert privacy.export(grace) == before


def test_erasing_twice_is_once(history: LabRun) -> None:
    privacy.erase(history.user)
    privacy.erase(history.user)

    assert not LabRun.objects.exists()


def test_an_export_asks_no_more_for_a_long_history(
    history: LabRun, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with CaptureQueriesContext(connection) as once:
        privacy.export(history.user)
    for _ in range(3):
        LabRun.objects.create(
            user=history.user,
            activity=history.activity,
            attempt=history.attempt,
            purpose="explore",
            idem_key=uuid4(),
            batch_key="no-model/30",
        )

    with django_assert_max_num_queries(len(once)):
        privacy.export(history.user)
