"""manage.py worker_alive: has a worker on this host given a sign of life? For health checks."""

import socket
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models.functions import Now

from labs.models import Worker

SILENT = timedelta(seconds=30)  # a worker writes a sign of life every 4 s


class Command(BaseCommand):
    help = "Exit code 0 if a worker on this host wrote a sign of life in the last 30 s."

    def handle(self, *args: Any, **options: Any) -> None:
        here = Worker.objects.filter(name__startswith=f"{socket.gethostname()}:")
        if not here.filter(last_seen__gte=Now() - SILENT).exists():
            raise CommandError(f"no worker on this host has been seen for {SILENT.seconds} s")
