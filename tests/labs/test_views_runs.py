"""A run's page, the history of runs, downloads and the chip."""

import re
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from labs.models import Grade, LabAttempt, LabRun, RunEvent, Worker
from labs.services import reconcile
from tests.labs.conftest import Queue, graded
from tests.labs.pages import HTMX, LAB, SIGNED_IN, html

pytestmark = pytest.mark.usefixtures("rehearsal_pages")


# A run's page.


def test_without_script_an_unfinished_run_loads_itself_again(
    ada_client: Client, queued_run: LabRun
) -> None:
    refresh = '<noscript> <meta http-equiv="refresh" content="5"> </noscript>'
    head = html(ada_client.get(f"/runs/{queued_run.pk}/")).partition("</head>")[0]
    assert refresh in head

    graded(queued_run)
    assert refresh not in html(ada_client.get(f"/runs/{queued_run.pk}/"))


def test_a_graded_run_shows_verdict_score_checks_guesses_and_result(
    ada_client: Client, graded_run: LabRun
) -> None:
    page = html(ada_client.get(f"/runs/{graded_run.pk}/"))

    assert "Passed: 1 of 1 required checks met." in page
    words = re.sub(r"<[^>]+>|\s+", " ", page)
    words = re.sub(r" +", " ", words)
    assert "Score so far 80 of 100" in words
    assert "Prediction 15 of 15" in words
    assert "Checks 65 of 65" in words
    assert "Transfer open of 20" in words
    assert "Bytes 3 3 1.00 of 1" in words
    assert '<p class="rehearsal">3 bytes</p>' in page
    assert "Model none: this lab uses no model" in words
    assert "Put in line" in words
    assert "Finished" in words


def test_a_failed_check_stands_open_with_what_was_wanted_and_a_hint(
    ada_client: Client, graded_run: LabRun
) -> None:
    checks = [
        check("first", passed=True),
        check("ratio", passed=False, measured=0.5, target=0.45, relation="at most", unit="ms"),
        check("third", passed=False),
    ]
    Grade.objects.all().delete()
    Grade.objects.create(run=graded_run, rubric="r", score=0.2, passed=False, checks=checks)

    page = html(ada_client.get(f"/runs/{graded_run.pk}/"))

    assert "Not passed yet: 1 of 3 required checks met." in page
    [opened] = re.findall(r'<details class="details check"[^>]* open>.*?</details>', page, re.S)
    for words in ("ratio", "0.5 ms", "at most 0.45 ms", "0.05 ms", "Look at ratio &lt;b&gt;"):
        assert words in opened


def check(name: str, **changes: Any) -> dict[str, Any]:
    base = {"id": name, "title": name, "measured": 1, "target": 1, "relation": "at least"}
    rest = {"unit": "", "hint": f"Look at {name} <b>", "required": True, "weight": 1.0}
    return base | rest | {"misconception": ""} | changes


def test_a_receipt_that_is_not_there_says_so(ada_client: Client, queued_run: LabRun) -> None:
    run = graded(queued_run)
    type(run.output).objects.all().delete()
    type(run.output).objects.create(run=run, result={"shown": {"count": 1}, "hidden": {}})

    assert html(ada_client.get(f"/runs/{run.pk}/")).count("not recorded") >= 5


def test_an_explored_run_has_no_score(
    ada_client: Client, ada_try: LabAttempt, queue_run: Queue
) -> None:
    run = graded(queue_run(ada_try))

    page = html(ada_client.get(f"/runs/{run.pk}/"))

    assert "It is not graded." in page
    assert "Explored" in page
    assert "of 100" not in page


@pytest.mark.parametrize("state", ["queued", "done"])
def test_a_runs_page_needs_few_queries(
    ada_client: Client,
    queued_run: LabRun,
    state: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    if state == "done":
        graded(queued_run)
    with django_assert_max_num_queries(8):
        ada_client.get(f"/runs/{queued_run.pk}/")


# History, downloads, the chip.


def test_the_list_tells_runs_apart_by_what_was_changed(
    ada_client: Client, ada_try: LabAttempt, queue_run: Queue
) -> None:
    graded(queue_run(ada_try, steps=7))
    graded(queue_run(ada_try, purpose="submit"))

    page = html(ada_client.get(f"{LAB}runs/all/"))

    assert "2 runs, newest first." in page
    assert re.search(r'Say the steps: <span dir="auto">7</span>', page)
    assert "80 of 100, passed" in page
    reconcile(attempt=ada_try, answer={"double": 2 * (ada_try.given["start"] + 1)})
    assert "100 of 100, passed" in html(ada_client.get(f"{LAB}runs/all/"))
    assert "Explored" in page
    assert "Graded" in page


def test_the_list_has_pages(ada_client: Client, ada_try: LabAttempt, queue_run: Queue) -> None:
    run = queue_run(ada_try)
    row = {"user": run.user, "activity": run.activity, "attempt": run.attempt, "state": "failed"}
    LabRun.objects.bulk_create(LabRun(idem_key=uuid4(), **row) for _ in range(24))

    page = html(ada_client.get(f"{LAB}runs/all/", {"page": "2"}))

    assert "Page 2 of 2" in page
    assert page.count("<tr>") == 1 + 5
    assert ada_client.get(f"{LAB}runs/all/", {"page": "no"}).status_code == 200


def test_a_long_list_costs_no_query_per_run(
    ada_client: Client,
    ada_try: LabAttempt,
    queue_run: Queue,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    run = queue_run(ada_try)
    row = {"user": run.user, "activity": run.activity, "attempt": run.attempt, "state": "done"}
    LabRun.objects.bulk_create(LabRun(idem_key=uuid4(), **row) for _ in range(24))

    with django_assert_max_num_queries(8):
        ada_client.get(f"{LAB}runs/all/")


def test_the_list_is_ones_own_and_starts_empty(grace_client: Client, queued_run: LabRun) -> None:
    page = html(grace_client.get(f"{LAB}runs/all/"))

    assert "Your runs of this lab will be listed here" in page
    assert f"/runs/{queued_run.pk}/" not in page


def test_the_numbers_of_a_run_can_be_taken_along(ada_client: Client, graded_run: LabRun) -> None:
    response = ada_client.get(f"/runs/{graded_run.pk}/data.json")

    data = response.json()
    assert response.headers["Content-Disposition"].startswith("attachment;")
    assert data["shown"] == {"count": 3}
    assert data["controls"] == {"text": "abc", "steps": 1}
    assert data["receipt"]["rubric"] == "rehearsal@1"
    rows = html(ada_client.get(f"/runs/{graded_run.pk}/data.csv"))
    assert '"shown.count","3"' in rows


@pytest.mark.parametrize("form", ["xml", "html", "json.html"])
def test_there_are_two_forms_of_numbers(ada_client: Client, graded_run: LabRun, form: str) -> None:
    assert ada_client.get(f"/runs/{graded_run.pk}/data.{form}").status_code == 404


def test_a_run_without_result_has_no_numbers(ada_client: Client, queued_run: LabRun) -> None:
    assert ada_client.get(f"/runs/{queued_run.pk}/data.json").status_code == 404


def test_the_chip_says_whether_labs_work(
    ada_client: Client,
    ada_try: LabAttempt,
    queue_run: Queue,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    assert "No worker answering: runs are kept" in html(ada_client.get("/labs-queue/"))

    Worker.objects.create(name="here:1", last_seen=now())
    assert "Labs ready (CPU)" in html(ada_client.get("/labs-queue/"))

    queue_run(ada_try)
    cache.clear()
    with django_assert_max_num_queries(2 + SIGNED_IN):
        page = html(ada_client.get("/labs-queue/"))
    assert "1 waiting" in page
    assert 'id="queue-status"' in page
    assert 'hx-trigger="every 30s, run-created from:body"' in page


# What nobody may see.


def test_no_answer_holds_the_hidden_part_a_key_or_a_digest(
    ada_client: Client, graded_run: LabRun
) -> None:
    run, canary = graded_run, "CANARY-7f3a"
    version = run.attempt.version
    receipt = run.output.receipt | {"notes": canary}
    type(run.output).objects.all().delete()
    result = {"shown": {"count": 3}, "hidden": {"number": canary, canary: [canary]}}
    type(run.output).objects.create(run=run, result=result, receipt=receipt)
    plant_key(version.pk, canary)
    RunEvent.objects.create(run=run, kind="requeued", note=canary)
    RunEvent.objects.create(run=run, kind=canary)

    number = run.pk
    urls = [LAB, f"{LAB}runs/all/", f"/runs/{number}/", f"/runs/{number}/status/"]
    urls += [f"/runs/{number}/data.json", f"/runs/{number}/data.csv", "/labs-queue/"]
    answers = [ada_client.get(url, headers=headers) for url in urls for headers in ({}, HTMX)]
    posts = ["predictions/", "final/", "runs/", "reconciliation/", "tries/"]
    answers += [
        ada_client.post(LAB + path, headers=headers) for path in posts for headers in (HTMX, {})
    ]

    for answer in answers:
        text = html(answer) + str(answer.headers)
        assert canary not in text
        assert version.digest[:12] not in text
        assert str(run.attempt.seed) not in text


def plant_key(version: int, canary: str) -> None:
    from roadmap.models.keys import LabKey

    LabKey.objects.create(version_id=version, hidden={"number": 1, "canary": canary})
