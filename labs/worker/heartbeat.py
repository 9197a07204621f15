"""Renews the leases of one claim, reports progress, and learns of cancel and drain."""

from collections.abc import Mapping
from threading import Event, Thread
from uuid import UUID

import structlog
from django.conf import settings
from django.db import Error, connections

from labs.models import LabRun
from labs.worker import presence
from labs.worker.runtime_view import RuntimeView

log = structlog.get_logger(__name__)


class Heartbeat:
    """A thread with a database connection of its own, started before any model is loaded."""

    def __init__(self, token: UUID, views: Mapping[int, RuntimeView]) -> None:
        self.token = token
        self.views = views  # by the run's primary key
        self.is_over = Event()
        self.thread = Thread(target=self.keep_beating, name="heartbeat", daemon=True)

    def start(self) -> None:
        self.thread.start()

    def stop(self) -> None:
        self.is_over.set()
        self.thread.join()

    def keep_beating(self) -> None:
        try:
            while not self.is_over.wait(settings.LAB_BEAT):
                self.try_to_beat()
        finally:
            connections.close_all()

    def try_to_beat(self) -> None:
        """Beat, or lose one beat: a lease lasts five."""
        try:
            self.beat()
        except Error as error:
            log.warning("a heartbeat was lost", error=str(error))
            connections.close_all()

    def beat(self) -> None:
        progress = {pk: view.progress for pk, view in self.views.items() if view.progress[1]}
        ours = LabRun.objects.renew(self.token, progress)
        for pk, view in self.views.items():
            if pk not in ours:
                view.stop("lost")
            elif ours[pk]:
                view.stop("cancelled")
        presence.seen()
