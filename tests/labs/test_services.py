from collections.abc import Callable
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.db import connections
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from accounts.models import User
from labs import bell, services
from labs.models import Calibration, LabAttempt, LabRun, RunEvent
from labs.services import (
    AlreadyPredicted,
    AlreadyReconciled,
    AlreadySubmitted,
    FinalNotShown,
    FinalShown,
    InvalidParams,
    NoExploreLeft,
    NotGraded,
    NotPredicted,
    QueueFull,
    RunNotOver,
    TryClosed,
    cancel_run,
    open_lab_attempt,
    predict,
    reconcile,
    show_final,
    start_new_try,
    submit_run,
)
from labs.worker.batch import Batch
from roadmap.models import Activity, ActivityProgress
from tests.labs.conftest import Queue, Try, graded


def submit(attempt: LabAttempt, **changes: Any) -> LabRun:
    form: dict[str, Any] = {
        "purpose": "explore",
        "controls": {"text": "abc"},
        "answers": {},
        "idem_key": uuid4(),
    }
    return submit_run(attempt=attempt, **{**form, **changes})


def test_a_try_stores_what_may_be_shown_and_nothing_else(
    ada: User, rehearsal_lab: Activity
) -> None:
    attempt = open_lab_attempt(user=ada, activity=rehearsal_lab)

    assert attempt.number == 1
    assert set(attempt.given) == {"start"}


def test_an_open_try_is_resumed(ada: User, rehearsal_lab: Activity) -> None:
    first = open_lab_attempt(user=ada, activity=rehearsal_lab)

    assert open_lab_attempt(user=ada, activity=rehearsal_lab) == first


def test_two_people_get_different_instances(
    ada_try: LabAttempt, grace: User, open_try: Try
) -> None:
    assert open_try(grace).seed != ada_try.seed


def test_a_newer_calibration_does_not_change_an_open_try(
    ada: User, rehearsal_lab: Activity
) -> None:
    old = Calibration.objects.create(
        exercise="rehearsal", digest="a", values={"shift": 5}, sources={}
    )
    attempt = open_lab_attempt(user=ada, activity=rehearsal_lab)
    Calibration.objects.create(exercise="rehearsal", digest="b", values={"shift": 9}, sources={})

    again = LabAttempt.objects.get(pk=attempt.pk)
    given, _ = again.instance()

    assert again.calibration == old
    assert given.model_dump() == attempt.given


def test_a_prediction_is_locked(ada_try: LabAttempt) -> None:
    assert ada_try.predicted_at is not None
    with pytest.raises(AlreadyPredicted, match="locked"):
        predict(attempt=ada_try, prediction={"count": 4})


def test_the_same_prediction_twice_is_one(ada_try: LabAttempt) -> None:
    first = ada_try.predicted_at

    assert predict(attempt=ada_try, prediction={"count": 3}).predicted_at == first


@pytest.mark.parametrize("prediction", [{"count": "3"}, {"count": -1}, {}, {"count": 3, "x": 1}])
def test_a_prediction_that_does_not_fit_is_told_by_field(
    ada: User, rehearsal_lab: Activity, prediction: dict[str, Any]
) -> None:
    attempt = open_lab_attempt(user=ada, activity=rehearsal_lab)

    with pytest.raises(InvalidParams) as refusal:
        predict(attempt=attempt, prediction=prediction)

    [name] = refusal.value.errors
    assert name in ("prediction.count", "prediction.x")
    attempt.refresh_from_db()
    assert attempt.predicted_at is None


def test_nobody_runs_before_predicting(ada: User, rehearsal_lab: Activity) -> None:
    attempt = open_lab_attempt(user=ada, activity=rehearsal_lab)

    with pytest.raises(NotPredicted):
        submit(attempt)
    with pytest.raises(NotPredicted):
        show_final(attempt=attempt)


def test_a_submitted_run_waits_and_the_bell_rings_after_the_commit(
    ada_try: LabAttempt,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rings: list[int] = []
    monkeypatch.setattr(bell, "ring", lambda: rings.append(1))

    with django_capture_on_commit_callbacks(execute=True):
        run = submit(ada_try, request_id="r" * 100)
        assert rings == []

    assert rings == [1]
    assert (run.state, run.claims, run.limit_s, len(run.request_id)) == ("queued", 0, 30, 64)
    assert run.batch_key == "no-model/30"
    assert [event.kind for event in run.events.all()] == ["queued"]


def test_a_double_click_is_one_run(ada_try: LabAttempt) -> None:
    key = uuid4()

    first, second = submit(ada_try, idem_key=key), submit(ada_try, idem_key=key)

    assert first == second
    assert LabRun.objects.count() == 1


@pytest.mark.parametrize(
    ("controls", "name", "words"),
    [
        ({"text": 3}, "controls.text", "Found '3'. Input should be a valid string."),
        ({"steps": 0}, "controls.steps", "Found '0'. Input should be greater than or equal to 1."),
        ({"steps": "7"}, "controls.steps", "Found '7'. Input should be a valid integer."),
        ({"colour": "red"}, "controls.colour", "Extra inputs are not permitted."),
    ],
)
def test_a_control_that_does_not_fit_is_told_by_field(
    ada_try: LabAttempt, controls: dict[str, Any], name: str, words: str
) -> None:
    with pytest.raises(InvalidParams) as refusal:
        submit(ada_try, controls=controls)

    assert list(refusal.value.errors) == [name]
    assert words in refusal.value.errors[name][0]
    assert not LabRun.objects.exists()


def test_the_stages_come_in_order(ada_try: LabAttempt) -> None:
    with pytest.raises(FinalNotShown):
        submit(ada_try, purpose="submit", answers={"number": 1})
    show_final(attempt=ada_try)

    with pytest.raises(FinalShown):
        submit(ada_try)
    with pytest.raises(InvalidParams) as refusal:
        submit(ada_try, purpose="submit")

    assert refusal.value.errors == {"answers": ["Answer the graded set before you submit."]}


def test_showing_the_graded_set_twice_keeps_the_first_time(ada_try: LabAttempt) -> None:
    first = show_final(attempt=ada_try).final_seen_at

    assert show_final(attempt=ada_try).final_seen_at == first


def test_a_try_has_one_graded_run(queued_run: LabRun, queue_run: Queue) -> None:
    with pytest.raises(AlreadySubmitted):
        queue_run(queued_run.attempt, purpose="submit")


@pytest.mark.parametrize("state", ["failed", "cancelled", "quarantined"])
def test_a_run_without_a_result_gives_the_try_back(
    queued_run: LabRun, queue_run: Queue, state: str
) -> None:
    LabRun.objects.update(state=state)

    assert queue_run(queued_run.attempt, purpose="submit").state == "queued"


def test_explore_runs_end_at_their_limit(ada_try: LabAttempt, queue_run: Queue) -> None:
    runs = [queue_run(ada_try) for _ in range(3)]
    with pytest.raises(NoExploreLeft, match="All 3 explore runs"):
        queue_run(ada_try)

    assert cancel_run(run=runs[0])
    assert queue_run(ada_try).state == "queued"


def test_a_sixth_waiting_run_is_refused_with_a_time(
    ada_try: LabAttempt, queue_run: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "check_runs_left", lambda *_: None)
    for _ in range(settings.LAB_QUEUED_PER_USER):
        queue_run(ada_try)

    with pytest.raises(QueueFull, match="You have 5 runs waiting") as refusal:
        queue_run(ada_try)

    assert refusal.value.retry_after_s == 10


def test_a_full_house_is_refused_with_a_time(
    ada_try: LabAttempt, grace: User, open_try: Try, queue_run: Queue, settings: Settings
) -> None:
    settings.LAB_QUEUED_IN_ALL = 1
    queue_run(ada_try)

    with pytest.raises(QueueFull, match="The labs are full") as refusal:
        queue_run(open_try(grace))

    assert refusal.value.retry_after_s == 60


def test_a_queued_run_is_cancelled_at_once(queued_run: LabRun) -> None:
    assert cancel_run(run=queued_run)

    queued_run.refresh_from_db()
    assert queued_run.state == "cancelled"
    assert queued_run.finished_at is not None
    assert LabRun.objects.claim("one", at_most=8) == []


def test_a_running_run_is_asked_to_stop(queued_run: LabRun) -> None:
    LabRun.objects.claim("one", at_most=8)

    assert cancel_run(run=queued_run)
    assert cancel_run(run=queued_run)

    queued_run.refresh_from_db()
    assert (queued_run.state, queued_run.cancel_requested_at is None) == ("running", False)
    assert RunEvent.objects.filter(kind="cancel-asked").count() == 1


def test_a_finished_run_cannot_be_cancelled(queued_run: LabRun) -> None:
    run = graded(queued_run)

    assert not cancel_run(run=run)
    assert run.state == "done"


def test_the_question_after_the_run_adds_to_the_score(queued_run: LabRun, ada: User) -> None:
    run = graded(queued_run)
    double = 2 * (run.attempt.given["start"] + 1)

    row = reconcile(attempt=run.attempt, answer={"double": double}, note="I see.")

    assert (row.score, row.checks[0]["passed"], row.note) == (1, True, "I see.")
    assert run.grades.get().score == 0.8
    assert ActivityProgress.objects.get(user=ada).score == 1
    with pytest.raises(AlreadyReconciled):
        reconcile(attempt=run.attempt, answer={"double": double})


def test_a_wrong_answer_after_the_run_never_fails_it(queued_run: LabRun, ada: User) -> None:
    run = graded(queued_run)

    assert reconcile(attempt=run.attempt, answer={"double": 0}).score == 0
    progress = ActivityProgress.objects.get(user=ada)
    assert (progress.score, progress.passed_at is None) == (0.8, False)


def test_the_question_after_the_run_waits_for_a_grade(ada_try: LabAttempt) -> None:
    with pytest.raises(NotGraded):
        reconcile(attempt=ada_try, answer={"double": 2})


def test_an_empty_answer_is_told_by_field(queued_run: LabRun) -> None:
    run = graded(queued_run)

    with pytest.raises(InvalidParams) as refusal:
        reconcile(attempt=run.attempt, answer={})

    assert refusal.value.errors == {"transfer.double": ["An answer is needed here."]}


def test_a_new_try_draws_anew_and_closes_the_old(ada_try: LabAttempt) -> None:
    second = start_new_try(attempt=ada_try)

    assert (second.number, second.prediction) == (2, None)
    assert second.seed != ada_try.seed
    assert start_new_try(attempt=ada_try) == second
    with pytest.raises(TryClosed):
        submit(ada_try)
    with pytest.raises(TryClosed):
        predict(attempt=ada_try, prediction={"count": 3})


def test_a_new_try_waits_for_the_run(queued_run: LabRun) -> None:
    with pytest.raises(RunNotOver):
        start_new_try(attempt=queued_run.attempt)


def side_by_side(number: int, step: Callable[[], object]) -> list[object]:
    """What each of several threads returned or raised, all let go at once."""
    start, ends = Barrier(number), list[object]()

    def one() -> None:
        start.wait()
        try:
            ends.append(step())
        except services.Refused as refusal:
            ends.append(refusal)
        finally:
            connections.close_all()

    threads = [Thread(target=one) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def test_limits_hold_when_everything_is_submitted_at_once(
    real_database: None, ada: User, open_try: Try, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = open_try(ada)
    monkeypatch.setattr(services, "check_runs_left", lambda *_: None)

    ends = side_by_side(9, lambda: submit(LabAttempt.objects.get(pk=attempt.pk)))

    assert sum(isinstance(end, LabRun) for end in ends) == 5
    assert sum(isinstance(end, QueueFull) for end in ends) == 4


def test_five_clicks_at_once_are_one_run(real_database: None, ada: User, open_try: Try) -> None:
    attempt, key = open_try(ada), uuid4()

    ends = side_by_side(5, lambda: submit(LabAttempt.objects.get(pk=attempt.pk), idem_key=key))

    assert len(set(ends)) == LabRun.objects.count() == 1


def test_a_cancel_that_races_a_finish_leaves_one_end(
    real_database: None, people: Callable[[int], list[User]], open_try: Try, queue_run: Queue
) -> None:
    for person in people(6):
        run = queue_run(open_try(person), purpose="submit")
        runs = LabRun.objects.claim("one", at_most=1)
        worker = Thread(target=Batch(runs).work)
        worker.start()
        was_asked = cancel_run(run=run)
        worker.join()

        run.refresh_from_db()
        ends = run.events.filter(kind__in=["done", "cancelled"])
        assert [end.kind for end in ends] == [run.state]
        assert run.state == ("cancelled" if was_asked else "done")
        assert run.grades.count() == (0 if was_asked else 1)
