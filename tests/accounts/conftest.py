"""People who sign in through the form, and a real site of their own to try things on."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.test import Client

from accounts.models import User

PASSWORD = "a quiet lamp on the hill"

Manage = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def member(db: None) -> User:
    """Somebody with a password and a confirmed address."""
    user = User.objects.create_user("mary@example.org", PASSWORD, name="Mary")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@pytest.fixture
def member_client(member: User) -> Client:
    """Mary, a moment after she proved who she is: no page asks for her password again."""
    client = Client()
    sign_in(client, member.email)
    prove(client)
    return client


def sign_in(client: Client, email: str, password: str = PASSWORD) -> None:
    answer = client.post("/accounts/login/", {"login": email, "password": password})
    assert answer.status_code == 302, answer.content.decode()


def prove(client: Client) -> None:
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert answer.status_code == 302, answer.content.decode()


def session_cookie(client: Client) -> str:
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def manage(tmp_path: Path, root: Path) -> Manage:
    """manage.py with the real settings and an empty database of its own."""

    def run(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603  our own command, no shell
            [sys.executable, "manage.py", *args],
            cwd=root,
            env=production(tmp_path) | env,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def production(folder: Path) -> dict[str, str]:
    """What an operator sets. Nothing of the tests' own environment leaks in."""
    return {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": "k3y-" + "p7Qz" * 14,
        "LAB_SEED_SECRET": "s33d-" + "w9Xc" * 14,
        "ALLOWED_HOSTS": "learn.example.org",
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "REDIS_URL": "redis://redis.internal:6379/0",
        "EMAIL_URL": "smtp://mail.internal:25",
        "DEMO": "false",
        "DEBUG": "false",
    }
