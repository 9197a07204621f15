"""The interval every measured share carries."""

from math import sqrt

Z = 1.959964  # 95 %, two-sided


def wilson(k: int, n: int) -> tuple[float, float]:
    """Give the 95 % interval of a share k / n, 0 to 1. Source: Wilson (1927), score interval."""
    share = k / n
    centre = (share + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z * sqrt(share * (1 - share) / n + Z**2 / (4 * n**2)) / (1 + Z**2 / n)
    return max(0.0, centre - half), min(1.0, centre + half)
