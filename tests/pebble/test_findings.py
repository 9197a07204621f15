"""Findings on made-up curves whose answer is plain."""

from pebble.abilities import LISTS
from pebble.findings import effective_window, fall, noisy_regime, twin_gap


def curve(edge: int, after: float) -> dict[str, float]:
    return {f"pairs{n}": 1.0 if n <= edge else after for n in LISTS}


def test_the_window_ends_where_recall_drops() -> None:
    assert effective_window(curve(12, 0.5)) == 12
    assert effective_window(curve(0, 0.5)) == 0


def test_a_gentle_fall_is_a_miss() -> None:
    assert fall(curve(12, 0.89)).met
    assert not fall(curve(12, 0.89) | {"pairs12": 0.95}).met


def test_a_noisy_regime_needs_both_doubt_and_a_safe_vote() -> None:
    rows = {f"t{t}-votes{v}": 1.0 for t in (1.0, 1.5, 1.75, 2.0) for v in (1, 9)}
    assert not noisy_regime(rows).met
    assert noisy_regime(rows | {"t2.0-votes1": 0.6}).met
    assert not noisy_regime(rows | {"t2.0-votes1": 0.6, "t2.0-votes9": 0.92}).met


def test_the_leaky_twin_must_be_a_little_weaker() -> None:
    assert twin_gap({"digits3": 0.66}, {"digits3": 0.74}).met
    assert not twin_gap({"digits3": 0.72}, {"digits3": 0.74}).met
    assert not twin_gap({"digits3": 0.55}, {"digits3": 0.74}).met
