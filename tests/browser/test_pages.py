"""Every page that a learner or staff can reach: no complaint, no sideways scroll, not too heavy."""

import gzip
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, Response, Route, StorageState, expect

from tests.browser.axe import serious_findings
from tests.browser.conftest import Complaints, Open, Site
from tests.browser.hands import Mouse
from tests.browser.journey import Journey

HEAVIEST_PAGE = 60_000  # bytes of HTML, before compression
HEAVIEST_FILES = 80_000  # bytes of style sheets and scripts of one page, compressed
NARROWEST = 320
SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
PUBLIC = (
    "/",
    "/about/privacy/",
    "/about/accessibility/",
    "/about/licences/",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/0-x/",
    "/accounts/password/reset/key/done/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/unknown/",
    "/accounts/inactive/",
    "/join/no-such-invite/",
    "/no-such-page/",
)
ERRORS = {"/join/no-such-invite/": 404, "/no-such-page/": 404, "/runs/999999/": 404, "/admin/": 403}
NEWCOMER = (
    "/trail/",
    "/steps/fundamentals/",
    "/quizzes/step-quiz/",
    "/labs/token-surgeon/",
    "/labs/bill-shock/",
    "/labs/bill-shock/runs/all/",
    "/progress/",
)
LEARNER = (
    "/trail/",
    "/steps/fundamentals/",
    "/steps/prompt-context/",
    "/lessons/next-token-machine/",
    "/lessons/what-the-model-sees/",
    "/lessons/inside-the-block/",
    "/progress/",
    "/settings/",
    "/labs/token-surgeon/",
    "/labs/token-surgeon/runs/all/",
    "/labs/bill-shock/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/2fa/totp/activate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/sessions/",
    "/accounts/reauthenticate/",
    "/accounts/logout/",
    "/runs/999999/",
    "/admin/",
)


@dataclass
class Cast:
    """Who looks, and at which pages. A person is the cookies of a browser."""

    pages: dict[str, tuple[str, ...]]
    cookies: dict[str, StorageState]


@pytest.fixture(scope="module")
def cast(browser: Browser, site: Site) -> Cast:
    """A visitor, a newcomer, and a learner with a graded lab, half a quiz, a run in each state."""
    learner = browser.new_page(base_url=site.address)
    journey = Journey(learner, Mouse(learner), strict=False)
    email = journey.sign_up()
    journey.explore_tokens()
    journey.run_a_lab()
    quiz = journey.quiz_path()
    learner.goto(quiz)
    journey.press("Start")
    attempt = learner.url.removeprefix(site.address).partition("/items/")[0]
    journey.answer_item(1)
    items = (quiz, f"{attempt}/", f"{attempt}/items/1/", f"{attempt}/items/2/")
    newcomer = browser.new_page(base_url=site.address)
    Journey(newcomer, Mouse(newcomer), strict=False).sign_up()
    cookies = {
        "visitor": StorageState(cookies=[], origins=[]),
        "newcomer": newcomer.context.storage_state(),
        "learner": learner.context.storage_state(),
    }
    pages = {"visitor": PUBLIC, "newcomer": NEWCOMER}
    pages["learner"] = (*LEARNER, *items, *run_pages(site, email))
    for page in (learner, newcomer):
        page.context.close()
    return Cast(pages, cookies)


def run_pages(site: Site, email: str) -> list[str]:
    """Pages of runs in every state; those that take a machine's fault are written as rows."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.browser.rows", email],
        cwd=site.folder,
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[str] = json.loads(made.stdout.splitlines()[-1])
    return found


@dataclass
class Watch:
    """One page of a browser, and everything that was wrong with what it showed."""

    page: Page
    complaints: Complaints
    sizes: dict[str, int] = field(default_factory=dict)  # address of a file → bytes, compressed
    seen: list[str] = field(default_factory=list)  # files of the page that is open
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.complaints.watch(self.page)
        self.page.on("response", self.keep)

    def keep(self, response: Response) -> None:
        if response.request.resource_type in ("stylesheet", "script"):
            self.seen.append(response.url)
            if response.url not in self.sizes:
                self.sizes[response.url] = len(gzip.compress(response.body()))

    def visit(self, path: str) -> None:
        self.seen.clear()
        answer = self.page.goto(path, wait_until="load")
        assert answer
        if answer.status != ERRORS.get(path, 200):
            self.wrong.append(f"{path}: status {answer.status}")
        self.hold(path, len(answer.body()), HEAVIEST_PAGE, "bytes of HTML")
        files = sum(self.sizes[address] for address in set(self.seen))
        self.hold(path, files, HEAVIEST_FILES, "bytes of style sheets and scripts")
        kept = "Object.values(sessionStorage).filter(text => text.includes('<')).length"
        self.hold(path, self.page.evaluate(kept), 0, "pages kept in the browser")

    def look(self, path: str, width: int) -> None:
        self.page.set_viewport_size({"width": width, "height": 900})
        for finding in serious_findings(self.page):
            self.wrong.append(f"{path} at {width} px: {finding}")

    def squeeze(self, path: str) -> None:
        self.page.set_viewport_size({"width": NARROWEST, "height": 900})
        self.hold(path, self.page.evaluate(SIDEWAYS), 1, "px to scroll sideways")

    def hold(self, path: str, found: int, most: int, words: str) -> None:
        """Note what is more than it may be."""
        if found > most:
            self.wrong.append(f"{path}: {found} {words}")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("who", ["visitor", "newcomer", "learner"])
def test_every_page_can_be_used_by_everyone(
    browser: Browser, site: Site, cast: Cast, who: str, theme: Literal["light", "dark"]
) -> None:
    page = browser.new_page(
        base_url=site.address,
        color_scheme=theme,
        reduced_motion="reduce",
        storage_state=cast.cookies[who],
    )
    watch = Watch(page, Complaints(site.address))
    for path in cast.pages[who]:
        watch.visit(path)
        for width in (1280, 360):
            watch.look(path, width)
        watch.squeeze(path)
    page.context.close()
    assert "\n".join(watch.wrong + watch.complaints.found) == ""


def test_pages_of_staff_break_no_rule(browser: Browser, site: Site) -> None:
    page = browser.new_page(base_url=site.address)
    complaints = Complaints(site.address)
    complaints.watch(page)
    accounts = (site.folder / ".run" / "demo-accounts.txt").read_text().splitlines()
    email, password = next(line.split() for line in accounts if line.startswith("admin@"))
    page.goto("/accounts/login/?next=/admin/")
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/admin/")
    links = page.locator("a[href^='/admin/']").evaluate_all("all => all.map(a => a.pathname)")
    lists = sorted({link for link in links if link.count("/") == 4})
    assert len(lists) >= 5
    for path in lists:
        page.goto(path)
    page.context.close()
    assert complaints.found == []


def test_the_browser_obeys_the_switches_of_htmx(open_page: Open) -> None:
    page = open_page()
    Journey(page, Mouse(page), strict=False).sign_up()
    page.wait_for_load_state("load")
    asked = json.loads(page.locator("meta[name=htmx-config]").get_attribute("content") or "{}")
    assert len(asked) == 9
    assert {name: page.evaluate(f"htmx.config.{name}") for name in asked} == asked


class Line:
    """A line to the server on which answers about a run go wrong, each in its own way."""

    def __init__(self) -> None:
        self.faults = ["204", "500", "lost"]

    def answer(self, route: Route) -> None:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "lost":
            route.abort("connectionfailed")
        elif fault:
            route.fulfill(status=int(fault), body="")
        else:
            route.continue_()


def test_a_poll_outlives_every_fault_and_leaves_the_focus_alone(
    browser: Browser, site: Site
) -> None:
    page = browser.new_page(base_url=site.address, reduced_motion="reduce")
    journey = Journey(page, Mouse(page), strict=False)
    journey.sign_up()
    journey.explore_tokens()
    line = Line()
    page.route("**/status/**", line.answer)
    journey.press("Explore")
    expect(page.locator(".run-status")).to_contain_text("Waiting")
    text = page.locator("input[name$=second_text]")
    text.fill("typed while the run waits")
    expect(page.locator("#offline")).to_be_visible()
    journey.see("Explored")
    assert line.faults == []
    expect(page.locator("#offline")).to_be_hidden()
    expect(text).to_be_focused()
    expect(text).to_have_value("typed while the run waits")
    page.context.close()


def test_tokens_are_walked_by_arrows_and_lit_in_every_strip(browser: Browser, site: Site) -> None:
    page = browser.new_page(base_url=site.address, reduced_motion="reduce")
    complaints = Complaints(site.address)
    complaints.watch(page)
    journey = Journey(page, Mouse(page), strict=False)
    journey.sign_up()
    journey.explore_tokens()
    mine = page.locator("token-columns section").last
    strips = mine.locator("ol")
    strips.first.locator("button").first.focus()
    page.keyboard.press("ArrowRight")
    second = strips.first.locator("button").nth(1)
    expect(second).to_be_focused()
    expect(second).to_have_attribute(
        "aria-label", re.compile(r"Token 2 of \d+: space Mond, id \d+")
    )
    expect(strips.last.locator("li[data-lit]")).to_have_text(["␣Mond"])
    page.locator("input[value=bytes]").check()
    shown = strips.first.locator("li").first.evaluate("e => getComputedStyle(e, '::after').content")
    assert shown == '"44 65 72"'
    page.context.close()
    assert complaints.found == []
