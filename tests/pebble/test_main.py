"""The command: what it refuses, what it never overwrites."""

from pathlib import Path

import pytest

import pebble
from pebble.__main__ import chosen, main, parser
from pebble.members import MEMBERS

LEAK = Path(pebble.__file__).parent / "model" / "pebble-twin-leak"


def test_an_unknown_member_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "pebble-giant"])
    assert "no member 'pebble-giant'. There are: pebble-reason," in capsys.readouterr().err


def test_a_gpu_profile_only_takes_larger_batches() -> None:
    member = MEMBERS["pebble-reason"]
    full = chosen(member, parser().parse_args(["train", member.name, "--profile", "full"]))
    assert full.recipe.batch == 8 * member.recipe.batch
    assert full.recipe.steps == member.recipe.steps


@pytest.mark.slow
def test_evaluating_shows_the_table_and_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    before = {file: file.stat().st_mtime_ns for file in LEAK.iterdir()}
    main(["evaluate", LEAK.name])
    shown = capsys.readouterr().out
    assert "digits3-leaked " in shown
    assert "5 to 12 points" in shown
    assert {file: file.stat().st_mtime_ns for file in LEAK.iterdir()} == before
