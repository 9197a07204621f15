"""The queue against a plain model of it: every order of events that Hypothesis can think of.

Invariants I1 to I8 of the reliability page, asked after every step.
"""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Now
from hypothesis import HealthCheck, settings, strategies
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from labs import registry, services
from labs.models import Grade, LabAttempt, LabRun, RunEvent, RunOutput
from labs.services import Refused, cancel_run, open_lab_attempt, predict, show_final, submit_run
from labs.worker.execution import Outcome, compute, write
from labs.worker.leases import Fenced, hand_back
from labs.worker.runtime_view import RuntimeView
from labs.worker.sweep import sweep
from tests.labs import rehearsal
from tests.labs.conftest import make_lab

TERMINAL = {"done", "failed", "cancelled", "quarantined"}
PEOPLE = 3


@dataclass
class Held:
    """A run as a worker believes to hold it, maybe long after it lost it."""

    run: LabRun
    outcome: Outcome | None = None


@dataclass
class Model:
    """What must be true, in plain Python."""

    accepted: dict[UUID, int] = field(default_factory=dict)  # idempotency key → run
    ended: dict[int, str] = field(default_factory=dict)  # run → its one end
    claims: dict[int, int] = field(default_factory=dict)
    shown_cancelled: set[int] = field(default_factory=set)


class QueueMachine(RuleBasedStateMachine):
    held = Bundle("held")
    keys = Bundle("keys")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.undo = transaction.atomic()
        self.undo.__enter__()

    @initialize(target=held)
    def open_the_lab(self) -> Any:
        lab = make_lab()
        self.attempts: list[LabAttempt] = []
        for number in range(PEOPLE):
            user = User.objects.create_user(f"learner{number}@example.org")
            attempt = open_lab_attempt(user=user, activity=lab)
            self.attempts.append(predict(attempt=attempt, prediction={"count": 3}))
            self.post(number, uuid4(), graded=True)
        return multiple(*self.claimed(PEOPLE - 1))

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    @rule(target=keys, who=strategies.integers(0, PEOPLE - 1), graded=strategies.booleans())
    def submit(self, who: int, *, graded: bool) -> UUID:
        key = uuid4()
        self.post(who, key, graded=graded)
        before = LabRun.objects.count()
        self.post(who, key, graded=graded)
        assert LabRun.objects.count() == before  # I5
        return key

    def post(self, who: int, key: UUID, *, graded: bool) -> None:
        attempt = self.attempts[who]
        form: dict[str, Any] = {"controls": {"text": "abc"}, "answers": {}}
        if graded:
            show_final(attempt=attempt)
            form["answers"] = {"number": attempt.given["start"] + 1}
        try:
            run = submit_run(
                attempt=attempt, purpose="submit" if graded else "explore", idem_key=key, **form
            )
        except Refused:
            return
        assert self.model.accepted.setdefault(key, run.pk) == run.pk  # I5

    @rule(target=held, at_most=strategies.integers(1, 4))
    def claim(self, at_most: int) -> Any:
        return multiple(*self.claimed(at_most))

    def claimed(self, at_most: int) -> list[Held]:
        runs = LabRun.objects.claim("worker", at_most=at_most)
        assert len(runs) <= at_most  # I8
        assert len({run.user_id for run in runs}) == len(runs)  # I8, inside one batch
        assert len(runs) == 1 or not any(run.infra_failures for run in runs)  # rule 4.8
        for run in runs:
            assert run.claims == self.model.claims.get(run.pk, 0) + 1  # I4
            self.model.claims[run.pk] = run.claims
        return [Held(run) for run in runs]

    @rule(hand=held)
    def beat(self, hand: Held) -> None:
        assert hand.run.lease_token
        ours = LabRun.objects.renew(hand.run.lease_token, {hand.run.pk: (1, 2)})
        row = LabRun.objects.get(pk=hand.run.pk)
        assert (hand.run.pk in ours) == (row.lease_token == hand.run.lease_token)

    @rule(hand=held)
    def finish(self, hand: Held) -> None:
        """Also a second time, and also long after the lease was lost."""
        view = RuntimeView(30)
        hand.outcome = hand.outcome or compute(hand.run, view)
        before = LabRun.objects.get(pk=hand.run.pk)
        ours = before.lease_token == hand.run.lease_token
        try:
            how = write(hand.run, view, hand.outcome)
        except Fenced:
            assert not ours or before.cancel_requested_at  # I3
            assert LabRun.objects.get(pk=hand.run.pk).state == before.state
        else:
            assert how == ("done" if ours else "echo")  # I3
            assert not (ours and before.cancel_requested_at)  # I7

    @rule(hand=held)
    def drain(self, hand: Held) -> None:
        hand_back(hand.run)

    @rule(target=held, hand=held, next_worker=strategies.integers(0, 3))
    def worker_falls_silent(self, hand: Held, next_worker: int) -> Any:
        """Its whole claim is swept and waits out its back-off; maybe others take it over.

        The silent worker still has its hand in the bundle: it may come back as a zombie.
        """
        claim = LabRun.objects.filter(lease_token=hand.run.lease_token, state="running")
        claim.update(lease_until=Now() - timedelta(seconds=1))
        sweep()
        assert not claim.exists()
        LabRun.objects.filter(state="queued").update(not_before=Now())
        return multiple(*(hand for _ in range(next_worker) for hand in self.claimed(4)))

    @rule(key=keys)
    def cancel_by_form(self, key: UUID) -> None:
        for run in LabRun.objects.filter(idem_key=key):
            self.cancel(run)

    @rule(hand=held)
    def cancel_what_somebody_holds(self, hand: Held) -> None:
        self.cancel(LabRun.objects.get(pk=hand.run.pk))

    def cancel(self, run: LabRun) -> None:
        was_over = run.is_finished
        assert cancel_run(run=run) is not was_over  # I7: a shown result is too late to cancel
        if LabRun.objects.get(pk=run.pk).state == "cancelled":
            self.model.shown_cancelled.add(run.pk)

    @invariant()
    def every_accepted_run_is_there_and_ends_once(self) -> None:
        states = dict(LabRun.objects.values_list("pk", "state"))
        assert set(self.model.accepted.values()) <= set(states)  # I1
        for pk, state in states.items():
            if state in TERMINAL:
                assert self.model.ended.setdefault(pk, state) == state  # I6
        assert set(self.model.ended) <= {pk for pk, state in states.items() if state in TERMINAL}
        ends = RunEvent.objects.filter(kind__in=TERMINAL).values("run").annotate(n=Count("pk"))
        assert {row["run"]: row["n"] for row in ends} == dict.fromkeys(self.model.ended, 1)  # I1

    @invariant()
    def grades_belong_to_finished_runs(self) -> None:
        done = set(
            LabRun.objects.filter(purpose="submit", state="done").values_list("pk", flat=True)
        )
        graded = list(Grade.objects.values_list("run", flat=True))
        assert sorted(graded) == sorted(done)  # I2, one each
        assert not set(graded) & self.model.shown_cancelled  # I7
        outputs = RunOutput.objects.exclude(run__state="done")
        assert not outputs.exists()

    @invariant()
    def claims_are_counted(self) -> None:
        assert dict(LabRun.objects.filter(claims__gt=0).values_list("pk", "claims")) == (
            self.model.claims
        )  # I4
        assert not LabRun.objects.filter(infra_failures__gt=F("claims")).exists()
        set_aside = LabRun.objects.filter(infra_failures__gte=3)
        assert set(set_aside) == set(LabRun.objects.filter(state="quarantined"))

    @invariant()
    def limits_hold(self) -> None:
        running = LabRun.objects.filter(state="running")
        assert running.values("user").distinct().count() == running.count()  # I8
        queued = LabRun.objects.filter(state="queued").values("user").annotate(n=Count("pk"))
        # A run that comes back was accepted before, so a person may have one more than that.
        assert all(row["n"] <= 6 for row in queued)


def test_the_queue_keeps_its_promises_in_any_order(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "all_exercises", lambda: {rehearsal.SLUG: rehearsal.exercise})
    monkeypatch.setattr(services, "check_runs_left", only_one_graded_run)
    monkeypatch.setattr(services, "check_stages", lambda *_: None)

    run_state_machine_as_test(
        QueueMachine,
        settings=settings(
            max_examples=30,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def only_one_graded_run(attempt: LabAttempt, purpose: str) -> None:
    """The real rule for graded runs; exploring at any time and without an end."""
    taken = attempt.runs.filter(purpose="submit", state__in=["queued", "running", "done"])
    if purpose == "submit" and taken.exists():
        raise services.AlreadySubmitted
