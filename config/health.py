"""Probes for whoever runs the site: is the process up, and can it answer a learner?"""

import dataclasses
from typing import Any

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpResponse
from health_check.base import HealthCheck
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView


@dataclasses.dataclass
class Migrations(HealthCheck):  # type: ignore[misc]  # the library has no types
    """Every migration of this version is applied."""

    def run(self) -> None:
        with connection.temporary_connection():
            executor = MigrationExecutor(connection)
            pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if pending:
            raise ServiceUnavailable(f"{len(pending)} migrations pending: run manage.py migrate")


class Probe(HealthCheckView):  # type: ignore[misc]  # the library has no types
    """Plain text without session or template; 503 when a check fails."""

    async def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        request.GET = request.GET.copy()
        request.GET["format"] = "text"
        response: HttpResponse = await super().get(request, *args, **kwargs)
        return response

    def render_to_response_text(self, status: int) -> HttpResponse:
        response: HttpResponse = super().render_to_response_text(503 if status == 500 else 200)
        if not response.content.strip():
            response.content = b"OK\n"
        return response


health_live = Probe.as_view(checks=())
health_ready = Probe.as_view(checks=("health_check.checks.Database", Migrations))
