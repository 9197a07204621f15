"""Celery's door into the labs. A task carries no id and decides nothing: it says "look"."""

import signal
from typing import Any

import structlog
from celery import shared_task
from celery.signals import worker_process_init, worker_process_shutdown, worker_shutting_down
from django.conf import settings
from django.db import Error, connections

from labs.worker import idle, presence
from labs.worker.look import look as look_for_work
from labs.worker.sweep import sweeper

log = structlog.get_logger(__name__)


def look_around() -> None:
    look_for_work(turn_s=settings.LAB_TURN)


def sweep_around() -> None:
    sweeper.sweep()


def watch_without_a_bell(**_: Any) -> None:
    # A process manager may send SIGTERM to the whole group. Only the parent answers it: it tells
    # the children to drain and ends them afterwards. Its hard limit kills, so it still works.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    idle.start_idle_thread()


def let_the_batch_end(**_: Any) -> None:
    idle.drain()


def tell_the_children(**_: Any) -> None:
    """In the parent, on SIGTERM: their heartbeats read it from the database."""
    try:
        presence.drain_children()
    except Error as error:
        log.warning("the children were not told to stop", error=str(error))
    finally:
        connections.close_all()


look = shared_task(look_around, name="labs.tasks.look")
sweep = shared_task(sweep_around, name="labs.tasks.sweep")
worker_process_init.connect(watch_without_a_bell)
worker_process_shutdown.connect(let_the_batch_end)
worker_shutting_down.connect(tell_the_children)
