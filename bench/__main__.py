"""`make bench`: figures of this machine, printed with what they are measured against."""

import os
import platform
import tempfile
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bench import pages, runs
from tests.system.processes import House, Postgres

COPIES = 3
LEARNERS = 45


def sqlite(folder: Path) -> list[dict[str, str]]:
    """Fresh SQLite databases with learners in them."""
    return [furnished({"DATABASE_URL": f"sqlite:///{folder}/{n}.sqlite3"}) for n in range(COPIES)]


def postgresql(server: Postgres) -> list[dict[str, str]]:
    address = {"PGHOST": str(server.folder), "PGUSER": "postgres"}
    for n in range(COPIES):
        assert server.sql(f"CREATE DATABASE bench{n}")
    return [furnished({"DATABASE_URL": f"postgres:///bench{n}", **address}) for n in range(COPIES)]


def furnished(environment: dict[str, str]) -> dict[str, str]:
    with House(environment) as house:
        house.manage("migrate", "--verbosity", "0")
        house.manage("createcachetable")
        house.ask("people", number=LEARNERS)
    return environment


def main() -> None:
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, ", end="")
    print(f"Python {platform.python_version()}")
    with tempfile.TemporaryDirectory(prefix="cairn-bench-") as folder:
        site = {
            "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
            "STATIC_ROOT": f"{folder}/static",
        }
        with House(site) as house:
            house.manage("migrate", "--verbosity", "0")
            house.manage("createcachetable")
            house.manage("publish_pack")
            house.manage("collectstatic", "--noinput", "--verbosity", "0")
            house.web()
            pages.measure(house)
        with Postgres() as server:
            runs.measure([sqlite(Path(folder)), postgresql(server)])
    if find_spec("torch"):
        import_module("bench.sample").measure()


if __name__ == "__main__":
    main()
