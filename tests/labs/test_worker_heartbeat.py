from time import monotonic

import pytest
from django.db import OperationalError
from django.db.models.functions import Now

from labs.models import LabRun, Worker
from labs.runtime import Stopped
from labs.services import cancel_run
from labs.worker import presence
from labs.worker.child import DRAIN_S, Child, child, family
from labs.worker.heartbeat import Heartbeat
from labs.worker.runtime_view import RuntimeView


@pytest.fixture
def run(queued_run: LabRun) -> LabRun:
    [run] = LabRun.objects.claim(child.name, at_most=1)
    return run


@pytest.fixture
def heartbeat(run: LabRun) -> Heartbeat:
    assert run.lease_token
    return Heartbeat(run.lease_token, {run.pk: RuntimeView(30)})


def test_a_beat_renews_reports_and_says_who_lives(run: LabRun, heartbeat: Heartbeat) -> None:
    LabRun.objects.update(lease_until=Now())
    heartbeat.views[run.pk].report(37, 100)

    heartbeat.beat()

    run.refresh_from_db()
    worker = Worker.objects.get(name=child.name)
    assert run.lease_until is not None
    assert (run.lease_until - worker.last_seen).total_seconds() > 19
    assert (run.done_steps, run.total_steps) == (37, 100)
    assert set(worker.versions) == {"python", "cairn", "numpy", "mistral-common"}
    assert heartbeat.views[run.pk].why is None


def test_a_beat_learns_of_a_cancel(run: LabRun, heartbeat: Heartbeat) -> None:
    cancel_run(run=run)

    heartbeat.beat()

    view = heartbeat.views[run.pk]
    assert view.cancelled()
    assert view.why == "cancelled"
    with pytest.raises(Stopped):
        view.tokenizer("bytes")


def test_a_beat_learns_of_a_lost_lease(run: LabRun, heartbeat: Heartbeat) -> None:
    LabRun.objects.update(state="queued", lease_token=None)

    heartbeat.beat()

    assert heartbeat.views[run.pk].why == "lost"


def test_a_beat_learns_that_the_worker_must_drain(
    run: LabRun, heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child, "draining_since", None)
    heartbeat.beat()
    assert not child.is_draining
    Worker.objects.update(is_draining=True)

    heartbeat.beat()

    assert child.is_draining


def test_a_beat_without_a_database_is_lost_and_no_more(
    heartbeat: Heartbeat, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OperationalError("the server closed the connection")

    monkeypatch.setattr(heartbeat, "beat", away)
    monkeypatch.setattr("labs.worker.heartbeat.connections.close_all", lambda: None)

    heartbeat.try_to_beat()


def test_the_first_reason_to_stop_is_the_reason() -> None:
    view = RuntimeView(30)
    view.stop("cancelled")
    view.stop("lost")

    assert view.why == "cancelled"


def test_a_draining_child_lets_its_batch_run_on_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = Child()
    own.drain()
    assert (own.is_draining, own.is_drained) == (True, False)
    own.draining_since = monotonic() - DRAIN_S - 1
    monkeypatch.setattr("labs.worker.runtime_view.child", own)
    view = RuntimeView(30)

    assert view.cancelled()
    assert view.why == "drained"


def test_only_the_children_of_one_worker_are_drained(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in (f"{family(41)}42", f"{family(4)}43", "elsewhere:41:42"):
        Worker.objects.create(name=name)
    monkeypatch.setattr("os.getpid", lambda: 41)

    presence.drain_children()

    assert [worker.name for worker in Worker.objects.filter(is_draining=True)] == [
        f"{family(41)}42"
    ]


def test_a_worker_that_leaves_is_gone_and_stays_away(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labs.worker.presence.child", own := Child())
    presence.seen()
    own.drain()
    presence.leave()

    presence.seen()

    assert not Worker.objects.exists()
