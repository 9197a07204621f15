"""Probes answer machines, in plain text and without a session."""

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("path", ["/health/live", "/health/live/", "/health/ready"])
def test_a_healthy_site_answers_in_plain_text(client: Client, path: str) -> None:
    response = client.get(path)

    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/plain")
    assert "OK" in response.text
    assert not response.cookies


def test_a_site_with_pending_migrations_is_alive_but_not_ready(client: Client) -> None:
    recorder = MigrationRecorder(connection)
    [latest] = MigrationLoader(connection).graph.leaf_nodes("labs")
    recorder.record_unapplied(*latest)
    try:
        ready, live = client.get("/health/ready/"), client.get("/health/live/")
    finally:
        recorder.record_applied(*latest)

    assert ready.status_code == 503
    assert "migrations pending" in ready.text
    assert live.status_code == 200


def test_security_reports_have_an_address(client: Client) -> None:
    response = client.get("/.well-known/security.txt")

    assert response.text.startswith("Contact: mailto:")
