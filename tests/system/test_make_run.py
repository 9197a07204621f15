"""`make run` on a copy of the project: up, down, up again with everything kept."""

import re
import socket
import stat
from pathlib import Path

import httpx
import pytest

from tests.browser.conftest import Site, copy_project

pytestmark = pytest.mark.system


@pytest.fixture
def fresh_site(tmp_path: Path) -> Site:
    copy_project(tmp_path)
    return Site(tmp_path)


def test_a_newcomer_gets_a_site_and_keeps_it(fresh_site: Site) -> None:
    fresh_site.start()
    accounts = fresh_site.folder / ".run" / "demo-accounts.txt"
    first = accounts.read_text()
    assert stat.S_IMODE(accounts.stat().st_mode) == 0o600
    assert len(re.findall(r"@demo\.localhost", first)) >= 4
    assert fresh_site.log.read_text().count("@demo.localhost") >= 4  # printed once
    assert httpx.get(f"{fresh_site.address}/health/ready/").status_code == 200

    assert fresh_site.stop() == 0
    assert fresh_site.processes() == []

    seconds = fresh_site.start()
    assert accounts.read_text() == first
    assert fresh_site.log.read_text().count("learner@demo.localhost") == 1
    assert fresh_site.stop() == 0
    assert fresh_site.processes() == []
    assert seconds < 15


def test_a_busy_port_stops_the_start_with_a_sentence_and_nothing_half_done(
    fresh_site: Site,
) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", fresh_site.port))
        busy.listen()
        with pytest.raises(AssertionError, match="is in use by another program"):
            fresh_site.start()

    assert fresh_site.process
    assert fresh_site.process.returncode == 1
    assert not (fresh_site.folder / "db.sqlite3").exists()
    assert fresh_site.processes() == []
