"""What an operator is told about a sick installation."""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from celery import Celery
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now

from accounts.models import User
from config import doctor
from labs.models import Worker


def report(examiner: Any) -> str:
    return " | ".join(f"{finding.level}: {finding.text}" for finding in examiner())


def test_a_site_without_content_is_told_to_publish(db: None) -> None:
    assert "wrong: Nothing is published. Run: manage.py publish_pack" in report(doctor.content)


def test_a_published_site_is_told_how_much_there_is(published: None) -> None:
    assert "activities are published" in report(doctor.content)


def test_a_missing_worker_is_told_how_to_start_one(db: None) -> None:
    assert "No lab worker has given a sign of life" in report(doctor.workers)
    assert "celery -A config worker" in report(doctor.workers)


def test_a_worker_that_fell_silent_does_not_count(db: None) -> None:
    Worker.objects.create(name="host:1", last_seen=Now() - timedelta(minutes=5))
    assert "No lab worker" in report(doctor.workers)

    Worker.objects.create(name="host:2")
    assert "ok: Workers at work: host:2" in report(doctor.workers)


def test_pending_migrations_are_counted(db: None) -> None:
    [latest] = MigrationLoader(connection).graph.leaf_nodes("labs")
    MigrationRecorder(connection).record_unapplied(*latest)

    assert "migrations are pending. Run: manage.py migrate" in report(doctor.database)


def test_demo_accounts_on_a_real_site_are_wrong(db: None, settings: Any) -> None:
    settings.DEMO = False
    User.objects.create_user("demo@example.org", is_demo=True)

    told = report(doctor.deployment)

    assert "wrong: There are demo accounts: demo@example.org." in told
    assert "manage.py erase_account" in told


def test_mail_to_the_console_is_pointed_out_on_a_real_site(settings: Any) -> None:
    settings.DEMO = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"

    assert "look: Mail goes to the console only. Set EMAIL_URL" in report(doctor.mail)


def test_a_silent_redis_is_no_reason_to_panic(monkeypatch: Any) -> None:
    nobody_there = Celery(broker="redis://127.0.0.1:1/0", set_as_current=False)
    monkeypatch.setattr("config.doctor.current_app", nobody_there)

    told = report(doctor.redis)
    assert told.startswith("look: Redis does not answer (")
    assert "refused" in told
    assert "Check REDIS_URL" in told


def test_the_command_fails_when_something_is_wrong(db: None) -> None:
    out = StringIO()

    with pytest.raises(CommandError, match="things are wrong"):
        call_command("doctor", stdout=out)

    assert "WRONG Nothing is published" in out.getvalue()
