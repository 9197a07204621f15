"""What tests of the lab pages share: addresses, forms and a way to read an answer."""

import re
from typing import Any
from uuid import uuid4

import pytest

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/labs/rehearsal/"}
LAB = "/labs/rehearsal/"
SIGNED_IN = 2  # queries for the session and the person
ALIVE = pytest.mark.usefixtures("worker")


def html(response: Any) -> str:
    """The answer on one line, however its template is laid out."""
    return re.sub(r"\s+", " ", response.content.decode())


def run_post(purpose: str = "explore", **changes: Any) -> dict[str, Any]:
    post = {"purpose": purpose, "idem_key": str(uuid4()), "controls-steps": "2"}
    return post | {name.replace("__", "-"): value for name, value in changes.items()}


def part_ids(response: Any) -> list[str]:
    """Ids of the elements that find their own places."""
    return re.findall(r'id="([a-z-]+-\d+)"[^>]*?\shx-swap-oob=', html(response))
