"""The try_lab command: it says when a grader lets a misconception through."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from labs.contract import Check, Verdict
from labs.exercises.bill_shock import exercise
from labs.management.commands import try_lab


@pytest.mark.parametrize("slug", ["token-surgeon", "bill-shock"])
def test_shipped_labs_are_sound(slug: str, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("try_lab", slug, "--seeds", "3")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["3", "of", "3", "reference"]
    assert all(line.split()[0] == line.split()[2] for line in lines)


def blind(params: Any, result: Any) -> Verdict:
    """A grader that passes everything."""
    return Verdict((Check(id="ratio", title="", passed=True, measured=1, target=1),))


def cruel(params: Any, result: Any) -> Verdict:
    """A grader that passes nothing, and not on the check that a mutant is about."""
    return Verdict((Check(id="other", title="", passed=False, measured=0, target=1),))


@pytest.mark.parametrize(
    ("grade", "sentence"),
    [
        (blind, "compact JSON only → ratio, seed 0: failed none"),
        (cruel, r"reference, seed 0: failed \('other',\)"),
        (cruel, r"gzip and base64 → readable, seed 0: failed \('other',\)"),
    ],
)
def test_a_grader_that_is_off_is_reported(
    grade: Any, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = replace(exercise, grade=grade)
    monkeypatch.setattr(try_lab, "get_exercise", lambda slug: broken)
    with pytest.raises(CommandError, match=sentence):
        call_command("try_lab", "bill-shock", "--seeds", "1")


def test_an_unknown_lab_names_the_known_ones() -> None:
    with pytest.raises(CommandError, match="There are: bill-shock, token-surgeon"):
        call_command("try_lab", "token-surgeons")
