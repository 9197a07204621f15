"""A thread of every pool child: looks and sweeps when nobody rings, or nobody can."""

import os
from random import SystemRandom
from threading import Thread
from time import sleep

import structlog
from django.conf import settings
from django.db import Error, close_old_connections, connections

from labs.models import LabRun
from labs.worker import presence
from labs.worker.child import DRAIN_S, child
from labs.worker.look import look
from labs.worker.sweep import sweeper

log = structlog.get_logger(__name__)
REPLACED = 0  # exit status of a child that made room for a fresh one


def start_idle_thread() -> None:
    Thread(target=watch, name="idle", daemon=True).start()


def watch() -> None:
    """Never returns. A child without this thread would be deaf, so it ends with it."""
    try:
        while True:
            jitter = SystemRandom().uniform(0.8, 1.0)  # so that workers do not look in step
            sleep(settings.LAB_SWEEP * jitter)
            once()
    finally:
        os._exit(1)


def once() -> None:
    """Look around, whatever the database or the broker are doing."""
    try:
        close_old_connections()
        presence.seen()
        sweeper.sweep()
        if LabRun.objects.waiting().exists():
            look()
    except Error as error:
        log.warning("an idle look was left out", error=str(error))
        connections.close_all()
    retire()


def retire() -> None:
    """End this process between two claims, holding no lease; the pool starts a fresh one."""
    if child.is_worn_out and child.busy.acquire(blocking=False):
        log.info("child makes room for a fresh one", served=child.served)
        os._exit(REPLACED)


def drain() -> None:
    """Called when the child is asked to end: let a batch of the idle thread come to its end.

    Celery does not know of such a batch. What has not ended in time hands its leases back.
    """
    child.drain()
    child.busy.acquire(timeout=DRAIN_S + 5)
    try:
        presence.leave()
    except Error as error:
        log.warning("this child could not sign off", error=str(error))
