"""One person on their way through the site: sign-up, lesson, quiz, labs, and back again."""

import re
from dataclasses import dataclass
from itertools import count

from playwright.sync_api import Page, expect

from tests.browser.axe import serious_findings
from tests.browser.hands import Mouse

PASSWORD = "a stone upon a stone"
NUMBERS = count(1)
CONTROLS = {"format": "csv", "booleans": "default"}
WAIT_MS = 30_000


@dataclass
class Journey:
    """One person on the way."""

    page: Page
    hands: Mouse
    script: bool = True
    strict: bool = True  # ask axe on the way, and look for sideways scroll

    def look(self) -> None:
        """What must hold on every page: no sideways scroll, nothing axe calls serious."""
        if not self.strict:
            return
        wide = self.page.evaluate(
            "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 1, f"{self.page.url} scrolls sideways by {wide} px"
        if self.script:
            assert serious_findings(self.page) == [], self.page.url

    def press(self, name: str) -> None:
        main = self.page.locator("main")
        target = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name))
        self.hands.press(target.first)

    def sign_up(self, address: str = "") -> str:
        address = address or f"traveller{next(NUMBERS)}@example.org"
        self.page.goto("/")
        self.look()
        self.press("Start the trail")
        expect(self.page).to_have_url(re.compile("/accounts/signup/"))
        self.look()
        self.hands.type(self.page.locator("input[name=email]"), address)
        self.hands.type(self.page.locator("input[name=password1]"), PASSWORD)
        self.hands.press(self.page.locator("main form button[type=submit]").first)
        expect(self.page).to_have_url(re.compile("/trail/"))
        self.look()
        return address

    def read_a_lesson(self) -> None:
        self.page.goto("/lessons/next-token-machine/")
        self.look()
        check = self.page.locator("section[id^=check-]").first
        for field in check.locator("input[type=radio], input[type=text], input[type=number]").all():
            if field.get_attribute("type") == "radio":
                self.hands.choose(field)
                break
            self.hands.type(field, "1")
        self.hands.press(check.get_by_role("button", name="Check"))
        expect(self.page.locator("[id$=-feedback]").first).to_be_visible()
        self.press("Mark as read")
        expect(self.page.get_by_role("heading", name="Read", exact=True)).to_be_visible()
        self.look()

    def take_the_quiz(self) -> None:
        self.page.goto(self.quiz_path())
        self.look()
        self.press("Start")
        for number in range(1, 13):
            self.answer_item(number)
            self.press("Continue")
        self.press("Finish and see the score")
        expect(self.page.locator("#attempt-result h1")).to_contain_text("%")
        self.look()

    def answer_item(self, number: int) -> None:
        expect(self.page.locator("main")).to_contain_text(f"{number} of 12")
        if number in (1, 5):
            self.look()
        self.answer()
        self.press("Check")
        expect(self.page.locator("#a-feedback")).to_be_visible()

    def quiz_path(self) -> str:
        self.page.goto("/steps/fundamentals/")
        self.look()
        path = self.page.locator("main a[href^='/quizzes/']").first.get_attribute("href")
        assert path
        return path

    def answer(self) -> None:
        """Some answer of the right kind. Right or wrong does not matter here."""
        form = self.page.locator("form[data-main]")
        single = form.locator("input[name=choice]")
        several = form.locator("input[name=choices], input[name=tokens]")
        if single.count():
            self.hands.choose(single.first)
        if several.count():
            self.hands.choose(several.first)
        for place, select in enumerate(form.locator("select").all(), start=1):
            options = select.locator("option").count() - 1
            self.hands.pick(select, min(place, options))
        for field in form.locator("input[type=text], input[type=number], textarea").all():
            self.hands.type(field, "1")
        sure = form.locator("input[name=confidence]")
        if sure.count():
            self.hands.choose(sure.first)

    def run_a_lab(self) -> None:
        self.page.goto("/labs/bill-shock/")
        self.look()
        bounds = ["2100", "2300", "1400", "1600", "850", "950"]
        fields = self.page.locator("form[action$='/predictions/'] input[type=number]").all()
        for field, text in zip(fields, bounds, strict=True):
            self.hands.type(field, text)
        self.press("Lock the prediction")
        expect(self.page.locator("main")).to_contain_text("Locked on")
        self.set_controls()
        self.press("Explore")
        self.see("Explored")
        self.look()
        if not self.script:
            self.page.goto("/labs/bill-shock/")
            self.set_controls()
        self.press("Submit for a grade")
        self.see("Graded")
        expect(self.page.locator("main")).to_contain_text("Passed")
        self.look()

    def set_controls(self) -> None:
        for name, value in CONTROLS.items():
            select = self.page.locator(f"select[name$='{name}']")
            if select.count():
                values = select.locator("option").evaluate_all("all => all.map(o => o.value)")
                self.hands.pick(select, values.index(value))
            else:
                self.hands.choose(self.page.locator(f"input[name$='{name}'][value={value}]"))

    def see(self, word: str) -> None:
        """Wait for the state of the run. Without script the page renews itself."""
        expect(self.page.locator(".run-status").first).to_contain_text(word, timeout=WAIT_MS)

    def explore_tokens(self) -> None:
        """A prediction and one explore run of the other lab."""
        self.page.goto("/labs/token-surgeon/")
        form = self.page.locator("form[action$='/predictions/']")
        for field in form.locator("input[type=number]").all():
            self.hands.type(field, "5")
        self.press("Lock the prediction")
        expect(self.page.locator("main")).to_contain_text("Locked on")
        self.hands.type(self.page.locator("input[name$=first_text]"), "Der Mond geht auf 🌙")
        self.press("Explore")
        self.see("Explored")

    def find_it_again(self, address: str) -> None:
        self.page.goto("/progress/")
        self.look()
        expect(self.page.locator("main")).to_contain_text("Bill shock")
        self.page.goto("/accounts/logout/")
        self.hands.press(self.page.locator("main form button[type=submit]").first)
        expect(self.page).to_have_url(re.compile(r"/$"))
        self.page.goto("/accounts/login/")
        self.look()
        self.hands.type(self.page.locator("input[name=login]"), address)
        self.hands.type(self.page.locator("input[name=password]"), PASSWORD)
        self.hands.press(self.page.locator("main form button[type=submit]").first)
        expect(self.page).to_have_url(re.compile("/trail/"))
        self.page.goto("/labs/bill-shock/runs/all/")
        self.look()
        expect(self.page.locator("main")).to_contain_text("Graded")
        self.page.goto("/settings/")
        self.look()
