from dataclasses import replace

import pytest

from labs import checks, registry
from labs.checks import exercises_have_pictures, live_labs_have_exercises
from roadmap.models import Activity
from tests.labs import rehearsal


def test_every_shipped_exercise_has_its_picture() -> None:
    assert exercises_have_pictures() == []


def test_an_exercise_without_a_picture_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = replace(rehearsal.exercise, template="labs/results/_lost.html")
    monkeypatch.setattr(checks, "all_exercises", lambda: {"lost": lost})

    [error] = exercises_have_pictures()

    assert error.id == "labs.E001"
    assert "'labs/results/_lost.html'" in error.msg


def test_a_live_lab_without_its_exercise_is_named(
    rehearsal_lab: Activity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "all_exercises", registry.all_exercises)
    assert live_labs_have_exercises() == []

    monkeypatch.setattr(checks, "all_exercises", dict)

    [error] = live_labs_have_exercises()
    assert error.id == "labs.E002"
    assert "'rehearsal'" in error.msg
