"""The calibrate command: what the pack ships is what the vocabularies say."""

import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from labs.registry import all_exercises
from labs.runtime.tokens import SPM32K_SHA256, TEKKEN_SHA256

NEEDED = [slug for slug, exercise in all_exercises().items() if exercise.calibrate]


def test_the_shipped_calibrations_are_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("calibrate", "--check")
    assert capsys.readouterr().out == "".join(f"{slug}: up to date\n" for slug in NEEDED)


def test_what_is_written_is_what_is_checked(tmp_path: Path) -> None:
    folder = tmp_path / "calibrations"
    with pytest.raises(CommandError, match="Out of date: token-surgeon"):
        call_command("calibrate", "--check", into=folder)
    call_command("calibrate", "--write", into=folder)
    call_command("calibrate", "--check", into=folder)
    assert sorted(path.stem for path in folder.iterdir()) == NEEDED


def test_a_file_names_the_vocabularies_it_was_measured_with(tmp_path: Path) -> None:
    call_command("calibrate", "--write", into=tmp_path)
    record = json.loads((tmp_path / "token-surgeon.json").read_text())
    assert record["sources"] == {"tekken": TEKKEN_SHA256, "spm32k": SPM32K_SHA256}
    assert record["values"]["tekken"]["strawberry"] == {"n": 3, "cuts": [2, 5]}


def test_one_changed_count_fails_the_check(tmp_path: Path) -> None:
    call_command("calibrate", "--write", into=tmp_path)
    path = tmp_path / "token-surgeon.json"
    record = json.loads(path.read_text())
    record["values"]["tekken"]["strawberry"]["n"] = 4
    path.write_text(json.dumps(record))
    with pytest.raises(CommandError, match=r"manage\.py calibrate --write"):
        call_command("calibrate", "--check", into=tmp_path)


def test_it_wants_to_know_whether_to_write_or_to_check() -> None:
    with pytest.raises(CommandError, match="required"):
        call_command("calibrate")
