"""Draws the pictures of the docs from a running site: `make screenshots`."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser import chromium
from tests.browser.conftest import ROOT, Site, copy_project
from tests.browser.hands import Mouse
from tests.browser.journey import Journey

TARGET = ROOT / "docs" / "img"
WAYS = ((1280, "day"), (390, "night"), (1280, "night"), (390, "day"))
USUAL = WAYS[:2]  # the repository holds few pictures: two of each page, four of the first look
IN_ALL_WAYS = ("trail", "token-surgeon")
HEIGHT = 900
ANSWERED = 6  # of the twelve questions
PAGES = {
    "trail": "/trail/",
    "step": "/steps/fundamentals/",
    "lesson": "/lessons/what-the-model-sees/",
    "token-surgeon": "/labs/token-surgeon/",
    "bill-shock": "/labs/bill-shock/",
    "progress": "/progress/",
}
# What a picture begins with, where the top of the page is not what it is about.
PLACES = {"token-surgeon": "#result", "bill-shock": "#result"}


@contextmanager
def running_site() -> Iterator[Site]:
    with tempfile.TemporaryDirectory() as folder:
        copy_project(Path(folder))
        site = Site(Path(folder))
        site.start()
        try:
            yield site
        finally:
            site.stop()


def learn(page: Page) -> str:
    """One graded lab, one explored lab, half a quiz. Returns the address of an answered item."""
    journey = Journey(page, Mouse(page), strict=False)
    journey.sign_up("mira@example.org")
    journey.read_a_lesson()
    journey.explore_tokens()
    journey.run_a_lab()
    page.goto(journey.quiz_path())
    journey.press("Start")
    for number in range(1, ANSWERED):
        journey.answer_item(number)
        journey.press("Continue")
    journey.answer_item(ANSWERED)
    return page.url


def draw(browser: Browser, site: Site, state: Path | None, pages: dict[str, str]) -> None:
    for width, theme in WAYS:
        context = browser.new_context(
            base_url=site.address,
            viewport={"width": width, "height": HEIGHT},
            color_scheme="dark" if theme == "night" else "light",
            storage_state=state,
            reduced_motion="reduce",
        )
        page = context.new_page()
        for name, path in pages.items():
            if name not in IN_ALL_WAYS and (width, theme) not in USUAL:
                continue
            page.goto(path, wait_until="networkidle")
            if name in PLACES:
                page.locator(PLACES[name]).first.evaluate("e => e.scrollIntoView()")
            page.screenshot(path=TARGET / f"{name}-{width}-{theme}.png")
        context.close()


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    path = chromium.find()
    with running_site() as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=chromium.flags())
        context = browser.new_context(base_url=site.address)
        item = learn(context.new_page())
        state = site.folder / "state.json"
        context.storage_state(path=state)
        draw(browser, site, None, {"landing": "/"})
        draw(browser, site, state, PAGES | {"quiz": item})
        browser.close()
    size = sum(picture.stat().st_size for picture in TARGET.glob("*.png"))
    print(f"{len(list(TARGET.glob('*.png')))} pictures in {TARGET}, {size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
