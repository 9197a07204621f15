"""Error pages stand alone: no database, no user, no script."""

from __future__ import annotations

import pytest
from django.template.loader import render_to_string
from structlog.contextvars import bound_contextvars

PAGES = ("400", "403", "403_csrf", "404", "429", "500")
PARTS = ("400", "403", "404", "429", "500")


@pytest.mark.parametrize("name", PAGES)
def test_an_error_page_needs_nothing(name: str) -> None:
    page = render_to_string(f"{name}.html")

    assert page.count("<h1>") == 1
    assert "<script" not in page
    assert "components.css" not in page


@pytest.mark.parametrize("code", PARTS)
def test_an_error_part_is_one_alert(code: str) -> None:
    part = render_to_string(f"_error_{code}.html").strip()

    assert part.count("error-part") == 1
    assert 'role="alert"' in part
    assert part.startswith("<div")
    assert part.endswith("</div>")


@pytest.mark.parametrize("name", ["500.html", "_error_500.html"])
def test_a_mistake_of_the_site_carries_the_id_of_its_log_line(name: str) -> None:
    with bound_contextvars(request_id="0af7651916cd"):
        assert "0af7651916cd" in render_to_string(name)
    assert "rror id" not in render_to_string(name)
