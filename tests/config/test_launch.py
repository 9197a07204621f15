"""What `make run` says before it starts anything."""

import json
import socket
import stat
from pathlib import Path

import pytest

from config import launch
from config.launch import CannotStartError


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder in which nothing was started yet."""
    run = tmp_path / ".run"
    run.mkdir()
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.setattr(launch, "RUN", run)
    for name in ("PORT", "REDIS_URL", "SECRET_KEY", "LAB_SEED_SECRET"):
        monkeypatch.delenv(name, raising=False)
    return run


def test_a_busy_port_names_another(fresh: Path) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]

        with pytest.raises(CannotStartError, match=f"PORT={port + 1} make run"):
            launch.check_port(port)


@pytest.mark.parametrize("port", ["eighty", "0", "65536", "-1", ""])
def test_a_wrong_port_says_what_to_write(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, port: str
) -> None:
    monkeypatch.setenv("PORT", port)

    with pytest.raises(CannotStartError, match="Write a number from 1 to 65535"):
        launch.environment()


def test_secrets_are_random_kept_and_private(fresh: Path) -> None:
    first = launch.stored_secrets()

    assert launch.stored_secrets() == first
    assert len(set(first.values())) == 2
    assert stat.S_IMODE((fresh / "secrets.json").stat().st_mode) == 0o600
    assert json.loads((fresh / "secrets.json").read_text()) == first


def test_a_second_start_from_the_same_folder_is_refused(fresh: Path) -> None:
    lock = launch.only_one()

    with pytest.raises(CannotStartError, match="already running from this folder"):
        launch.only_one()

    lock.close()


def test_without_any_redis_the_sentence_says_how_to_install_one(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.launch.shutil.which", lambda name: None)
    monkeypatch.setattr("config.launch.importlib.util.find_spec", lambda name: None)

    with pytest.raises(CannotStartError, match="apt install redis-server"):
        launch.redis_binary()


def test_our_redis_listens_on_a_private_socket_and_no_port(fresh: Path) -> None:
    command = launch.redis_command(launch.environment())

    assert command is not None
    assert "--port 0" in command
    assert "--unixsocketperm 700" in command
    assert "--appendonly yes" in command
    assert "--maxmemory-policy noeviction" in command


def test_an_operators_own_redis_is_used_and_not_started(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere:6379/0")

    assert launch.redis_command(launch.environment()) is None


def test_a_socket_path_too_long_for_the_kernel_moves_to_a_short_folder(
    fresh: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = fresh / ("x" * 90)
    deep.mkdir()
    monkeypatch.setattr(launch, "RUN", deep)

    path = launch.socket_path()

    assert len(str(path)) < 100
    assert launch.socket_path() == path
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    path.parent.rmdir()


def test_a_failed_step_is_named(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.launch.sys.executable", "/bin/false")

    with pytest.raises(CannotStartError, match="the step 'database and content' failed"):
        launch.prepare({"PORT": "8000"})
