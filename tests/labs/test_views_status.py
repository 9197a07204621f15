"""A run on its way: what a waiting page is told, and cancelling."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labs.models import LabAttempt, LabRun, Worker
from labs.services import cancel_run
from tests.labs.conftest import Queue
from tests.labs.pages import ALIVE, HTMX, SIGNED_IN, html, part_ids

pytestmark = pytest.mark.usefixtures("rehearsal_pages")


# A run on its way.


def status_of(client: Client, run: LabRun, seen: str = "", **headers: str) -> HttpResponse:
    found = client.get(f"/runs/{run.pk}/status/", {"seen": seen}, headers=HTMX | headers)
    assert isinstance(found, HttpResponse)
    return found


def seen_in(page: str) -> str:
    found = re.search(r"\?seen=([^\"]*)", page)
    assert found
    return found[1].replace("%7E", "~").replace("%20", " ")


@ALIVE
def test_a_waiting_run_says_its_place_and_asks_again(
    ada_client: Client, queued_run: LabRun
) -> None:
    page = html(status_of(ada_client, queued_run))

    assert "1st in line." in page
    assert 'hx-trigger="every 1s"' in page
    assert "<input" not in page.split('id="run-actions')[0]


@ALIVE
@pytest.mark.parametrize(("age_s", "pause"), [(0, 1), (11, 2), (61, 5), (301, 10)])
def test_a_page_asks_less_often_the_longer_it_waits(
    ada_client: Client, queued_run: LabRun, age_s: int, pause: int
) -> None:
    LabRun.objects.update(created_at=now() - timedelta(seconds=age_s))

    assert f'hx-trigger="every {pause}s"' in html(status_of(ada_client, queued_run))


@ALIVE
def test_a_poll_that_would_say_the_same_answers_nothing(
    ada_client: Client,
    queued_run: LabRun,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    seen = seen_in(html(status_of(ada_client, queued_run)))

    with django_assert_max_num_queries(3 + SIGNED_IN):
        response = status_of(ada_client, queued_run, seen)

    assert (response.status_code, response.content) == (204, b"")


@ALIVE
def test_polls_of_a_running_run_need_few_queries(
    ada_client: Client,
    queued_run: LabRun,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    start(queued_run, done=3)
    with django_assert_max_num_queries(3):
        seen = seen_in(html(status_of(ada_client, queued_run)))
    with django_assert_max_num_queries(3):
        assert status_of(ada_client, queued_run, seen).status_code == 204


def start(run: LabRun, **columns: Any) -> None:
    done, total = columns.pop("done", 0), columns.pop("total", 8)
    LabRun.objects.filter(pk=run.pk).update(
        state="running",
        lease_token=uuid4(),
        lease_until=now() + timedelta(minutes=1),
        claims=1,
        done_steps=done,
        total_steps=total,
        **columns,
    )


@ALIVE
def test_a_running_run_shows_its_progress(ada_client: Client, queued_run: LabRun) -> None:
    start(queued_run, done=3)

    page = html(status_of(ada_client, queued_run))

    assert "3 of 8 steps done." in page
    assert '<progress max="8" value="3"' in page


@ALIVE
def test_the_state_is_said_aloud_only_when_it_changes_and_at_each_quarter(
    ada_client: Client, queued_run: LabRun
) -> None:
    seen = seen_in(html(status_of(ada_client, queued_run)))
    heard = []
    for done in (0, 1, 2, 3, 4):
        start(queued_run, done=done)
        page = html(status_of(ada_client, queued_run, seen))
        heard.append(f'id="run-announce-{queued_run.pk}"' in page)
        seen = seen_in(page)

    assert heard == [True, False, True, False, True]


@ALIVE
def test_others_before_mine_are_counted(
    ada_client: Client, grace: User, ada_try: LabAttempt, queue_run: Queue, open_try: Any
) -> None:
    queue_run(open_try(grace))
    mine = queue_run(ada_try)

    assert "2nd in line." in html(status_of(ada_client, mine))


@ALIVE
def test_a_run_that_the_machine_lost_says_so(ada_client: Client, queued_run: LabRun) -> None:
    LabRun.objects.update(infra_failures=1)

    page = html(status_of(ada_client, queued_run))

    assert "Waiting again: the lab machine failed, not you." in page


@pytest.mark.parametrize(
    ("silent_s", "words"),
    [(None, "No worker has answered yet."), (150, "No worker has answered for 2 min.")],
)
def test_without_a_worker_the_run_is_kept(
    ada_client: Client, queued_run: LabRun, silent_s: int | None, words: str
) -> None:
    if silent_s:
        Worker.objects.create(name="gone", last_seen=now() - timedelta(seconds=silent_s))

    page = html(status_of(ada_client, queued_run))

    assert f"{words} Your run is kept and starts by itself." in page
    assert "in line" not in page


@pytest.mark.parametrize(
    ("columns", "words", "badge"),
    [
        (
            {"state": "failed", "error": "The text is too long. Shorten it."},
            "The text is too long. Shorten it. This used no run of your try",
            "Failed",
        ),
        (
            {"state": "cancelled", "done_steps": 37, "total_steps": 100},
            "after 37 of 100 steps. It is not graded",
            "Cancelled",
        ),
        ({"state": "quarantined"}, "Your try is safe", "Under review"),
    ],
)
def test_an_ended_run_says_what_became_of_it_and_asks_no_more(
    ada_client: Client, queued_run: LabRun, columns: dict[str, Any], words: str, badge: str
) -> None:
    LabRun.objects.update(finished_at=now(), **columns)

    page = html(status_of(ada_client, queued_run))

    assert words in page
    assert badge in page
    assert "hx-trigger" not in page.split('hx-swap-oob="outerHTML"')[0]


def test_an_error_text_is_text_and_hides_nothing(ada_client: Client, queued_run: LabRun) -> None:
    LabRun.objects.update(
        state="failed", error="<b>bold</b> \u202eback \x1b[31m", finished_at=now()
    )

    page = html(ada_client.get(f"/runs/{queued_run.pk}/"))

    assert "&lt;b&gt;bold&lt;/b&gt; ⟨U+202E⟩back ⟨U+001B⟩[31m" in page


def test_the_last_poll_on_the_workbench_brings_what_depends_on_the_run(
    ada_client: Client, graded_run: LabRun
) -> None:
    response = status_of(ada_client, graded_run, "queued.0.0.0~")

    attempt = graded_run.attempt_id
    assert part_ids(response) == [
        f"run-actions-{graded_run.pk}",
        f"run-announce-{graded_run.pk}",
        f"answers-form-{attempt}",
        f"run-bar-{attempt}",
        f"lab-steps-{attempt}",
        f"reconcile-form-{attempt}",
    ]
    assert "transfer-double" in html(response)


def test_the_last_poll_on_the_runs_own_page_brings_the_run_alone(
    ada_client: Client, graded_run: LabRun
) -> None:
    url = f"http://testserver/runs/{graded_run.pk}/"
    response = status_of(ada_client, graded_run, "queued.0.0.0~", **{"HX-Current-URL": url})

    assert part_ids(response) == [
        f"run-actions-{graded_run.pk}",
        f"run-announce-{graded_run.pk}",
    ]


@pytest.mark.parametrize("path", ["", "status/", "data.json"])
def test_a_run_is_its_owners_alone(
    client: Client, grace_client: Client, graded_run: LabRun, path: str
) -> None:
    url = f"/runs/{graded_run.pk}/{path}"

    assert client.get(url).status_code == 302
    assert grace_client.get(url).status_code == 404
    assert grace_client.get("/runs/99999999999999999999999/").status_code == 404


# Cancel.


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
def test_a_waiting_run_can_be_cancelled(
    ada_client: Client, queued_run: LabRun, headers: Any
) -> None:
    response = ada_client.post(f"/runs/{queued_run.pk}/cancel/", headers=headers)

    queued_run.refresh_from_db()
    assert queued_run.state == "cancelled"
    if headers:
        assert (
            html(response).lstrip().startswith(f'<div class="row" id="run-actions-{queued_run.pk}"')
        )
        assert f"run-status-{queued_run.pk}" in part_ids(response)
    else:
        assert (response.status_code, response["Location"]) == (303, f"/runs/{queued_run.pk}/")


def test_a_run_that_is_stopping_says_so_and_offers_no_second_cancel(
    ada_client: Client, queued_run: LabRun
) -> None:
    start(queued_run)
    cancel_run(run=queued_run)

    page = html(ada_client.get(f"/runs/{queued_run.pk}/"))

    assert "Stopping: the run ends at its next step." in page
    assert "/cancel/" not in page


def test_a_cancel_that_comes_too_late_changes_nothing(
    ada_client: Client, graded_run: LabRun
) -> None:
    assert ada_client.post(f"/runs/{graded_run.pk}/cancel/").status_code == 303
    graded_run.refresh_from_db()
    assert graded_run.state == "done"


def test_nobody_cancels_anothers_run(
    client: Client, grace_client: Client, queued_run: LabRun
) -> None:
    assert client.post(f"/runs/{queued_run.pk}/cancel/").status_code == 302
    assert grace_client.post(f"/runs/{queued_run.pk}/cancel/").status_code == 404
    assert grace_client.get(f"/runs/{queued_run.pk}/cancel/").status_code == 405
    queued_run.refresh_from_db()
    assert queued_run.state == "queued"
