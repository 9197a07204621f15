"""What an operator should know about this installation, in plain words."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from celery import current_app
from django.conf import settings
from django.core import checks
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.functions import Now
from django.utils.timezone import now
from kombu.exceptions import KombuError
from redis.exceptions import RedisError

from accounts.models import User
from labs.models import LabRun, Worker
from roadmap.models import Activity

SILENT = timedelta(seconds=30)  # a worker writes a sign of life every 4 s
LEAST_FREE_MB = 500


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    level: Literal["ok", "look", "wrong"]
    text: str


def examine() -> Iterator[Finding]:
    """Every finding, the ground first: without a database nothing else can be asked."""
    yield from database()
    if connection.connection and connection.is_usable():
        for examiner in EXAMINERS:
            yield from examiner()


def database() -> Iterator[Finding]:
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding("wrong", f"The database does not answer: {error} Check DATABASE_URL.")
        return
    yield Finding("ok", f"The database answers ({connection.vendor}).")
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if pending:
        yield Finding("wrong", f"{len(pending)} migrations are pending. Run: manage.py migrate")


def cache_table() -> Iterator[Finding]:
    try:
        cache.get("doctor")
    except DatabaseError:
        yield Finding("wrong", "The cache table is missing. Run: manage.py createcachetable")


def redis() -> Iterator[Finding]:
    try:
        with current_app.connection_for_write(
            transport_options={"socket_connect_timeout": 1, "max_retries": 0}
        ) as bell:
            bell.ensure_connection(max_retries=1, timeout=2)
    except (KombuError, RedisError, OSError) as error:
        yield Finding(
            "look",
            f"Redis does not answer ({error}). Runs are kept in the database and start up to "
            "two seconds later. Check REDIS_URL.",
        )
    else:
        yield Finding("ok", "Redis answers.")


def workers() -> Iterator[Finding]:
    alive = Worker.objects.filter(last_seen__gte=Now() - SILENT)
    waiting = LabRun.objects.filter(state="queued").count()
    if alive:
        names = ", ".join(f"{worker.name} ({worker.device})" for worker in alive)
        yield Finding("ok", f"Workers at work: {names}. Runs waiting: {waiting}.")
    else:
        yield Finding(
            "wrong" if waiting else "look",
            f"No lab worker has given a sign of life for {SILENT.seconds} s; {waiting} runs wait. "
            "Start one: celery -A config worker -Q cpu --concurrency 1",
        )


def runs() -> Iterator[Finding]:
    old = LabRun.objects.filter(state="queued", created_at__lt=now() - timedelta(minutes=10))
    if count := old.count():
        yield Finding("look", f"{count} runs have waited for more than 10 minutes.")
    if count := LabRun.objects.filter(state="quarantined").count():
        yield Finding("look", f"{count} runs are under review; see Runs in the admin.")


def content() -> Iterator[Finding]:
    count = Activity.objects.live().count()
    if count:
        yield Finding("ok", f"{count} activities are published.")
    else:
        yield Finding("wrong", "Nothing is published. Run: manage.py publish_pack")


def people() -> Iterator[Finding]:
    if not User.objects.filter(is_staff=True, is_active=True).exists():
        yield Finding("look", "Nobody can open /admin/. Run: manage.py createsuperuser")


def mail() -> Iterator[Finding]:
    if "console" in settings.EMAIL_BACKEND and not settings.DEMO:
        yield Finding("look", "Mail goes to the console only. Set EMAIL_URL to reach people.")


def files() -> Iterator[Finding]:
    if not Path(settings.STATIC_ROOT, "staticfiles.json").exists():
        yield Finding("wrong", "Static files are missing. Run: manage.py collectstatic")
    free_mb = shutil.disk_usage(settings.BASE_DIR).free // 1_000_000
    if free_mb < LEAST_FREE_MB:
        yield Finding("wrong", f"Only {free_mb} MB are free on the disk.")


def deployment() -> Iterator[Finding]:
    for message in checks.run_checks(include_deployment_checks=not settings.DEMO):
        level: Literal["look", "wrong"] = "wrong" if message.level >= checks.ERROR else "look"
        yield Finding(level, f"{message.msg} {message.hint or ''}".strip())


EXAMINERS: list[Callable[[], Iterator[Finding]]] = [
    cache_table,
    redis,
    workers,
    runs,
    content,
    people,
    mail,
    files,
    deployment,
]
