"""Attempts are pinned, never doubled and scored once; answers stand; a pass is kept."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models import QuerySet
from django.utils.timezone import now

from accounts.models import User
from roadmap.models import (
    Activity,
    ActivityProgress,
    Attempt,
    AttemptItem,
    CheckAnswer,
    Question,
    Response,
)
from roadmap.services import (
    AttemptIsFinished,
    NothingToAsk,
    TooSoon,
    answer_check,
    answer_item,
    asked_of_check,
    feedback_on_attempt,
    feedback_on_checks,
    feedback_on_item,
    finish_attempt,
    open_attempt,
    read_lesson,
    record_score,
)
from tests.roadmap.conftest import BANK, publish_question, right_answer

WRONG: dict[str, dict[str, Any]] = {
    "single": {"choice": "one"},
    "multiple": {"choices": ["three"]},
    "numeric": {"value": 48.0},
    "order": {"order": ["two", "one", "three"]},
    "match": {"pairs": {"x": "x", "y": "y"}},
    "cloze": {"blanks": {"1": "no", "2": "no"}},
    "predict": {"text": "nothing"},
    "mark": {"tokens": [0, 2]},
}


def kind_of(item: AttemptItem) -> str:
    return str(item.version.content["type"])


def items_of(attempt: Attempt) -> list[AttemptItem]:
    return list(attempt.items.select_related("version"))


def item_of(attempt: Attempt, kind: str) -> AttemptItem:
    return next(item for item in items_of(attempt) if kind_of(item) == kind)


def answer_all(attempt: Attempt, *, right: int) -> None:
    for index, item in enumerate(items_of(attempt)):
        kind = kind_of(item)
        answer_item(item=item, payload=right_answer(kind) if index < right else WRONG[kind])


def go(user: User, quiz: Activity, *, right: int) -> Attempt:
    attempt = open_attempt(user=user, activity=quiz)
    answer_all(attempt, right=right)
    return finish_attempt(attempt=attempt)


def progress_on(user: User, activity: Activity) -> ActivityProgress:
    return ActivityProgress.objects.get(user=user, activity=activity)


# Opening


def test_an_attempt_draws_every_item_with_its_own_tokens(attempt: Attempt) -> None:
    items = items_of(attempt)
    assert {kind_of(item) for item in items} == set(BANK)
    assert [item.position for item in items] == list(range(1, 9))
    assert sorted(item_of(attempt, "single").option_tokens.values()) == ["one", "three", "two"]
    assert len(item_of(attempt, "match").option_tokens) == 4


def test_an_open_attempt_is_resumed(attempt: Attempt, ada: User, exam: Activity) -> None:
    assert open_attempt(user=ada, activity=exam) == attempt
    assert Attempt.objects.count() == 1


def test_two_learners_have_attempts_of_their_own(
    attempt: Attempt, grace: User, exam: Activity
) -> None:
    hers = open_attempt(user=grace, activity=exam)
    assert hers != attempt
    assert not set(item_of(hers, "single").option_tokens) & set(
        item_of(attempt, "single").option_tokens
    )


def test_the_loser_of_a_race_gets_the_winners_attempt(
    exam: Activity, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    winner = open_attempt(user=ada, activity=exam)
    first, looks = QuerySet.first, iter([lambda _: None])

    def blind_at_first(query: "QuerySet[Any]") -> Any:
        return next(looks, first)(query)

    monkeypatch.setattr(QuerySet, "first", blind_at_first)

    assert open_attempt(user=ada, activity=exam) == winner
    assert Attempt.objects.count() == 1


def test_a_quiz_without_questions_says_so(exam: Activity, ada: User) -> None:
    Question.objects.update(retired_at=now())
    with pytest.raises(NothingToAsk, match="no questions yet"):
        open_attempt(user=ada, activity=exam)
    assert not Attempt.objects.exists()


def test_after_the_free_attempts_the_next_one_waits(exam: Activity, ada: User) -> None:
    go(ada, exam, right=0)
    last = go(ada, exam, right=0)

    with pytest.raises(TooSoon) as raised:
        open_attempt(user=ada, activity=exam)
    assert last.finished_at is not None
    assert raised.value.until == last.finished_at + timedelta(minutes=10)

    Attempt.objects.update(finished_at=now() - timedelta(minutes=10, seconds=1))
    assert open_attempt(user=ada, activity=exam).number == 3


def test_a_new_publication_changes_neither_items_nor_rules(
    attempt: Attempt, exam: Activity, ada: User
) -> None:
    before = [(item.version_id, item.option_tokens) for item in items_of(attempt)]
    publish_question(exam, "about-single", "single", answer={"right": ["three"]})
    Question.objects.filter(key="about-mark").update(retired_at=now())
    exam.policy = {"draw": 1, "pass_mark": 0.1, "reveal": "end"}
    exam.save()

    resumed = open_attempt(user=ada, activity=exam)

    assert [(item.version_id, item.option_tokens) for item in items_of(resumed)] == before
    assert resumed.policy["pass_mark"] == 0.8
    response = answer_item(item=item_of(resumed, "single"), payload={"choice": "two"})
    assert response.credit == 1


def test_a_seeded_question_keeps_its_answer_with_the_item(exam: Activity, ada: User) -> None:
    Question.objects.update(retired_at=now())
    publish_question(
        exam,
        "seeded",
        "numeric",
        prompt="<p>Token {k} of {n}?</p>",
        seeded={"generator": "attention_pairs", "args": {"tokens": [6, 12]}},
        answer={
            "seeded": True,
            "tolerance": 0,
            "traps": [{"value": "after", "misconception": None}],
        },
    )
    (item,) = items_of(open_attempt(user=ada, activity=exam))
    k = item.variant["values"]["k"]

    response = answer_item(item=item, payload={"value": float(k)})

    assert response.credit == 1
    found = feedback_on_item(item=item, response=response)
    assert found is not None
    assert found.wanted == f"{k} tokens"
    assert f"Token {k} of" in found.prompt


# Answering


@pytest.mark.parametrize("kind", sorted(BANK))
def test_an_answer_is_graded_at_once_where_the_verdict_is_shown(
    attempt: Attempt, kind: str
) -> None:
    right = answer_item(item=item_of(attempt, kind), payload=right_answer(kind), confidence="sure")
    assert (right.credit, right.final, right.confidence) == (1, True, "sure")


@pytest.mark.parametrize("kind", sorted(BANK))
def test_a_wrong_answer_earns_nothing_and_is_explained(attempt: Attempt, kind: str) -> None:
    item = item_of(attempt, kind)
    response = answer_item(item=item, payload=WRONG[kind])
    found = feedback_on_item(item=item, response=response)

    assert found is not None
    assert response.credit == 0
    assert found.state == "wrong"
    assert found.why_right == f"<p>canary why {kind}</p>"
    assert any(line.state == "wrong" for line in found.lines) or found.trap == "<p>canary trap</p>"


def test_the_first_answer_stands(attempt: Attempt) -> None:
    item = item_of(attempt, "single")
    first = answer_item(item=item, payload={"choice": "one"})
    again = answer_item(item=item, payload={"choice": "two"})
    assert again == first
    assert Response.objects.count() == 1


def test_answers_may_change_until_the_end_where_the_verdict_waits(late_attempt: Attempt) -> None:
    item = item_of(late_attempt, "single")
    first = answer_item(item=item, payload={"choice": "one"})
    assert answer_item(item=item, payload={"choice": "one"}) == first
    second = answer_item(item=item, payload={"choice": "two"})

    assert (first.credit, first.final, second.number) == (None, False, 2)
    assert feedback_on_item(item=item, response=second) is None

    finish_attempt(attempt=late_attempt)

    final = item.responses.get(final=True)
    assert (final.payload, final.credit, final.number) == ({"choice": "two"}, 1, 3)


def test_nothing_is_added_after_the_end(attempt: Attempt) -> None:
    finish_attempt(attempt=attempt)
    with pytest.raises(AttemptIsFinished, match="Start a new one"):
        answer_item(item=item_of(attempt, "single"), payload={"choice": "two"})


def test_a_picked_misconception_leads_to_its_remedy_once(attempt: Attempt) -> None:
    item = item_of(attempt, "multiple")
    response = answer_item(item=item, payload={"choices": ["three", "one"]})
    found = feedback_on_item(item=item, response=response)
    assert found is not None
    assert [remedy.key for remedy in found.remedies] == ["cuts"]
    assert {line.html: line.state for line in found.lines} == {
        "Option one": "right",
        "Option two": "missed",
        "Option three": "wrong",
    }


def test_a_right_option_sends_nobody_to_a_remedy(attempt: Attempt) -> None:
    item = item_of(attempt, "single")
    response = answer_item(item=item, payload={"choice": "two"})
    found = feedback_on_item(item=item, response=response)
    assert found is not None
    assert found.remedies == ()


# Finishing


def test_the_score_is_the_share_of_points_and_is_written_once(attempt: Attempt) -> None:
    answer_all(attempt, right=6)
    done = finish_attempt(attempt=attempt)
    again = finish_attempt(attempt=attempt)
    assert done.score == again.score == 0.75
    assert done.finished_at == again.finished_at


def test_an_item_without_an_answer_earns_nothing_and_is_still_explained(attempt: Attempt) -> None:
    for item in items_of(attempt)[:4]:
        answer_item(item=item, payload=right_answer(kind_of(item)))
    done = finish_attempt(attempt=attempt)
    found = feedback_on_attempt(attempt=done, items=items_of(done))

    assert done.score == 0.5
    assert [one.state for one in found.values()].count("unanswered") == 4
    assert all("canary why" in one.why_right for one in found.values())


def test_an_open_attempt_is_not_explained(attempt: Attempt) -> None:
    assert feedback_on_attempt(attempt=attempt, items=items_of(attempt)) == {}


def test_passing_needs_the_pass_mark(exam: Activity, ada: User) -> None:
    go(ada, exam, right=6)
    assert progress_on(ada, exam).passed_at is None
    go(ada, exam, right=7)
    assert progress_on(ada, exam).passed_at is not None


def test_the_best_of_the_last_two_counts_and_a_pass_is_kept(exam: Activity, ada: User) -> None:
    exam.policy = {**exam.policy, "free_attempts": 9}
    exam.save()
    go(ada, exam, right=8)
    passed_at = progress_on(ada, exam).passed_at
    for right in (2, 4):
        go(ada, exam, right=right)

    assert progress_on(ada, exam).score == 0.5
    assert progress_on(ada, exam).passed_at == passed_at is not None


def test_an_upper_floor_records_its_best_score(exam: Activity, ada: User) -> None:
    record_score(user=ada, activity=exam, score=0.6, passed=True)
    progress = record_score(user=ada, activity=exam, score=0.4, passed=False)
    assert progress.score == 0.6
    assert progress.passed_at is not None


# Lessons


def test_reading_remembers_the_place_and_the_version(cuts: Activity, ada: User) -> None:
    read_lesson(user=ada, activity=cuts, place="end")
    progress = read_lesson(user=ada, activity=cuts)
    assert (progress.place, progress.seen_version, progress.passed_at) == (
        "end",
        cuts.live_lesson,
        None,
    )
    assert read_lesson(user=ada, activity=cuts, done=True).passed_at is not None


def test_a_check_is_answered_once(cuts: Activity, ada: User) -> None:
    version = Question.objects.get(key="cut-it").live
    assert version is not None
    first = answer_check(user=ada, version=version, payload={"choice": "one"})
    again = answer_check(user=ada, version=version, payload={"choice": "two"})

    assert again == first
    assert (again.payload, again.credit) == ({"choice": "one"}, 0)
    assert feedback_on_checks([again])[version.pk].state == "wrong"
    assert CheckAnswer.objects.count() == 1


def test_a_check_keeps_its_tokens_for_one_learner(cuts: Activity, ada: User, grace: User) -> None:
    version = Question.objects.get(key="cut-it").live
    assert version is not None
    tokens = [choice.token for choice in asked_of_check(ada, version).choices]
    assert tokens == [choice.token for choice in asked_of_check(ada, version).choices]
    assert not set(tokens) & {choice.token for choice in asked_of_check(grace, version).choices}
