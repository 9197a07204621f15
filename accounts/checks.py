"""What must not be true of a site that people other than its owner can reach."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  Django's name
from django.db import DatabaseError


def no_demo_in_production(**kwargs: Any) -> list[CheckMessage]:
    """Demo mode is plain HTTP; demo accounts were made for it. For `check --deploy`."""
    if settings.DEMO:
        hint = "Demo mode is for a loopback address. Remove DEMO from the environment."
        return [Error("DEMO is on.", hint=hint, id="accounts.E001")]
    try:
        demo = list(apps.get_model("accounts", "User").objects.filter(is_demo=True))
    except DatabaseError as error:
        hint = "Run manage.py migrate, then check again."
        return [Warning(f"Accounts cannot be read: {error}", hint=hint, id="accounts.W002")]
    if not demo:
        return []
    names = ", ".join(user.email for user in demo)
    hint = "Erase them: manage.py erase_account ADDRESS --yes"
    return [Error(f"There are demo accounts: {names}.", hint=hint, id="accounts.E003")]
