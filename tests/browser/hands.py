"""How a person works a page: with a mouse, or with the keyboard alone."""

from playwright.sync_api import Locator, Page

MOST_TABS, MOST_ARROWS = 400, 20
IN_FOCUS = "e => e === document.activeElement"
IN_GROUP = """e => e === document.activeElement || (
    e.type === "radio" && document.activeElement.type === "radio"
    && document.activeElement.name === e.name
)"""
SHOWS_FOCUS = """() => [document.activeElement, document.activeElement.closest("label")].some(
    shown => shown && getComputedStyle(shown).outlineStyle !== "none"
)"""


class Mouse:
    """Clicks and types."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        target.click()

    def choose(self, target: Locator) -> None:
        target.check(force=True)

    def type(self, target: Locator, text: str) -> None:
        target.fill(text)

    def pick(self, target: Locator, place: int) -> None:
        """Choose the nth option of a select."""
        target.select_option(index=place)


class Keyboard(Mouse):
    """Tab, Enter, Space, arrows and letters. Nothing else is touched."""

    def press(self, target: Locator) -> None:
        self.walk_to(target)
        self.page.keyboard.press("Enter")

    def choose(self, target: Locator) -> None:
        """Tick a box; of radio buttons Tab reaches one, and arrows choose another."""
        self.walk_to(target, IN_GROUP)
        if target.evaluate(IN_FOCUS):
            self.page.keyboard.press("Space")
        for _ in range(MOST_ARROWS):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"{target} cannot be chosen by arrows")

    def type(self, target: Locator, text: str) -> None:
        self.walk_to(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pick(self, target: Locator, place: int) -> None:
        self.walk_to(target)
        self.page.keyboard.press("Home")
        for _ in range(place):
            self.page.keyboard.press("ArrowDown")

    def walk_to(self, target: Locator, is_there: str = IN_FOCUS) -> None:
        """Skip to the content of a new page and press Tab until the control has the focus.

        The focus must be seen there.
        """
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate(is_there):
                assert self.page.evaluate(SHOWS_FOCUS), f"the focus cannot be seen on {target}"
                return
            self.page.keyboard.press("Tab")
            if self.page.evaluate("document.activeElement.matches('.skip')"):
                self.page.keyboard.press("Enter")
        raise AssertionError(f"{target} cannot be reached by Tab")
