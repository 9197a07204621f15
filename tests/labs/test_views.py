"""Pages of the labs: predict, run, reconcile, with and without script."""

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labs.models import Grade, LabAttempt, LabRun, Reconciliation, RunEvent, Worker
from labs.services import cancel_run, reconcile
from roadmap.models import Activity
from tests.labs.conftest import Queue
from tests.labs.test_services import graded

pytestmark = pytest.mark.usefixtures("rehearsal_pages")
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/labs/rehearsal/"}
LAB = "/labs/rehearsal/"
SIGNED_IN = 2  # queries for the session and the person
ALIVE = pytest.mark.usefixtures("worker")


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker.objects.create(name="here:1", last_seen=now())


@pytest.fixture
def graded_run(queued_run: LabRun) -> LabRun:
    """Ada's graded run; its answer is right."""
    return graded(queued_run)


def html(response: Any) -> str:
    """The answer on one line, however its template is laid out."""
    return re.sub(r"\s+", " ", response.content.decode())


def run_post(purpose: str = "explore", **changes: Any) -> dict[str, Any]:
    post = {"purpose": purpose, "idem_key": str(uuid4()), "controls-steps": "2"}
    return post | {name.replace("__", "-"): value for name, value in changes.items()}


def part_ids(response: Any) -> list[str]:
    """Ids of the elements that find their own places."""
    return re.findall(r'id="([a-z-]+-\d+)"[^>]*?\shx-swap-oob=', html(response))


# The workbench.


def test_the_workbench_opens_a_try_and_asks_for_a_prediction_first(
    ada: User, ada_client: Client, rehearsal_lab: Activity
) -> None:
    first = ada_client.get(LAB)
    page = html(ada_client.get(LAB))

    attempt = LabAttempt.objects.get(user=ada)
    assert first["Location"] == LAB
    assert f'action="{LAB}predictions/"' in page
    assert page.count('aria-disabled="true"') == 2
    assert "Predict first. Your prediction is locked before the first run." in page
    assert '<li aria-current="step">Predict' in page
    assert f'id="explore-{attempt.pk}"' in page
    for pane in ("brief", "controls", "result"):
        assert re.search(rf'<section[^>]*id="{pane}"[^>]*data-pane', page)


def test_coming_back_shows_the_same_try(ada_client: Client, rehearsal_lab: Activity) -> None:
    ada_client.get(LAB)
    ada_client.get(LAB)

    assert LabAttempt.objects.count() == 1


def test_the_workbench_needs_few_queries(
    ada_client: Client,
    graded_run: LabRun,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(8):
        ada_client.get(LAB)


@pytest.mark.parametrize("path", ["labs/rehearsal/", "labs/rehearsal/runs/all/", "labs-queue/"])
def test_a_stranger_to_the_site_is_sent_to_the_login(
    client: Client, rehearsal_lab: Activity, path: str
) -> None:
    response = client.get(f"/{path}")

    assert response.status_code == 302
    assert "/login/" in response["Location"]


@pytest.mark.parametrize("path", ["predictions/", "final/", "runs/", "tries/", "reconciliation/"])
def test_a_form_of_the_workbench_is_for_those_who_opened_it(
    client: Client, grace_client: Client, ada_try: LabAttempt, path: str
) -> None:
    assert client.post(LAB + path).status_code == 302
    assert grace_client.post(LAB + path).status_code == 404
    assert grace_client.get(LAB + path).status_code == 405


def test_a_part_of_a_stranger_leads_to_the_login_page(client: Client, queued_run: LabRun) -> None:
    response = client.get(f"/runs/{queued_run.pk}/status/", headers=HTMX)

    assert response.headers["HX-Redirect"].endswith("?next=%2Flabs%2Frehearsal%2F")


@pytest.mark.parametrize("key", ["no-such-lab", "rehearsals"])
def test_what_is_no_lab_is_not_found(ada_client: Client, rehearsal_lab: Activity, key: str) -> None:
    assert ada_client.get(f"/labs/{key}/").status_code == 404


def test_a_retired_lab_is_gone_but_its_runs_can_be_read(
    ada_client: Client, graded_run: LabRun
) -> None:
    Activity.objects.update(retired_at=now())

    assert ada_client.get(LAB).status_code == 404
    assert ada_client.get(f"/runs/{graded_run.pk}/").status_code == 200


# Predict.


def test_a_prediction_is_locked_with_its_time(
    ada: User, ada_client: Client, rehearsal_lab: Activity
) -> None:
    ada_client.get(LAB)

    response = ada_client.post(f"{LAB}predictions/", {"prediction-count": "3"})

    assert (response.status_code, response["Location"]) == (303, f"{LAB}#controls")
    page = html(ada_client.get(LAB))
    assert LabAttempt.objects.get().prediction == {"count": 3}
    assert "Locked on" in page
    assert f'action="{LAB}predictions/"' not in page
    assert '<li aria-current="step">Run' in page


def test_with_script_a_prediction_answers_with_its_part_and_frees_the_run_bar(
    ada: User, ada_client: Client, rehearsal_lab: Activity
) -> None:
    ada_client.get(LAB)
    pk = LabAttempt.objects.get().pk

    response = ada_client.post(f"{LAB}predictions/", {"prediction-count": "3"}, headers=HTMX)

    assert response.status_code == 200
    assert (
        html(response).lstrip().startswith(f'<section class="lab-part" id="prediction-form-{pk}"')
    )
    assert part_ids(response) == [f"lab-steps-{pk}", f"run-form-{pk}"]
    assert 'value="explore"' in html(response)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
@pytest.mark.parametrize(
    ("count", "words"),
    [
        ("many", "Write a whole number"),
        ("", "Fill this in"),
        ("nan", "Write a whole number"),
        ("-4", "Found &#x27;-4&#x27;. Input should be greater than or equal to 0."),
        ("5000", "Found &#x27;5000&#x27;. Input should be less than or equal to 1000."),
    ],
)
def test_a_prediction_that_does_not_fit_comes_back_with_what_was_typed(
    ada_client: Client, rehearsal_lab: Activity, headers: Any, count: str, words: str
) -> None:
    ada_client.get(LAB)

    response = ada_client.post(f"{LAB}predictions/", {"prediction-count": count}, headers=headers)

    assert response.status_code == 422
    assert words in html(response)
    if count:
        assert f'value="{count}"' in html(response)
    assert LabAttempt.objects.get().prediction is None


def test_what_must_change_is_listed_with_a_link_to_each_field(
    ada_client: Client, rehearsal_lab: Activity
) -> None:
    ada_client.get(LAB)

    page = html(ada_client.post(f"{LAB}predictions/", {}, headers=HTMX))

    summary = page.index('role="alert"')
    assert "One thing to change" in page
    assert '<a href="#id_prediction-count" dir="auto">Say the count</a>: Fill this in.' in page
    assert summary < page.index("<h3")


def test_a_second_prediction_is_refused(ada_client: Client, ada_try: LabAttempt) -> None:
    response = ada_client.post(f"{LAB}predictions/", {"prediction-count": "9"}, headers=HTMX)

    assert response.status_code == 422
    assert "This prediction is locked." in html(response)
    ada_try.refresh_from_db()
    assert ada_try.prediction == {"count": 3}


# Run.


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
def test_nothing_runs_before_the_prediction(
    ada_client: Client, rehearsal_lab: Activity, headers: Any
) -> None:
    ada_client.get(LAB)

    response = ada_client.post(f"{LAB}runs/", run_post(), headers=headers)

    assert response.status_code == 422
    assert "Predict first." in html(response)
    assert not LabRun.objects.exists()


def test_an_explore_run_leads_to_its_page(ada_client: Client, ada_try: LabAttempt) -> None:
    response = ada_client.post(f"{LAB}runs/", run_post())

    run = LabRun.objects.get()
    assert (response.status_code, response["Location"]) == (303, f"/runs/{run.pk}/")
    assert (run.purpose, run.controls, run.state) == ("explore", {"steps": 2}, "queued")


def test_with_script_a_run_keeps_the_settings_and_fills_the_result(
    ada_client: Client, ada_try: LabAttempt
) -> None:
    post = run_post()

    response = ada_client.post(f"{LAB}runs/", post, headers=HTMX)

    run, page = LabRun.objects.get(), html(response)
    assert response.headers["HX-Trigger"] == "run-created"
    assert page.lstrip().startswith(f'<form class="lab-part" id="run-form-{ada_try.pk}"')
    ids = ["lab-result", "lab-steps", "lab-brief"]
    assert part_ids(response) == [f"{name}-{ada_try.pk}" for name in ids]
    assert 'name="controls-steps" value="2"' in page
    assert post["idem_key"] not in page
    assert "Explore: 2 of 3 left" in page
    assert f'id="run-status-{run.pk}"' in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
def test_a_double_click_is_one_run(ada_client: Client, ada_try: LabAttempt, headers: Any) -> None:
    post = run_post()

    first = ada_client.post(f"{LAB}runs/", post, headers=headers)
    second = ada_client.post(f"{LAB}runs/", post, headers=headers)

    assert first.status_code == second.status_code
    assert LabRun.objects.count() == 1


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"controls__steps": "all"}, "Write a whole number"),
        ({"controls__steps": "9" * 4000}, "Too high"),
        ({"controls__steps": "0"}, "Input should be greater than or equal to 1."),
        ({"idem_key": "7"}, "Press the button again."),
        ({"purpose": "win"}, "A run explores or is submitted."),
    ],
)
def test_a_run_that_does_not_fit_is_not_queued_and_keeps_what_was_typed(
    ada_client: Client, ada_try: LabAttempt, headers: Any, changes: dict[str, str], words: str
) -> None:
    post = run_post(**changes)

    response = ada_client.post(f"{LAB}runs/", post, headers=headers)

    assert response.status_code == 422
    assert words in html(response)
    assert f'name="controls-steps" value="{post["controls-steps"]}"' in html(response)
    assert not LabRun.objects.exists()
    assert re.search(r'name="idem_key" value="[0-9a-f-]{36}"', html(response))


def test_explore_runs_are_counted_down_and_then_refused(
    ada_client: Client, ada_try: LabAttempt
) -> None:
    for _ in range(3):
        ada_client.post(f"{LAB}runs/", run_post())

    response = ada_client.post(f"{LAB}runs/", run_post(), headers=HTMX)

    assert response.status_code == 422
    assert "All 3 explore runs of this try are used." in html(response)
    assert LabRun.objects.count() == 3


def test_a_full_queue_says_when_to_come_back(
    ada_client: Client, ada_try: LabAttempt, settings: Any
) -> None:
    settings.LAB_QUEUED_PER_USER = 1
    ada_client.post(f"{LAB}runs/", run_post())

    for headers in ({}, HTMX):
        response = ada_client.post(f"{LAB}runs/", run_post(controls__steps="7"), headers=headers)

        assert response.status_code == 429
        assert response.headers["Retry-After"] == "10"
        assert "You have 1 runs waiting" in html(response)
        assert 'name="controls-steps" value="7"' in html(response)


# The graded set.


def test_the_graded_set_is_on_no_page_before_it_is_opened(
    ada_client: Client, ada_try: LabAttempt
) -> None:
    page = html(ada_client.get(LAB))

    assert "answers-number" not in page
    assert "Show the graded set" in page
    assert "The graded set ends exploring" in page


def test_opening_the_graded_set_adds_it_to_the_run_form(
    ada_client: Client, ada_try: LabAttempt
) -> None:
    response = ada_client.post(f"{LAB}final/", headers=HTMX)

    page = html(response)
    assert page.lstrip().startswith(f'<div class="stack" id="answers-form-{ada_try.pk}"')
    assert 'name="answers-number"' in page
    assert part_ids(response) == [f"run-bar-{ada_try.pk}"]
    assert "The graded set is on the page, so exploring is over" in page
    assert 'value="submit"' in page


def test_without_script_the_graded_set_comes_with_the_page(
    ada_client: Client, ada_try: LabAttempt
) -> None:
    response = ada_client.post(f"{LAB}final/")

    assert (response.status_code, response["Location"]) == (303, f"{LAB}#controls")
    assert 'name="answers-number"' in html(ada_client.get(LAB))


def test_the_graded_set_waits_for_the_prediction(
    ada_client: Client, rehearsal_lab: Activity
) -> None:
    ada_client.get(LAB)

    for headers in ({}, HTMX):
        response = ada_client.post(f"{LAB}final/", headers=headers)

        assert response.status_code == 422
        assert "Predict first." in html(response)
        assert "answers-number" not in html(response)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
def test_a_submit_before_the_graded_set_is_refused(
    ada_client: Client, ada_try: LabAttempt, headers: Any
) -> None:
    response = ada_client.post(f"{LAB}runs/", run_post("submit"), headers=headers)

    assert response.status_code == 422
    assert "Open the graded set first" in html(response)


def test_a_submit_takes_the_answers_once(ada_client: Client, ada_try: LabAttempt) -> None:
    ada_client.post(f"{LAB}final/")
    ada_client.post(f"{LAB}runs/", run_post("submit", answers__number="12"))

    again = ada_client.post(f"{LAB}runs/", run_post("submit", answers__number="13"), headers=HTMX)

    run = LabRun.objects.get()
    assert (run.purpose, run.answers) == ("submit", {"number": 12})
    assert again.status_code == 422
    assert "This try has its one graded run." in html(again)


def test_an_unanswered_graded_set_is_asked_again(ada_client: Client, ada_try: LabAttempt) -> None:
    ada_client.post(f"{LAB}final/")

    response = ada_client.post(f"{LAB}runs/", run_post("submit", answers__number=""), headers=HTMX)

    assert response.status_code == 422
    assert "Fill this in." in html(response)
    assert not LabRun.objects.exists()


def test_when_a_try_is_over_only_a_new_one_is_offered(
    ada_client: Client, graded_run: LabRun
) -> None:
    page = html(ada_client.get(LAB))

    assert "This try is graded." in page
    assert 'name="controls-steps"' not in page
    assert 'name="answers-number"' not in page
    assert 'value="explore"' not in page
    assert "Start try 2" in page


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


# Reconcile.


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
def test_the_question_after_the_run_is_answered_once(
    ada_client: Client, graded_run: LabRun, headers: Any
) -> None:
    right = 2 * (graded_run.attempt.given["start"] + 1)
    post = {"transfer-double": str(right), "note": "It was \u202e spaces."}
    assert "transfer-double" in html(ada_client.get(LAB))

    first = ada_client.post(f"{LAB}reconciliation/", post, headers=headers)
    again = ada_client.post(f"{LAB}reconciliation/", post, headers=headers)

    row = Reconciliation.objects.get()
    assert (row.score, row.answer) == (1.0, {"double": right})
    assert first.status_code == (200 if headers else 303)
    assert again.status_code == 422
    assert "There is one answer per try." in html(again)
    page = html(ada_client.get(LAB))
    assert "20 of 20 points" in page
    assert "It was ⟨U+202E⟩ spaces." in page
    assert 'name="transfer-double"' not in page


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["no script", "htmx"])
def test_an_answer_that_does_not_fit_is_kept_and_uses_nothing(
    ada_client: Client, graded_run: LabRun, headers: Any
) -> None:
    post = {"transfer-double": "twice", "note": "A thought."}

    response = ada_client.post(f"{LAB}reconciliation/", post, headers=headers)

    assert response.status_code == 422
    assert 'value="twice"' in html(response)
    assert "A thought." in html(response)
    assert not Reconciliation.objects.exists()


def test_the_question_comes_after_a_graded_run(ada_client: Client, ada_try: LabAttempt) -> None:
    response = ada_client.post(f"{LAB}reconciliation/", {"transfer-double": "4"}, headers=HTMX)

    assert response.status_code == 422
    assert "This question comes after a graded run." in html(response)
    assert 'name="transfer-double"' not in html(ada_client.get(LAB))


# Tries.


def test_a_new_try_starts_over(ada: User, ada_client: Client, graded_run: LabRun) -> None:
    response = ada_client.post(f"{LAB}tries/")

    assert (response.status_code, response["Location"]) == (303, LAB)
    assert LabAttempt.objects.filter(user=ada).count() == 2
    page = html(ada_client.get(LAB))
    assert "Try 2" in page
    assert f'action="{LAB}predictions/"' in page


def test_a_try_with_a_run_on_its_way_stays_open(ada_client: Client, queued_run: LabRun) -> None:
    response = ada_client.post(f"{LAB}tries/")

    assert response.status_code == 422
    assert "A run of this try has not ended." in html(response)


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
