"""One migrated database of each kind, copied for every test that starts processes on it."""

import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest

from tests.system.processes import House, Postgres

LEARNERS = 45


class Database(Protocol):
    """Makes the environment of a fresh database with 45 learners in it."""

    def __call__(self) -> dict[str, str]: ...


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with Postgres() as server:
        yield server


def furnish(environment: dict[str, str]) -> None:
    with House(environment) as house:
        house.manage("migrate", "--verbosity", "0")
        house.manage("createcachetable")
        assert house.ask("people", number=LEARNERS) == LEARNERS


@pytest.fixture(scope="session")
def sqlite_copies(tmp_path_factory: pytest.TempPathFactory) -> Database:
    folder = tmp_path_factory.mktemp("sqlite")
    template, numbers = folder / "template.sqlite3", count()
    furnish({"DATABASE_URL": f"sqlite:///{template}"})

    def copy() -> dict[str, str]:
        path = Path(shutil.copy(template, folder / f"{next(numbers)}.sqlite3"))
        return {"DATABASE_URL": f"sqlite:///{path}"}

    return copy


@pytest.fixture(scope="session")
def postgres_copies(postgres: Postgres) -> Database:
    address = {"PGHOST": str(postgres.folder), "PGUSER": "postgres"}
    numbers = count()
    assert postgres.sql("CREATE DATABASE furnished")
    furnish({"DATABASE_URL": "postgres:///furnished", **address})

    def copy() -> dict[str, str]:
        name = f"copy{next(numbers)}"
        assert postgres.sql(f"CREATE DATABASE {name} TEMPLATE furnished")
        return {"DATABASE_URL": f"postgres:///{name}", **address}

    return copy


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """Each kind in turn."""
    name = {"sqlite": "sqlite_copies", "postgresql": "postgres_copies"}[request.param]
    copies: Database = request.getfixturevalue(name)
    return copies
