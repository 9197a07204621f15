"""The queue with everything real, and with parts of it killed, frozen and taken away.

Times are the database's own. Leases last 20 s here as they do outside.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import pytest

from tests.system.conftest import Database
from tests.system.processes import House, children, wait_for

Record = Callable[[str, object], None]
pytestmark = pytest.mark.system
WARM_UP = 3  # runs of a fresh process, which still opens its connections


def p95(values: list[float]) -> float:
    """The value that 95 of 100 do not pass, by nearest rank."""
    return sorted(values)[ceil(0.95 * len(values)) - 1]


def grades(house: House) -> list[int]:
    """How many grades each run has."""
    return [run["n"] for run in house.ask("runs")]


@pytest.fixture(scope="module")
def poisoned(sqlite_copies: Database) -> Iterator[House]:
    """Started first and looked at last: three leases have to run out meanwhile."""
    with House(sqlite_copies()) as house:
        house.redis()
        house.ask("submit", who=0, text="poison")
        house.ask("submit", who=1, text="slow", steps=4)
        house.worker("poisoned")
        yield house


def test_a_run_is_graded_in_a_moment(
    database: Database, poisoned: House, record_testsuite_property: Record
) -> None:
    with House(database()) as house:
        house.redis()
        house.web()
        house.beat()
        house.worker("one")
        assert house.get("/health/ready/") == 200

        for who in range(WARM_UP + 30):
            run = house.ask("submit", who=who)["run"]
            house.wait_until(run, "done", seconds=10)

        waited = [run["waited"] for run in house.ask("runs")][WARM_UP:]
        record_testsuite_property(f"{house.kind}: claimed after, p95 in s", p95(waited))
        assert grades(house) == [1] * (WARM_UP + 30)
        assert p95(waited) < 0.1, waited


def test_without_a_broker_runs_are_taken_within_seconds(
    database: Database, record_testsuite_property: Record
) -> None:
    with House(database()) as house:
        redis = house.redis()
        house.worker("one")
        house.kill(redis)

        took = []
        for who in range(6):
            answer = house.ask("submit", who=who)
            took.append(answer["submit_s"])
            house.wait_until(answer["run"], "done", seconds=15)

        waited = [run["waited"] for run in house.ask("runs")]
        record_testsuite_property(f"{house.kind}: claimed after, most in s", max(waited))
        record_testsuite_property(f"{house.kind}: submitted in, most in s", max(took))
        assert grades(house) == [1] * 6
        assert max(waited) < 2.5, waited
        assert max(took) < 0.6, took


def test_a_killed_and_a_frozen_worker_cost_seconds_and_nothing_else(
    sqlite_copies: Database, postgres_copies: Database, record_testsuite_property: Record
) -> None:
    """On both databases at once: it is mostly waiting."""
    with (
        House(sqlite_copies()) as one,
        House(postgres_copies()) as other,
        ThreadPoolExecutor() as pool,
    ):
        for house, took in zip((one, other), pool.map(kill_and_freeze, (one, other)), strict=True):
            record_testsuite_property(f"{house.kind}: graded after the kill, in s", took)
            assert took < 30


def kill_and_freeze(house: House) -> float:
    """One worker is frozen in a run, one is killed in a run, a third comes.

    Returns the seconds from the kill until both runs are graded.
    """
    house.redis()
    frozen = house.worker("frozen")
    first = house.ask("submit", who=0, text="slow", steps=8)["run"]
    house.wait_until(first, "running", seconds=5)
    [child] = children(frozen)
    os.kill(child, signal.SIGSTOP)

    killed = house.worker("killed")
    second = house.ask("submit", who=1, text="slow", steps=8)["run"]
    house.wait_until(second, "running", seconds=5)
    os.killpg(killed.pid, signal.SIGKILL)
    start = time.monotonic()
    house.worker("saviour")
    for run in (first, second):
        house.wait_until(run, "done", seconds=35)
    took = time.monotonic() - start

    os.kill(child, signal.SIGCONT)
    wait_for("a late write", lambda: "fenced" in house.ask("events", run=first), seconds=15)
    assert [run["claims"] for run in house.ask("runs")] == [2, 2]
    assert grades(house) == [1, 1]
    assert house.ask("events", run=second).count("done") == 1
    return took


def test_two_workers_grade_everything_once(database: Database) -> None:
    with House(database()) as house:
        house.redis()
        house.worker("one")
        house.worker("two")

        for who in range(40):
            house.ask("submit", who=who, text="slow" if who % 4 == 0 else "abc")

        wait_for("40 grades", lambda: sum(grades(house)) == 40, seconds=30)
        runs = house.ask("runs")
        assert grades(house) == [1] * 40
        assert {run["claims"] for run in runs} == {1}
        assert len({run["worker"] for run in runs}) == 2


def test_a_worker_that_is_asked_to_stop_finishes_its_run(sqlite_copies: Database) -> None:
    with House(sqlite_copies()) as house:
        house.redis()
        worker = house.worker("one")
        run = house.ask("submit", who=0, text="slow", steps=12)["run"]
        house.wait_until(run, "running", seconds=5)

        os.killpg(worker.pid, signal.SIGTERM)  # the whole group, as process managers do

        worker.wait(20)
        assert house.run(run)["state"] == "done"
        assert house.run(run)["claims"] == 1
        assert house.ask("workers") == []


def test_a_poison_run_is_set_aside_alone(poisoned: House) -> None:
    """Claimed together with a neighbour once; never again."""
    neighbour = poisoned.wait_until(2, "done", seconds=60)
    poison = poisoned.wait_until(1, "quarantined", seconds=120)

    assert (poison["claims"], poison["infra_failures"], poison["n"]) == (3, 3, 0)
    assert "our fault" in poison["error"]
    assert (neighbour["claims"], neighbour["n"]) == (2, 1)
