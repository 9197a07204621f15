"""The workbench: predict and run, with and without script."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from labs.models import LabAttempt, LabRun
from roadmap.models import Activity
from tests.labs.pages import HTMX, LAB, html, part_ids, run_post

pytestmark = pytest.mark.usefixtures("rehearsal_pages")


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
