"""From sign-up to a graded lab and out again, as a person would: every way of working."""

import pytest

from tests.browser.conftest import Open
from tests.browser.hands import Keyboard, Mouse
from tests.browser.journey import Journey


@pytest.mark.parametrize(
    ("width", "dark", "script", "keyboard"),
    [
        pytest.param(1280, False, True, False, id="desk-day-script-mouse"),
        pytest.param(390, True, True, False, id="phone-night-script-mouse"),
        pytest.param(390, False, False, False, id="phone-day-noscript-mouse"),
        pytest.param(1280, True, True, True, id="desk-night-script-keyboard"),
        pytest.param(1280, True, False, True, id="desk-night-noscript-keyboard"),
    ],
)
def test_a_newcomer_learns_and_comes_back(
    open_page: Open, *, width: int, dark: bool, script: bool, keyboard: bool
) -> None:
    page = open_page(width=width, dark=dark, script=script)
    journey = Journey(page, Keyboard(page) if keyboard else Mouse(page), script, strict=width < 400)

    address = journey.sign_up()
    journey.read_a_lesson()
    journey.take_the_quiz()
    journey.run_a_lab()
    journey.find_it_again(address)
