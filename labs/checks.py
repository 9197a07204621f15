"""What must hold before labs are shown: each has its exercise, each exercise its picture."""

from typing import Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import DatabaseError
from django.template import TemplateDoesNotExist
from django.template.loader import get_template

from labs.registry import all_exercises


def exercises_have_pictures(**kwargs: Any) -> list[CheckMessage]:
    """Every result has a template to be shown by."""
    return [
        Error(
            f"The exercise {slug!r} shows its result by {exercise.template!r}, which is not there.",
            hint="Write it under templates/labs/results/ or correct the exercise's `template`.",
            id="labs.E001",
        )
        for slug, exercise in all_exercises().items()
        if not is_template(exercise.template)
    ]


def is_template(name: str) -> bool:
    try:
        get_template(name)
    except TemplateDoesNotExist:
        return False
    return True


def live_labs_have_exercises(**kwargs: Any) -> list[CheckMessage]:
    """A published lab runs an exercise that is installed. Reads the database: `check --deploy`."""
    known = all_exercises()
    live = apps.get_model("roadmap", "Activity").objects.live().filter(live_lab__isnull=False)
    try:
        pairs = list(live.values_list("key", "live_lab__exercise"))
    except DatabaseError:
        return []  # no tables yet; the check of the accounts says so
    return [
        Error(
            f"The lab {key!r} needs the exercise {exercise!r}, which is not installed.",
            hint=f"Installed: {', '.join(known) or 'none'}. Publish the pack of this release.",
            id="labs.E002",
        )
        for key, exercise in pairs
        if exercise not in known
    ]
