"""What a newcomer is told when the machine cannot run Cairn."""

import sys
from collections.abc import Callable
from types import SimpleNamespace

import pytest

from config import bootstrap

EXTRAS = "worker,redis"


def said(action: Callable[[], None]) -> str:
    with pytest.raises(SystemExit) as stopped:
        action()
    assert isinstance(stopped.value.code, str)  # a string is printed, and the exit code is 1
    return stopped.value.code


def test_an_old_python_is_told_which_one_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))

    assert "Cairn needs 3.11, 3.12 or 3.13" in said(lambda: bootstrap.check_machine(EXTRAS))


def test_a_full_disk_is_told_how_much_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = SimpleNamespace(free=50_000_000)
    monkeypatch.setattr("config.bootstrap.shutil.disk_usage", lambda path: usage)

    assert "only 50 MB are free" in said(lambda: bootstrap.check_machine(EXTRAS))


def test_a_folder_without_write_access_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.bootstrap.os.access", lambda path, mode: False)

    assert "cannot be written to" in said(lambda: bootstrap.check_machine(EXTRAS))


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("error: command 'gcc' failed: No such file", "apt install build-essential"),
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("Could not find a version that satisfies", "Is the network there?"),
    ],
)
def test_what_pip_printed_becomes_one_sentence(printed: str, sentence: str) -> None:
    assert sentence in bootstrap.reason(printed, EXTRAS)


def test_a_failed_install_leaves_no_half_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    removed: list[object] = []
    failed = SimpleNamespace(returncode=1, stdout="", stderr="no matching distribution")
    monkeypatch.setattr("config.bootstrap.subprocess.run", lambda *a, **k: failed)
    monkeypatch.setattr("config.bootstrap.shutil.rmtree", lambda path, **k: removed.append(path))

    said(lambda: bootstrap.install(EXTRAS))

    assert removed == [bootstrap.VENV]


def test_the_environment_is_made_again_when_the_dependencies_change() -> None:
    assert bootstrap.wanted("worker,redis") != bootstrap.wanted(bootstrap.EVERYTHING)
