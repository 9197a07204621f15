"""The interval of a share."""

import pytest

from pebble.statistics import wilson


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    # Source: Newcombe (1998), table I, score method without continuity correction.
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611)],
)
def test_wilson_agrees_with_published_values(k: int, n: int, low: float, high: float) -> None:
    assert wilson(k, n) == pytest.approx((low, high), abs=1e-4)
