"""A target is met by the end of an interval, and every member has rows."""

import pytest

from pebble.abilities import ABILITIES, Target
from pebble.members import MEMBERS


@pytest.mark.parametrize(("low", "met"), [(0.984, False), (0.985, True)])
def test_a_lower_bound_needs_the_lower_end(low: float, *, met: bool) -> None:
    assert Target(low=0.985).met(0.99, (low, 0.999)) is met


@pytest.mark.parametrize(("high", "met"), [(0.35, True), (0.351, False)])
def test_an_upper_bound_needs_the_upper_end(high: float, *, met: bool) -> None:
    assert Target(high=0.35).met(0.3, (0.2, high)) is met


@pytest.mark.parametrize(
    ("share", "met"), [(0.64, False), (0.65, True), (0.80, True), (0.81, False)]
)
def test_a_window_holds_the_share(share: float, *, met: bool) -> None:
    assert Target(0.65, 0.80).met(share, (share - 0.03, share + 0.03)) is met


def test_every_member_has_rows_with_names_of_their_own() -> None:
    assert set(ABILITIES) == set(MEMBERS)
    for rows in ABILITIES.values():
        assert len({row.id for row in rows}) == len(rows)
