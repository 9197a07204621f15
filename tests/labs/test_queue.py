from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models.functions import Now

from accounts.models import User
from labs.models import LabAttempt, LabRun, RunClaim, RunEvent
from labs.models.queue import lease
from tests.labs.conftest import Queue, Try

People = Callable[[int], list[User]]
SECOND = timedelta(seconds=1)


def test_a_run_is_claimed_once(queued_run: LabRun) -> None:
    first = LabRun.objects.claim("one", at_most=8)
    second = LabRun.objects.claim("two", at_most=8)

    assert first == [queued_run]
    assert second == []


def test_a_claim_writes_its_own_history(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)

    claim = RunClaim.objects.get(run=run)
    event = RunEvent.objects.get(run=run, kind="claimed")
    assert (run.state, run.claims, run.worker) == ("running", 1, "one")
    assert (claim.n, claim.worker, claim.batch_size) == (1, "one", 1)
    assert (event.claim, event.token) == (1, run.lease_token)


def test_a_lease_lasts_twenty_seconds_of_the_databases_clock(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)

    assert run.lease_until is not None
    assert run.claimed_at is not None
    assert abs(run.lease_until - run.claimed_at - timedelta(seconds=20)) < SECOND / 10


def test_a_claim_takes_one_run_of_each_person(
    ada_try: LabAttempt, grace: User, open_try: Try, queue_run: Queue
) -> None:
    first, _second = queue_run(ada_try), queue_run(ada_try)
    hers = queue_run(open_try(grace))

    claimed = LabRun.objects.claim("one", at_most=8)

    assert set(claimed) == {first, hers}
    assert len({run.lease_token for run in claimed}) == 1


def test_nobody_has_two_running_runs(ada_try: LabAttempt, queue_run: Queue) -> None:
    queue_run(ada_try)
    queue_run(ada_try)
    LabRun.objects.claim("one", at_most=1)

    assert LabRun.objects.claim("two", at_most=8) == []
    with pytest.raises(IntegrityError), transaction.atomic():
        LabRun.objects.filter(state="queued").update(
            state="running", lease_token="0" * 32, lease_until=Now()
        )


def test_a_claim_takes_no_more_than_it_may(people: People, open_try: Try, queue_run: Queue) -> None:
    for person in people(5):
        queue_run(open_try(person))

    assert len(LabRun.objects.claim("one", at_most=3)) == 3
    assert len(LabRun.objects.claim("two", at_most=3)) == 2


def test_only_runs_that_can_share_a_model_share_a_claim(
    people: People, open_try: Try, queue_run: Queue
) -> None:
    runs = [queue_run(open_try(person)) for person in people(3)]
    LabRun.objects.filter(pk=runs[1].pk).update(batch_key="another")

    assert set(LabRun.objects.claim("one", at_most=8)) == {runs[0], runs[2]}
    assert LabRun.objects.claim("one", at_most=8) == [runs[1]]


def test_who_had_a_turn_waits_behind_who_had_none(
    ada_try: LabAttempt, grace: User, open_try: Try, queue_run: Queue
) -> None:
    mine = [queue_run(ada_try) for _ in range(3)]
    hers = queue_run(open_try(grace))
    order = []
    for _ in range(4):
        [run] = LabRun.objects.claim("one", at_most=1)
        LabRun.objects.filter(pk=run.pk).update(state="failed", lease_token=None)
        order.append(run)

    assert order == [mine[0], hers, mine[1], mine[2]]


def test_a_worker_claims_its_own_class_only(queued_run: LabRun) -> None:
    LabRun.objects.update(worker_class="gpu")

    assert LabRun.objects.claim("one", at_most=8) == []
    assert LabRun.objects.claim("one", at_most=8, worker_class="gpu") == [queued_run]


def test_a_run_in_its_back_off_is_left_alone(queued_run: LabRun) -> None:
    LabRun.objects.update(not_before=Now() + SECOND * 5)

    assert LabRun.objects.claim("one", at_most=8) == []


def test_a_run_that_failed_before_is_claimed_alone(
    people: People, open_try: Try, queue_run: Queue
) -> None:
    runs = [queue_run(open_try(person)) for person in people(3)]
    LabRun.objects.filter(pk=runs[0].pk).update(infra_failures=1)

    assert LabRun.objects.claim("one", at_most=8) == [runs[0]]
    assert set(LabRun.objects.claim("one", at_most=8)) == set(runs[1:])


def test_a_renewal_extends_the_lease_and_writes_progress(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)
    assert run.lease_token
    LabRun.objects.update(lease_until=Now() - SECOND)

    answer = LabRun.objects.renew(run.lease_token, {run.pk: (37, 100)})

    run.refresh_from_db()
    assert answer == {run.pk: False}
    assert (run.done_steps, run.total_steps) == (37, 100)
    assert LabRun.objects.filter(lease_until__gt=Now() + lease() - SECOND).exists()


def test_a_renewal_tells_who_must_stop(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)
    assert run.lease_token
    LabRun.objects.update(cancel_requested_at=Now())

    assert LabRun.objects.renew(run.lease_token) == {run.pk: True}


def test_a_lost_lease_cannot_be_renewed(queued_run: LabRun) -> None:
    [run] = LabRun.objects.claim("one", at_most=8)
    assert run.lease_token
    LabRun.objects.update(state="queued", lease_token=None)

    assert LabRun.objects.renew(run.lease_token) == {}


def test_history_cannot_be_rewritten(queued_run: LabRun) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        RunEvent.objects.update(kind="done")


def test_workers_that_claim_at_once_share_nothing(
    real_database: None, people: People, open_try: Try, queue_run: Queue
) -> None:
    for person in people(12):
        queue_run(open_try(person))
    start, taken = Barrier(4), []

    def worker(name: str) -> None:
        start.wait()
        while runs := LabRun.objects.claim(name, at_most=1):
            taken.extend(runs)
        connections.close_all()

    threads = [Thread(target=worker, args=[f"w{n}"]) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(taken) == len(set(taken)) == 12
    assert set(LabRun.objects.values_list("claims", flat=True)) == {1}
