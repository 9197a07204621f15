"""Keys that stand in an address never reach the log."""

import pytest
from django.test import Client

from config.logs import hide_keys

PATHS = {
    "/join/{}/": 404,
    "/join/{}/accept/": 405,
    "/accounts/confirm-email/{}/": 200,
    "/accounts/password/reset/key/3-{}/": 200,
}


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "status"), PATHS.items())
def test_a_key_in_an_address_is_not_logged(
    caplog: pytest.LogCaptureFixture, path: str, status: int
) -> None:
    canary = "canary-7Qx9-canary"
    with caplog.at_level("INFO"):
        assert Client().get(path.format(canary)).status_code == status
    lines = [record.msg for record in caplog.records if isinstance(record.msg, dict)]
    assert any("…" in str(line) for line in lines)
    assert canary not in str(lines)


def test_the_rest_of_a_line_is_kept() -> None:
    line = {"event": "Not Found: /join/abc/", "code": 404, "request": "GET /steps/join/"}
    assert hide_keys(None, "", line) == {
        "event": "Not Found: /join/…/",
        "code": 404,
        "request": "GET /steps/join/",
    }
