"""The graded set, and the question after it."""

from typing import Any

import pytest
from django.test import Client

from labs.models import LabAttempt, LabRun, Reconciliation
from roadmap.models import Activity
from tests.labs.pages import HTMX, LAB, html, part_ids, run_post

pytestmark = pytest.mark.usefixtures("rehearsal_pages")


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
