"""How a person works a page: with a mouse, or with the keyboard alone."""

from playwright.sync_api import Locator, Page

MOST_TABS = 400


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
        self.walk_to(target)
        self.page.keyboard.press("Space")

    def type(self, target: Locator, text: str) -> None:
        self.walk_to(target)
        self.page.keyboard.press("ControlOrMeta+a")
        self.page.keyboard.type(text)

    def pick(self, target: Locator, place: int) -> None:
        self.walk_to(target)
        self.page.keyboard.press("Home")
        for _ in range(place):
            self.page.keyboard.press("ArrowDown")

    def walk_to(self, target: Locator) -> None:
        """Press Tab until the control has the focus, and see that the focus can be seen."""
        target.wait_for()
        for _ in range(MOST_TABS):
            if target.evaluate("e => e === document.activeElement"):
                outline = target.evaluate("e => getComputedStyle(e).outlineStyle")
                assert outline != "none", f"the focus cannot be seen on {target}"
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"{target} cannot be reached by Tab")
