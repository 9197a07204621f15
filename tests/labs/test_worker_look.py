import os
from collections.abc import Callable
from threading import Thread

import pytest
from django.db import OperationalError

from accounts.models import User
from labs import tasks
from labs.models import LabRun, Worker
from labs.worker import idle
from labs.worker import look as look_module
from labs.worker.child import MOST_RUNS, Child
from labs.worker.look import look
from tests.labs.conftest import Queue, Try

People = Callable[[int], list[User]]


@pytest.fixture
def own(monkeypatch: pytest.MonkeyPatch) -> Child:
    """A child of this test's own, so that no other test finds it worn out."""
    child = Child()
    for module in ("look", "idle", "batch", "runtime_view", "presence"):
        monkeypatch.setattr(f"labs.worker.{module}.child", child)
    return child


def test_a_look_works_until_nobody_waits(
    real_database: None, own: Child, people: People, open_try: Try, queue_run: Queue
) -> None:
    for person in people(3):
        attempt = open_try(person)
        queue_run(attempt)
        queue_run(attempt)

    assert look() == 6
    assert set(LabRun.objects.values_list("state", flat=True)) == {"done"}
    assert own.served == 6


def test_a_look_ends_with_its_turn(queued_run: LabRun, own: Child) -> None:
    assert look(turn_s=0) == 0
    assert LabRun.objects.get().state == "queued"


def test_a_bell_that_finds_the_child_busy_goes_away(
    queued_run: LabRun, own: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(look_module, "A_MOMENT_S", 0.01)
    with own.busy:
        assert look() == 0
    assert LabRun.objects.get().state == "queued"


@pytest.mark.parametrize("state", ["draining", "worn out"])
def test_a_child_that_should_end_claims_nothing(queued_run: LabRun, own: Child, state: str) -> None:
    if state == "draining":
        own.drain()
    else:
        own.served = MOST_RUNS

    assert look() == 0
    assert LabRun.objects.get().claims == 0


def test_an_idle_child_works_without_a_bell(
    real_database: None, own: Child, ada: User, open_try: Try, queue_run: Queue
) -> None:
    queue_run(open_try(ada))

    idle.once()

    assert LabRun.objects.get().state == "done"
    assert Worker.objects.get().name == own.name


def test_an_idle_child_outlives_the_database(
    transactional_db: None, own: Child, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr("labs.worker.presence.seen", away)
    monkeypatch.setattr("labs.worker.idle.connections.close_all", lambda: None)

    idle.once()


def test_a_worn_out_child_ends_between_claims(own: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    idle.retire()
    own.served = MOST_RUNS

    with own.busy:
        idle.retire()
    assert ends == []
    idle.retire()

    assert ends == [0]


def test_a_child_without_its_idle_thread_ends(own: Child, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError

    ends: list[int] = []
    monkeypatch.setattr(os, "_exit", ends.append)
    monkeypatch.setattr(idle, "sleep", lambda _: None)
    monkeypatch.setattr(idle, "once", broken)

    with pytest.raises(ZeroDivisionError):
        idle.watch()

    assert ends == [1]


def test_a_child_that_is_told_to_end_waits_for_its_batch(db: None, own: Child) -> None:
    Worker.objects.create(name=own.name)
    own.busy.acquire()
    batch = Thread(target=own.busy.release)
    batch.start()

    idle.drain()

    batch.join()
    assert own.is_draining
    assert not Worker.objects.exists()


def test_the_hooks_are_the_only_three() -> None:
    from celery import signals

    for signal, hook in (
        (signals.worker_process_init, tasks.watch_without_a_bell),
        (signals.worker_process_shutdown, tasks.let_the_batch_end),
        (signals.worker_shutting_down, tasks.tell_the_children),
    ):
        assert hook in [receiver() for _, receiver in signal.receivers]
    assert {name for name in tasks.look.app.tasks if name.startswith("labs.")} == {
        "labs.tasks.look",
        "labs.tasks.sweep",
    }
