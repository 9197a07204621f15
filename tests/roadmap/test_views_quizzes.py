"""The quiz pages, asked by the right person, a stranger, nobody, with and without script."""

from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from roadmap.forms import typed
from roadmap.models import Activity, Attempt, AttemptItem, Question, Response
from roadmap.services import answer_item, asked_of_item, finish_attempt, open_attempt
from tests.roadmap.conftest import BANK, right_answer

HTMX = {"HX-Request": "true"}


def item_of(attempt: Attempt, kind: str) -> AttemptItem:
    items = attempt.items.select_related("version")
    return next(item for item in items if item.version.content["type"] == kind)


def sent(item: AttemptItem, payload: dict[str, Any]) -> dict[str, list[str]]:
    """What the browser posts for a payload."""
    return dict(typed(asked_of_item(item), payload).lists())


def answers_url(item: AttemptItem) -> str:
    return f"{item.get_absolute_url()}responses/"


def answer_everything(attempt: Attempt) -> None:
    for item in attempt.items.select_related("version"):
        answer_item(item=item, payload=right_answer(item.version.content["type"]))


# Who may


@pytest.mark.parametrize("page", ["", "items/1/", "items/1/responses/", "finish/"])
def test_anothers_attempt_is_not_there(grace_client: Client, attempt: Attempt, page: str) -> None:
    url = f"{attempt.get_absolute_url()}{page}"
    method = "post" if page.endswith(("responses/", "finish/")) else "get"
    assert getattr(grace_client, method)(url).status_code == 404
    attempt.refresh_from_db()
    assert attempt.finished_at is None


@pytest.mark.parametrize("pk", [0, 2**63, 10**20])
@pytest.mark.parametrize("page", ["", "items/1/", "items/1/responses/", "finish/"])
def test_a_number_that_no_row_can_have_is_not_there(ada_client: Client, pk: int, page: str) -> None:
    method = "post" if page.endswith(("responses/", "finish/")) else "get"
    assert getattr(ada_client, method)(f"/attempts/{pk}/{page}").status_code == 404


@pytest.mark.parametrize("page", ["/quizzes/exam/", "/attempts/1/", "/attempts/1/items/1/"])
def test_nobody_is_sent_to_the_login(client: Client, attempt: Attempt, page: str) -> None:
    answer = client.get(page)
    assert answer.status_code == 302
    assert "/accounts/login/" in answer["Location"]


@pytest.mark.parametrize(
    "page",
    [
        "/quizzes/nothing/",
        "/quizzes/cuts/",
        "/attempts/999999/",
        "/attempts/99999999999999999999999/",
        "/attempts/1/items/99/",
    ],
)
def test_what_is_not_there_is_a_404(ada_client: Client, exam: Activity, page: str) -> None:
    assert ada_client.get(page).status_code == 404


def test_a_retired_quiz_is_gone_and_its_results_stay(ada_client: Client, attempt: Attempt) -> None:
    Activity.objects.filter(key="exam").update(retired_at=now())
    assert ada_client.get("/quizzes/exam/").status_code == 404
    assert ada_client.get(attempt.get_absolute_url()).status_code == 200


# The quiz


def test_the_quiz_says_its_rules(ada_client: Client, exam: Activity) -> None:
    page = ada_client.get("/quizzes/exam/").content.decode()
    assert "8 questions, drawn anew" in page
    assert "80 % of the points pass" in page
    assert "The first 2 attempts follow each other freely; after that, 10 min lie" in page
    assert "The best of your last 2 attempts counts" in page


def test_an_empty_quiz_says_so_and_cannot_be_started(ada_client: Client, exam: Activity) -> None:
    Question.objects.update(retired_at=now())
    assert "no questions yet" in ada_client.get("/quizzes/exam/").content.decode()
    refused = ada_client.post("/quizzes/exam/attempts/")
    assert refused.status_code == 422
    assert "Come back when it has been published" in refused.content.decode()


def test_start_leads_to_the_first_question_and_again_to_the_same_attempt(
    ada_client: Client, exam: Activity
) -> None:
    first = ada_client.post("/quizzes/exam/attempts/")
    again = ada_client.post("/quizzes/exam/attempts/")
    attempt = Attempt.objects.get()

    assert first.status_code == again.status_code == 303
    assert first["Location"] == again["Location"] == f"/attempts/{attempt.pk}/items/1/"
    assert "Go on with attempt 1" in ada_client.get("/quizzes/exam/").content.decode()


def test_resuming_leads_to_the_first_question_without_an_answer(
    ada_client: Client, attempt: Attempt
) -> None:
    first = attempt.items.select_related("version").get(position=1)
    answer_item(item=first, payload=right_answer(first.version.content["type"]))
    resumed = ada_client.post("/quizzes/exam/attempts/")
    assert resumed["Location"].endswith("/items/2/")


def test_too_soon_is_a_429_that_says_when(ada_client: Client, exam: Activity, ada: User) -> None:
    for _ in range(2):
        finish_attempt(attempt=open_attempt(user=ada, activity=exam))
    refused = ada_client.post("/quizzes/exam/attempts/")
    assert refused.status_code == 429
    assert "The next attempt opens at" in refused.content.decode()
    assert Attempt.objects.count() == 2


def test_get_is_not_allowed_where_something_changes(ada_client: Client, attempt: Attempt) -> None:
    for url in ("/quizzes/exam/attempts/", f"/attempts/{attempt.pk}/finish/"):
        assert ada_client.get(url).status_code == 405


# One question


@pytest.mark.parametrize("kind", sorted(BANK))
def test_a_question_is_shown_with_its_number_and_controls(
    ada_client: Client, attempt: Attempt, kind: str
) -> None:
    item = item_of(attempt, kind)
    page = ada_client.get(item.get_absolute_url()).content.decode()
    assert f"{item.position} of 8" in page
    assert "<fieldset" in page
    assert "How sure are you?" in page
    for name in sent(item, right_answer(kind)):
        assert f'name="{name}"' in page or not sent(item, right_answer(kind))[name]


@pytest.mark.parametrize("kind", sorted(BANK))
def test_without_script_an_answer_redirects_to_its_explanation(
    ada_client: Client, attempt: Attempt, kind: str
) -> None:
    item = item_of(attempt, kind)
    data = {**sent(item, right_answer(kind)), "confidence": "guess"}

    answer = ada_client.post(answers_url(item), data)

    assert (answer.status_code, answer["Location"]) == (303, item.get_absolute_url())
    response = Response.objects.get()
    assert (response.payload, response.credit) == (right_answer(kind), 1)
    assert response.confidence == "guess"
    page = ada_client.get(answer["Location"]).content.decode()
    assert f"canary why {kind}" in page
    assert "Right</h2>" in page


@pytest.mark.parametrize("kind", sorted(BANK))
def test_with_script_the_explanation_comes_back_as_a_part(
    ada_client: Client, attempt: Attempt, kind: str
) -> None:
    item = item_of(attempt, kind)
    answer = ada_client.post(answers_url(item), sent(item, right_answer(kind)), headers=HTMX)
    part = answer.content.decode()
    assert answer.status_code == 200
    assert part.strip().startswith(f'<div class="stack quiz-item" id="item-detail-{item.pk}"')
    assert f"canary why {kind}" in part
    assert "<html" not in part


@pytest.mark.parametrize("kind", sorted(BANK))
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_an_empty_answer_is_refused_with_the_reason(
    ada_client: Client, attempt: Attempt, kind: str, headers: Any
) -> None:
    answer = ada_client.post(answers_url(item_of(attempt, kind)), {}, headers=headers)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "to change</h2>" in page
    assert "canary" not in page
    assert not Response.objects.exists()


HOSTILE = ["two", "\x00", "9" * 500, "<script>alert(1)</script>", "1e999", "nan", "-1", "a\u202eb"]


@pytest.mark.parametrize("kind", sorted(set(BANK) - {"cloze", "predict"}))
@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_values_are_refused(
    ada_client: Client, attempt: Attempt, kind: str, value: str
) -> None:
    item = item_of(attempt, kind)
    if (kind, value) == ("numeric", "-1"):
        return
    data = {name: [value] for name in sent(item, right_answer(kind)) if name}
    answer = ada_client.post(answers_url(item), data)
    assert answer.status_code == 422
    assert "<script>alert" not in answer.content.decode()
    assert not Response.objects.exists()


@pytest.mark.parametrize("kind", ["cloze", "predict"])
def test_text_that_cannot_be_stored_or_is_too_long_is_refused(
    ada_client: Client, attempt: Attempt, kind: str
) -> None:
    item = item_of(attempt, kind)
    for value in ("a\x00b", "x" * 5000):
        data = {
            name: value
            for name, sent_values in sent(item, right_answer(kind)).items()
            if sent_values
        }
        assert ada_client.post(answers_url(item), data).status_code == 422


def test_what_was_typed_and_picked_is_kept(ada_client: Client, attempt: Attempt) -> None:
    number, cloze, order = (item_of(attempt, kind) for kind in ("numeric", "cloze", "order"))
    page = ada_client.post(answers_url(number), {"value": "12 apples"}).content.decode()
    assert 'value="12 apples"' in page
    assert "is not a number. Write it like 1250 or 0.75." in page

    page = ada_client.post(answers_url(cloze), {"blank-1": "first"}).content.decode()
    assert 'value="first"' in page
    assert "Fill in this blank" in page

    token = next(iter(order.option_tokens))
    page = ada_client.post(answers_url(order), {token: "2"}).content.decode()
    assert '<option value="2" selected>' in page


def test_two_items_in_one_place_are_named(ada_client: Client, attempt: Attempt) -> None:
    order = item_of(attempt, "order")
    page = ada_client.post(answers_url(order), dict.fromkeys(order.option_tokens, "1"))
    assert page.status_code == 422
    assert "Place 1 is already taken by" in page.content.decode()


def test_numbers_may_be_written_as_people_do(ada_client: Client, attempt: Attempt) -> None:
    item = item_of(attempt, "numeric")
    ada_client.post(answers_url(item), {"value": " 48,151 tokens"})
    assert Response.objects.get().payload == {"value": 48151.0}


def test_a_second_post_is_the_first_answer(ada_client: Client, attempt: Attempt) -> None:
    item = item_of(attempt, "single")
    ada_client.post(answers_url(item), sent(item, {"choice": "one"}))
    for data in (sent(item, {"choice": "two"}), {}):
        assert ada_client.post(answers_url(item), data, follow=True).status_code == 200
    assert Response.objects.get().payload == {"choice": "one"}


def test_scores_and_keys_in_a_post_are_ignored(ada_client: Client, attempt: Attempt) -> None:
    item = item_of(attempt, "single")
    forged = {"credit": "1", "final": "on", "points": "9", "score": "1", "right": "one"}
    ada_client.post(answers_url(item), {**sent(item, {"choice": "one"}), **forged})
    item.refresh_from_db()
    assert (Response.objects.get().credit, item.points) == (0, 1)


def test_where_the_verdict_waits_an_answer_is_saved_and_shown_again(
    ada_client: Client, late_attempt: Attempt
) -> None:
    item = item_of(late_attempt, "single")
    part = ada_client.post(
        answers_url(item), sent(item, {"choice": "two"}), headers=HTMX
    ).content.decode()
    assert "Saved. You may change it" in part
    assert "checked" in part
    assert "canary" not in part

    ada_client.post(answers_url(item), sent(item, {"choice": "one"}))
    assert [response.number for response in item.responses.order_by("number")] == [1, 2]


def test_an_answer_after_the_end_is_refused_with_a_sentence(
    ada_client: Client, attempt: Attempt
) -> None:
    finish_attempt(attempt=attempt)
    item = item_of(attempt, "single")
    answer = ada_client.post(answers_url(item), sent(item, {"choice": "two"}))
    assert answer.status_code == 422
    assert "Start a new one" in answer.content.decode()
    assert "left out" in ada_client.get(item.get_absolute_url()).content.decode()


def test_a_seeded_table_stands_beside_the_question(ada_client: Client, exam: Activity) -> None:
    from tests.roadmap.conftest import publish_question

    Question.objects.update(retired_at=now())
    publish_question(
        exam,
        "kept",
        "numeric",
        prompt="<p>How many of {n} stay at {p}? {table}</p>",
        seeded={"generator": "kept_tokens", "args": {}},
        answer={"seeded": True, "tolerance": 0, "traps": []},
    )
    page = ada_client.get(ada_client.post("/quizzes/exam/attempts/")["Location"]).content.decode()
    assert '<th scope="col">Probability</th>' in page
    assert "{n}" not in page
    assert "{table}" not in page


# The end


def test_unanswered_questions_are_named_once(ada_client: Client, attempt: Attempt) -> None:
    url = f"/attempts/{attempt.pk}/finish/"
    asks = ada_client.post(url)
    assert asks.status_code == 422
    assert "8 of 8 questions have no answer" in asks.content.decode()
    assert Attempt.objects.get().finished_at is None

    done = ada_client.post(url, {"sure": "on"})
    assert (done.status_code, done["Location"]) == (303, attempt.get_absolute_url())
    assert Attempt.objects.get().score == 0


def test_a_full_attempt_finishes_at_once_and_shows_everything(
    ada_client: Client, attempt: Attempt
) -> None:
    answer_everything(attempt)
    ada_client.post(f"/attempts/{attempt.pk}/finish/")
    page = ada_client.get(attempt.get_absolute_url()).content.decode()
    assert "Passed with 100 %" in page
    assert "n = 8" in page
    assert "How text is cut" in page
    for kind in BANK:
        assert f"canary why {kind}" in page


def test_a_late_verdict_comes_with_the_end(ada_client: Client, late_attempt: Attempt) -> None:
    answer_everything(late_attempt)
    assert "canary" not in ada_client.get(late_attempt.get_absolute_url()).content.decode()
    ada_client.post(f"/attempts/{late_attempt.pk}/finish/")
    assert "canary why mark" in ada_client.get(late_attempt.get_absolute_url()).content.decode()


# How many queries


def test_an_item_costs_at_most_eight_queries(
    ada_client: Client, attempt: Attempt, django_assert_max_num_queries: Any
) -> None:
    item = item_of(attempt, "match")
    with django_assert_max_num_queries(8):
        ada_client.get(item.get_absolute_url())
    answer_item(item=item, payload=right_answer("match"))
    with django_assert_max_num_queries(8):
        ada_client.get(item.get_absolute_url())


def test_a_result_costs_the_same_for_any_number_of_items(
    ada_client: Client, attempt: Attempt, django_assert_max_num_queries: Any
) -> None:
    answer_everything(attempt)
    finish_attempt(attempt=attempt)
    with django_assert_max_num_queries(8):
        ada_client.get(attempt.get_absolute_url())
