"""The run queue with real Redis and workers: how soon, and how many a second."""

from itertools import pairwise

from bench.figures import ms, p, table
from tests.system.processes import House, wait_for

ONE_BY_ONE, AT_ONCE, WARM_UP = 30, 40, 3
Row = tuple[str, ...]


def latency(environment: dict[str, str]) -> Row:
    """One run at a time on an idle worker."""
    with House(environment) as house:
        house.redis()
        house.worker("one")
        took = []
        for who in range(WARM_UP + ONE_BY_ONE):
            answer = house.ask("submit", who=who)
            took.append(answer["submit_s"])
            house.wait_until(answer["run"], "done", seconds=20)
        waited = [run["waited"] for run in house.ask("runs")]
        took, waited = took[WARM_UP:], waited[WARM_UP:]
        shares = [ms(p(values, share)) for values in (took, waited) for share in (0.5, 0.95)]
        return (house.kind, *shares, f"{p(waited, 0.95) / 0.1:.2f}")


def throughput(environment: dict[str, str], workers: int) -> tuple[str, float]:
    """Runs of 40 people that waited before the workers came; runs a second."""
    with House(environment) as house:
        house.redis()
        for who in range(AT_ONCE):
            house.ask("submit", who=who)
        for number in range(workers):
            house.worker(f"w{number}")
        wait_for("all graded", lambda: all_done(house), seconds=120)
        return house.kind, AT_ONCE / house.ask("span")


def all_done(house: House) -> bool:
    return all(run["state"] == "done" for run in house.ask("runs"))


def measure(databases: list[list[dict[str, str]]]) -> None:
    """Print both tables; three fresh copies of each database are used up."""
    rows = [latency(copies[0]) for copies in databases]
    head = ("database", "submit p50", "submit p95", "claim p50", "claim p95", "of limit 100 ms")
    table(f"Queue on an idle worker, {ONE_BY_ONE} runs one by one", head, rows)
    rows = []
    for copies in databases:
        found = [throughput(copies[n], n) for n in (1, 2)]
        gain = [two / one for (_, one), (_, two) in pairwise(found)]
        rates = [f"{rate:.0f}" for _, rate in found]
        rows.append((found[0][0], *rates, f"{gain[0]:.2f}"))
    head = ("database", "1 worker", "2 workers", "2 against 1")
    table(f"Runs a second, {AT_ONCE} runs of {AT_ONCE} people, smallest exercise", head, rows)
