"""A backup taken while the site serves, restored onto an empty database of the other kind."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.system.conftest import Database
from tests.system.processes import House, Postgres

pytestmark = pytest.mark.system


@pytest.fixture
def empty_postgres(postgres: Postgres) -> dict[str, str]:
    assert postgres.sql("CREATE DATABASE restored")
    return {
        "DATABASE_URL": "postgres:///restored",
        "PGHOST": str(postgres.folder),
        "PGUSER": "postgres",
    }


def tables(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as whole:
        found: dict[str, str] = json.loads(whole.read("manifest.json"))["tables"]
    return found


def test_a_busy_sqlite_site_comes_back_whole_on_postgresql(
    sqlite_copies: Database, empty_postgres: dict[str, str], tmp_path: Path
) -> None:
    saved, again = tmp_path / "saved.zip", tmp_path / "again.zip"
    with House(sqlite_copies()) as busy:
        busy.redis()
        busy.worker("one")
        done = [busy.ask("submit", who=who)["run"] for who in range(5)]
        for run in done:
            busy.wait_until(run, "done", seconds=20)
        slow = busy.ask("submit", who=6, text="slow", steps=40)["run"]
        busy.wait_until(slow, "running", seconds=20)
        busy.manage("backup", str(saved))

    with House(empty_postgres) as restored:
        restored.manage("migrate", "--verbosity", "0")
        restored.manage("createcachetable")
        restored.manage("restore", str(saved))
        restored.manage("backup", str(again))

        assert tables(again) == tables(saved)
        assert len(tables(saved)) >= 30
        assert [restored.run(run)["n"] for run in done] == [1] * 5
        restored.redis()
        restored.worker("two")  # the run that was running when the backup was made
        assert restored.wait_until(slow, "done", seconds=60)["n"] == 1
