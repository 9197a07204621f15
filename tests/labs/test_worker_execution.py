from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, OperationalError, transaction
from django.db.models.functions import Now

from accounts.models import User
from labs.contract import Exercise, LabError
from labs.models import Calibration, Grade, LabRun, RunClaim, RunEvent, RunOutput
from labs.runtime.tokens import TokenRuntime
from labs.services import cancel_run
from labs.worker import batch
from labs.worker.batch import Batch, insist
from labs.worker.child import child
from labs.worker.execution import Finding, compute, write
from labs.worker.leases import Fenced, hand_back
from labs.worker.runtime_view import RuntimeView
from roadmap.models import ActivityProgress
from roadmap.models.keys import LabKey
from tests.labs import rehearsal
from tests.labs.conftest import Queue, Try


@pytest.fixture
def claimed_run(queued_run: LabRun) -> LabRun:
    [run] = LabRun.objects.claim("test", at_most=1)
    return run


def execute(run: LabRun, view: RuntimeView | None = None) -> str:
    view = view or RuntimeView(run.limit_s)
    return write(run, view, compute(run, view))


def test_a_graded_run_leaves_output_grade_progress_and_history(
    claimed_run: LabRun, ada: User
) -> None:
    assert execute(claimed_run) == "done"

    claimed_run.refresh_from_db()
    grade = claimed_run.grades.get()
    assert (claimed_run.state, claimed_run.lease_token) == ("done", None)
    assert (grade.score, grade.passed) == (0.8, True)
    assert grade.rubric == "rehearsal@1+000000000000"
    assert grade.guesses[0]["points"] == 1
    assert claimed_run.output.result["shown"] == {"count": 3}
    assert ActivityProgress.objects.get(user=ada).passed_at is not None
    assert [event.kind for event in claimed_run.events.all()] == ["queued", "claimed", "done"]
    assert RunClaim.objects.get(run=claimed_run).outcome == "done"


def test_an_explore_run_has_a_result_and_no_grade(
    ada: User, open_try: Try, queue_run: Queue
) -> None:
    queue_run(open_try(ada), purpose="explore")
    [run] = LabRun.objects.claim("test", at_most=1)

    assert execute(run) == "done"
    assert RunOutput.objects.filter(run=run).exists()
    assert not Grade.objects.exists()
    assert not ActivityProgress.objects.exists()


def test_a_receipt_says_what_produced_the_result_but_not_the_seed(claimed_run: LabRun) -> None:
    execute(claimed_run)

    receipt = RunOutput.objects.get(run=claimed_run).receipt
    assert set(receipt["versions"]) == {"python", "cairn", "numpy", "mistral-common"}
    assert receipt["vocabularies"] == {"bytes": ""}
    assert receipt["rubric"] == claimed_run.rubric
    assert receipt["queued_at"] <= receipt["started_at"] <= receipt["finished_at"]
    assert receipt["worked_s"] >= 0
    assert str(claimed_run.attempt.seed) not in str(receipt)


def test_a_worker_that_lost_its_lease_writes_nothing(claimed_run: LabRun) -> None:
    LabRun.objects.update(lease_token=uuid4())

    with pytest.raises(Fenced):
        execute(claimed_run)

    assert not Grade.objects.exists()
    assert not RunOutput.objects.exists()
    assert LabRun.objects.get().state == "running"


def test_a_write_whose_answer_was_lost_is_an_echo(claimed_run: LabRun) -> None:
    view = RuntimeView(claimed_run.limit_s)
    finding = compute(claimed_run, view)

    assert write(claimed_run, view, finding) == "done"
    assert write(claimed_run, view, finding) == "echo"

    assert Grade.objects.count() == RunOutput.objects.count() == 1
    assert RunEvent.objects.filter(kind="done").count() == 1


def test_a_cancelled_run_is_never_graded(claimed_run: LabRun) -> None:
    view = RuntimeView(claimed_run.limit_s)
    finding = compute(claimed_run, view)
    assert cancel_run(run=claimed_run)

    with pytest.raises(Fenced):
        write(claimed_run, view, finding)

    assert not Grade.objects.exists()


def test_a_run_told_to_stop_is_cancelled_under_its_token(claimed_run: LabRun) -> None:
    cancel_run(run=claimed_run)
    view = RuntimeView(claimed_run.limit_s)
    view.stop("cancelled")

    assert execute(claimed_run, view) == "cancelled"

    claimed_run.refresh_from_db()
    assert (claimed_run.state, claimed_run.lease_token) == ("cancelled", None)


def test_a_lab_error_is_shown_to_the_learner(
    claimed_run: LabRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    claimed_run.controls = {"text": "too long"}

    assert execute(claimed_run) == "failed"

    claimed_run.refresh_from_db()
    assert (claimed_run.state, claimed_run.error) == (
        "failed",
        "The text is too long. Shorten it.",
    )
    assert claimed_run.infra_failures == 0


def test_a_run_alone_past_its_limit_fails_with_the_number(claimed_run: LabRun) -> None:
    assert execute(claimed_run, RuntimeView(-1)) == "failed"

    claimed_run.refresh_from_db()
    assert "reached its limit of 30 s" in claimed_run.error
    assert "not used up" in claimed_run.error


def test_a_run_past_its_limit_beside_others_gets_a_go_alone(claimed_run: LabRun) -> None:
    assert execute(claimed_run, RuntimeView(-1, shares=True)) == "requeued"

    claimed_run.refresh_from_db()
    assert (claimed_run.state, claimed_run.batch_key) == ("queued", f"alone#{claimed_run.pk}")


def test_a_drained_run_goes_back_without_a_charge(claimed_run: LabRun) -> None:
    view = RuntimeView(claimed_run.limit_s)
    view.stop("drained")

    assert execute(claimed_run, view) == "handed-back"

    claimed_run.refresh_from_db()
    assert (claimed_run.state, claimed_run.infra_failures) == ("queued", 0)
    assert LabRun.objects.claim("two", at_most=1) == [claimed_run]


def test_the_hidden_part_of_the_key_joins_in_the_worker(
    claimed_run: LabRun,
) -> None:
    LabKey.objects.create(version=claimed_run.attempt.version, hidden={"number": 7})
    claimed_run.answers = {"number": 7}

    execute(claimed_run)

    assert claimed_run.grades.get().passed
    assert RunOutput.objects.get().result["hidden"] == {"number": 7}


def test_a_try_of_an_older_exercise_is_given_back(claimed_run: LabRun) -> None:
    claimed_run.attempt.given = {"start": -1}

    assert execute(claimed_run) == "failed"

    claimed_run.refresh_from_db()
    assert "Start a new try" in claimed_run.error


def test_the_worker_trusts_no_stored_parameter(claimed_run: LabRun) -> None:
    claimed_run.controls = {"steps": 10**9}

    assert execute(claimed_run) == "failed"


def test_a_result_that_no_page_could_show_is_our_fault(
    claimed_run: LabRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labs.worker.execution.LARGEST_RESULT", 10)

    with pytest.raises(Exception, match="rehearsal"):
        compute(claimed_run, RuntimeView(30))


@pytest.mark.parametrize("model", [RunOutput, Grade, Calibration])
def test_what_was_written_stays_as_it_was(claimed_run: LabRun, model: Any) -> None:
    execute(claimed_run)
    Calibration.objects.create(exercise="rehearsal", digest="d", values={}, sources={})
    column = {RunOutput: "result", Grade: "checks", Calibration: "values"}[model]

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        model.objects.update(**{column: {}})


def test_a_database_that_is_away_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    monkeypatch.setattr(batch, "sleep", calls.append)
    monkeypatch.setattr("labs.worker.batch.connections.close_all", lambda: None)

    def step() -> None:
        if len(calls) < 3:
            raise OperationalError("the server closed the connection")

    insist(step)

    assert calls == [1, 1, 1]


@pytest.mark.usefixtures("real_database")
class TestBatch:
    """The edge: real threads, a real database."""

    def claimed(self, users: list[User], open_try: Try, queue_run: Queue) -> list[LabRun]:
        for user in users:
            queue_run(open_try(user), purpose="submit")
        return LabRun.objects.claim(child.name, at_most=8)

    def test_runs_side_by_side_are_all_graded(
        self, ada: User, grace: User, open_try: Try, queue_run: Queue
    ) -> None:
        runs = self.claimed([ada, grace], open_try, queue_run)

        Batch(runs).work()

        assert list(LabRun.objects.values_list("state", flat=True)) == ["done", "done"]
        assert Grade.objects.count() == 2

    def test_a_watchdog_minds_the_computing_and_nothing_else(
        self, ada: User, open_try: Try, queue_run: Queue, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[object] = []
        monkeypatch.setattr(
            "faulthandler.dump_traceback_later",
            lambda limit, **words: calls.append((limit, words)),
        )
        monkeypatch.setattr("faulthandler.cancel_dump_traceback_later", lambda: calls.append("off"))
        monkeypatch.setattr(Batch, "write", lambda *_: calls.append(f"write after {calls[-1]}"))
        runs = self.claimed([ada], open_try, queue_run)

        Batch(runs).work()

        assert calls == [(34, {"exit": True, "file": 2}), "off", "write after off", "off"]

    def test_a_bug_in_one_run_leaves_its_neighbour_alone(
        self,
        ada: User,
        grace: User,
        open_try: Try,
        queue_run: Queue,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        bad, good = self.claimed([ada, grace], open_try, queue_run)
        break_exercise(monkeypatch, only=bad, error=ZeroDivisionError("text of the learner"))

        Batch([bad, good]).work()

        bad.refresh_from_db()
        good.refresh_from_db()
        assert (good.state, good.infra_failures) == ("done", 0)
        assert (bad.state, bad.infra_failures) == ("queued", 1)
        note = RunEvent.objects.get(run=bad, kind="requeued").note
        assert "ZeroDivisionError" in note
        assert "text of the learner" not in note
        assert not child.is_spoiled

    def test_a_native_panic_ends_the_child_after_the_batch(
        self,
        ada: User,
        open_try: Try,
        queue_run: Queue,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        class Panic(BaseException):
            """What a Rust library raises."""

        [run] = self.claimed([ada], open_try, queue_run)
        break_exercise(monkeypatch, only=run, error=Panic())
        monkeypatch.setattr(child, "is_spoiled", False)

        Batch([run]).work()

        assert child.is_worn_out
        assert LabRun.objects.get().infra_failures == 1

    def test_a_late_writer_is_refused_and_it_is_written_down(
        self,
        ada: User,
        open_try: Try,
        queue_run: Queue,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        [run] = self.claimed([ada], open_try, queue_run)
        token = uuid4()
        encode = TokenRuntime.tokenizer

        def lose_the_lease(self: TokenRuntime, slug: str) -> Any:
            LabRun.objects.update(lease_token=token, claims=2)
            return encode(self, slug)

        monkeypatch.setattr(TokenRuntime, "tokenizer", lose_the_lease)

        Batch([run]).work()

        run.refresh_from_db()
        assert (run.state, run.lease_token) == ("running", token)
        assert not Grade.objects.exists()
        assert RunEvent.objects.filter(kind="fenced").count() == 1

    def test_a_cancel_in_the_middle_ends_the_run(
        self,
        ada: User,
        open_try: Try,
        queue_run: Queue,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        [run] = self.claimed([ada], open_try, queue_run)
        encode = TokenRuntime.tokenizer

        def cancel_meanwhile(self: TokenRuntime, slug: str) -> Any:
            cancel_run(run=run)
            return encode(self, slug)

        monkeypatch.setattr(TokenRuntime, "tokenizer", cancel_meanwhile)

        Batch([run]).work()

        run.refresh_from_db()
        assert (run.state, run.grades.count()) == ("cancelled", 0)


def break_exercise(monkeypatch: pytest.MonkeyPatch, *, only: LabRun, error: BaseException) -> None:
    """Make the exercise raise for one run and work for the others."""
    start = only.attempt.given["start"]

    def run(params: Any, runtime: Any) -> Any:
        if params.given.start == start:
            raise error
        return rehearsal.run(params, runtime)

    broken: Exercise[Any, Any] = Exercise(**{**vars(rehearsal.exercise), "run": run})
    monkeypatch.setattr("labs.registry.all_exercises", lambda: {rehearsal.SLUG: broken})


def test_a_lab_error_is_a_sentence() -> None:
    assert issubclass(LabError, Exception)
    assert Finding(result={}).verdict is None


def test_leases_are_given_back_only_by_their_holder(claimed_run: LabRun) -> None:
    LabRun.objects.update(lease_token=uuid4(), lease_until=Now() + timedelta(seconds=9))

    hand_back(claimed_run)

    assert LabRun.objects.get().state == "running"
