"""Reads the environment strictly: a wrong value is named, with what to write instead."""

from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()
YES, NO = {"true", "1", "yes", "on"}, {"false", "0", "no", "off", ""}


def text(name: str, default: str) -> str:
    return str(env.str(name, default=default))


def words(name: str, default: list[str]) -> list[str]:
    return list(env.list(name, default=default))


def choice(name: str, default: str, *options: str) -> str:
    value = text(name, default)
    if value not in options:
        listed = ", ".join(options[:-1]) + f" or {options[-1]}"
        raise ImproperlyConfigured(f"{name} is {value!r}. Write {listed}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    value = text(name, str(default)).strip().lower()
    if value not in YES | NO:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write true or false.")
    return value in YES


def number(name: str, default: int, *, least: int, most: int) -> int:
    value = text(name, str(default)).strip()
    if not value.isdecimal() or not least <= int(value) <= most:
        raise ImproperlyConfigured(f"{name} is {value!r}. Write a number from {least} to {most}.")
    return int(value)


def secret(name: str, sample: str) -> str:
    """A value that must be set, long enough and not the one from .env.example."""
    value = text(name, "")
    if len(value) < 32 or value.startswith(sample):
        raise ImproperlyConfigured(
            f"{name} is missing, short or the sample from .env.example. Put 50 random characters "
            'there: python3 -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return value


def database(name: str, default: str) -> dict[str, Any]:
    """Django's settings for a database address."""
    try:
        found: dict[str, Any] = env.db(name, default=default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address: {error}.") from None
    known = ("sqlite3", "postgresql")
    if not found.get("ENGINE", "").endswith(known):
        raise ImproperlyConfigured(
            f"{name} has the scheme {text(name, default).split(':')[0]!r}. "
            "Write sqlite:///file or postgres://user:password@host:5432/name."
        )
    return found


def mail(name: str, default: str) -> dict[str, Any]:
    """Django's settings for a mail address, such as smtp+tls://user:password@host:587."""
    try:
        found: dict[str, Any] = env.email(name, default=default)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is no address: {error}.") from None
    except (KeyError, ImproperlyConfigured):
        raise ImproperlyConfigured(
            f"{name} has the scheme {text(name, default).split(':')[0]!r}. "
            "Write consolemail:// or smtp+tls://user:password@host:587."
        ) from None
    return found


def redis(name: str, default: str) -> str:
    """The address of the bell's Redis. Celery itself would fail at the first ring only."""
    value = text(name, default)
    if not value.startswith(("redis://", "rediss://", "redis+socket://")):
        raise ImproperlyConfigured(
            f"{name} has the scheme {value.split(':')[0]!r}. "
            "Write redis://host:6379/0, rediss://… for TLS or redis+socket:///path/to/socket."
        )
    return value
