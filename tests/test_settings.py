"""The settings that reliability hangs on, and what an operator is told about a wrong one."""

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from django.conf import settings

GOOD = {
    "SECRET_KEY": "g" * 50,
    "LAB_SEED_SECRET": "g" * 50,
    "ALLOWED_HOSTS": "cairn.example.org",
    "DATABASE_URL": "sqlite:///:memory:",
}
PINNED = {
    "CELERY_TASK_IGNORE_RESULT": True,
    "CELERY_TASK_STORE_ERRORS_EVEN_IF_IGNORED": False,
    "CELERY_TASK_SERIALIZER": "json",
    "CELERY_ACCEPT_CONTENT": ["json"],
    "CELERY_TASK_ACKS_LATE": False,
    "CELERY_TASK_REJECT_ON_WORKER_LOST": False,
    "CELERY_WORKER_PREFETCH_MULTIPLIER": 1,
    "CELERY_WORKER_DISABLE_PREFETCH": True,
    "CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP": True,
    "CELERY_BROKER_CONNECTION_MAX_RETRIES": None,
    "CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS": False,
    "CELERY_WORKER_ENABLE_REMOTE_CONTROL": False,
    "CELERY_WORKER_SEND_TASK_EVENTS": False,
    "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": 0,
    "CELERY_TASK_TIME_LIMIT": 60 + 120 + 30,
    "LAB_TURN": 60,
    "LAB_LEASE": 20,
    "LAB_BEAT": 4,
    "LAB_SWEEP": 2,
}


def start(**changed: str) -> subprocess.CompletedProcess[str]:
    """Load the real settings in a fresh process with exactly these variables."""
    variables = {"PATH": os.environ["PATH"], "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", "import django; django.setup()"],
        env={**variables, **GOOD, **changed},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(("name", "value"), PINNED.items())
def test_what_the_queue_relies_on_is_pinned(name: str, value: object) -> None:
    assert getattr(settings, name) == value


def test_nothing_keeps_results_or_runs_tasks_eagerly() -> None:
    assert not hasattr(settings, "CELERY_RESULT_BACKEND")
    assert not hasattr(settings, "CELERY_TASK_ALWAYS_EAGER")
    assert not hasattr(settings, "CELERY_TASK_SOFT_TIME_LIMIT")
    assert (
        "ATOMIC_REQUESTS" not in settings.DATABASES["default"]
        or not settings.DATABASES["default"]["ATOMIC_REQUESTS"]
    )


def test_a_worker_does_not_wait_for_ever_for_a_dead_peer() -> None:
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    assert options["socket_timeout"] == 5
    assert options["socket_connect_timeout"] == 2
    assert options["health_check_interval"] == 10
    assert options["socket_keepalive"] is True
    assert options["visibility_timeout"] == 3600


def test_celery_and_kombu_are_the_versions_with_the_reconnect_fix() -> None:
    for package in ("celery", "kombu"):
        assert tuple(map(int, version(package).split(".")[:2])) == (5, 7)


@pytest.mark.parametrize("name", ["SECRET_KEY", "LAB_SEED_SECRET"])
@pytest.mark.parametrize("value", ["", "short", "change-me", "change-me-" + "x" * 50])
def test_a_missing_or_sample_secret_is_refused_in_words(name: str, value: str) -> None:
    result = start(**{name: value})

    assert result.returncode != 0
    assert f"{name} is missing, short or the sample" in result.stderr
    assert "secrets.token_urlsafe" in result.stderr


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ALLOWED_HOSTS", "", "ALLOWED_HOSTS is empty"),
        ("SIGNUP", "maybe", "Write open, invite or closed."),
        ("EMAIL_VERIFICATION", "later", "Write mandatory, optional or none."),
        ("LAB_WORKER_CLASS", "tpu", "Write cpu or gpu"),
        ("LOG_FORMAT", "xml", "Write console or json"),
        ("LAB_TIME_LIMIT", "soon", "LAB_TIME_LIMIT"),
        ("LAB_BATCH", "many", "LAB_BATCH"),
        ("TRUSTED_PROXIES", "one", "TRUSTED_PROXIES"),
        ("DEMO", "perhaps", "DEMO"),
        ("DATABASE_URL", "oracle9://x", "DATABASE_URL"),
        ("LOG_LEVEL", "LOUD", "LOG_LEVEL"),
        ("DATABASE_URL", "postgres://u:p@host:port/name", "DATABASE_URL is no address: Port"),
        ("EMAIL_URL", "carrier-pigeon://x", "EMAIL_URL"),
        ("EMAIL_URL", "smtp://u:p@host:port", "EMAIL_URL is no address: Port"),
        ("REDIS_URL", "unix:///run/redis.sock", "REDIS_URL has the scheme 'unix'. Write redis://"),
        ("REDIS_URL", "", "REDIS_URL has the scheme ''"),
    ],
)
def test_a_bad_variable_is_named_with_what_to_write(name: str, value: str, sentence: str) -> None:
    result = start(**{name: value})

    assert result.returncode != 0
    assert sentence in result.stderr


def test_good_variables_start() -> None:
    assert start().returncode == 0


def read_variables() -> set[str]:
    readers = r'\b(?:text|words|choice|flag|number|secret|database|mail|redis)\(\s*"([A-Z_]+)"'
    return set(re.findall(readers, Path("config/settings.py").read_text())) | {"PORT"}


def test_the_sample_names_every_variable_and_no_other() -> None:
    named = set(re.findall(r"^([A-Z_]+)=", Path(".env.example").read_text(), re.MULTILINE))

    assert named - {"POSTGRES_PASSWORD", "REDIS_PASSWORD"} == read_variables()


def test_the_operators_guide_explains_every_variable() -> None:
    guide = Path("docs/operations.md").read_text()

    assert [name for name in sorted(read_variables()) if f"`{name}`" not in guide] == []
