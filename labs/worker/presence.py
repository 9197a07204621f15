"""The worker's own row: seen when, which versions, asked to stop or not."""

import os

from django.conf import settings
from django.db.models.functions import Now

from labs.models import Worker
from labs.worker.child import child, family
from labs.worker.receipt import versions


def seen() -> None:
    """Say that this child lives, by the database's clock, and learn whether it must drain."""
    row = Worker.objects.filter(name=child.name)
    if not row.update(last_seen=Now()) and not child.is_draining:  # who drains may have left
        Worker.objects.create(
            name=child.name, worker_class=settings.LAB_WORKER_CLASS, versions=versions()
        )
    if row.filter(is_draining=True).exists():
        child.drain()


def leave() -> None:
    Worker.objects.filter(name=child.name).delete()


def drain_children() -> None:
    """Called in the parent: every child learns of it with its next heartbeat."""
    Worker.objects.filter(name__startswith=family(os.getpid())).update(is_draining=True)
