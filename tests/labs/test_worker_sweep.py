from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import OperationalError
from django.db.models.functions import Now

from accounts.models import User
from labs.models import LabRun, RunClaim, RunEvent, Worker
from labs.services import cancel_run
from labs.worker.leases import hand_back
from labs.worker.sweep import Sweeper, sweep
from tests.labs.conftest import Queue, Try

SECOND = timedelta(seconds=1)
People = Callable[[int], list[User]]


def expire() -> None:
    """The worker has gone silent, and any back-off is over."""
    LabRun.objects.filter(state="running").update(lease_until=Now() - SECOND)


def claim_again() -> list[LabRun]:
    LabRun.objects.filter(state="queued").update(not_before=Now())
    return LabRun.objects.claim("one", at_most=8)


def test_a_run_whose_worker_died_goes_back_and_is_counted(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)
    expire()

    assert sweep() == 1

    queued_run.refresh_from_db()
    assert (queued_run.state, queued_run.claims, queued_run.infra_failures) == ("queued", 1, 1)
    assert LabRun.objects.claim("two", at_most=8) == []
    assert RunEvent.objects.get(kind="requeued").token == run.lease_token
    assert RunClaim.objects.get().outcome == "requeued"


def test_a_run_that_fails_three_times_is_set_aside(queued_run: LabRun) -> None:
    for _ in range(3):
        assert claim_again() == [queued_run]
        expire()
        sweep()

    queued_run.refresh_from_db()
    assert (queued_run.state, queued_run.claims) == ("quarantined", 3)
    assert "our fault" in queued_run.error
    assert claim_again() == []


def test_after_a_failed_batch_everyone_runs_alone(
    people: People, open_try: Try, queue_run: Queue
) -> None:
    poison, neighbour = (queue_run(open_try(person)) for person in people(2))
    assert len(claim_again()) == 2
    expire()
    sweep()

    while poison.state == "queued":
        [run] = claim_again()
        if run == poison:
            expire()
            sweep()
        else:
            LabRun.objects.filter(pk=run.pk).update(state="done", lease_token=None)
        poison.refresh_from_db()

    neighbour.refresh_from_db()
    assert (poison.state, poison.claims) == ("quarantined", 3)
    assert (neighbour.state, neighbour.claims) == ("done", 2)


def test_a_held_lease_is_left_alone(queued_run: LabRun) -> None:
    LabRun.objects.claim("one", at_most=8)

    assert sweep() == 0
    assert LabRun.objects.get().state == "running"


def test_a_run_that_was_asked_to_stop_is_cancelled(queued_run: LabRun) -> None:
    LabRun.objects.claim("one", at_most=8)
    cancel_run(run=queued_run)
    expire()

    sweep()

    queued_run.refresh_from_db()
    assert (queued_run.state, queued_run.infra_failures) == ("cancelled", 0)


def test_a_cancelled_run_that_was_handed_back_is_cancelled(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)
    cancel_run(run=queued_run)
    hand_back(run)
    assert LabRun.objects.claim("two", at_most=8) == []

    sweep()

    assert LabRun.objects.get().state == "cancelled"


def test_a_clock_that_was_set_back_makes_nobody_wait(
    queued_run: LabRun, grace: User, open_try: Try, queue_run: Queue
) -> None:
    LabRun.objects.claim("one", at_most=8)
    waiting = queue_run(open_try(grace))
    LabRun.objects.filter(pk=waiting.pk).update(not_before=Now() + SECOND * 3600)
    LabRun.objects.filter(state="running").update(lease_until=Now() + SECOND * 3600)

    sweep()

    assert not LabRun.objects.filter(lease_until__gt=Now() + SECOND * 21).exists()
    assert LabRun.objects.claim("two", at_most=8) == [waiting]


def test_workers_that_are_long_gone_are_forgotten(db: None) -> None:
    Worker.objects.create(name="gone", last_seen=Now() - SECOND * 4000)
    Worker.objects.create(name="here")

    sweep()

    assert [worker.name for worker in Worker.objects.all()] == ["here"]


def test_after_an_error_a_sweeper_waits_one_lease(
    queued_run: LabRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    sweeper = Sweeper()
    monkeypatch.setattr("labs.worker.sweep.monotonic", lambda: clock[0])
    monkeypatch.setattr("labs.worker.sweep.connections.close_all", lambda: None)
    with monkeypatch.context() as broken:
        broken.setattr("labs.worker.sweep.sweep", away)
        assert sweeper.sweep() == 0
    LabRun.objects.claim("one", at_most=8)
    expire()

    clock[0] += 19
    assert sweeper.sweep() == 0
    clock[0] += 2
    assert sweeper.sweep() == 1


def away() -> int:
    raise OperationalError("the server closed the connection")


def test_the_command_says_how_many_were_taken_back(queued_run: LabRun) -> None:
    LabRun.objects.claim("one", at_most=8)
    expire()
    out = StringIO()

    call_command("sweep_runs", stdout=out)

    assert out.getvalue() == "1 runs whose lease had run out were taken back.\n"
