"""Asks axe whether a page can be used by everyone."""

from functools import cache
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

SERIOUS = ("serious", "critical")
RUN = "() => axe.run(document, {resultTypes: ['violations']})"


@cache
def source() -> str:
    return Path(AXE_FILE_PATH).read_text(encoding="utf-8")


def serious_findings(page: Page) -> list[str]:
    """What axe calls serious or critical, with the first place of each."""
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(source())
    found: dict[str, Any] = page.evaluate(RUN)
    return [
        f"{v['id']}: {v['help']} ({len(v['nodes'])}) {v['nodes'][0]['html'][:200]}"
        for v in found["violations"]
        if v["impact"] in SERIOUS
    ]
