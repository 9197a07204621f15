"""Prediction, checks and transfer to one score. Pure. All points are 0 to 1."""

from collections.abc import Sequence

from labs.contract import Check, Guess, Verdict

PREDICTION, CHECKS, TRANSFER = 0.15, 0.65, 0.20


def run_score(verdict: Verdict, *, has_transfer: bool) -> float:
    """What a run is worth before its transfer question is answered.

    A part that an exercise does not have leaves its share to the checks, so that every
    exercise can reach 1.
    """
    transfer = TRANSFER if has_transfer else 0.0
    prediction = PREDICTION if verdict.guesses else 0.0
    checks = 1.0 - prediction - transfer
    score = prediction * guess_share(verdict.guesses) + checks * check_share(verdict.checks)
    return round(score, 6)


def score_with_transfer(score: float, transfer: float) -> float:
    """The score of a try whose transfer question was answered."""
    return round(min(1.0, score + TRANSFER * transfer), 6)


def check_share(checks: Sequence[Check]) -> float:
    """Weight of the passed checks ÷ weight of all; 1 where nothing was asked."""
    total = sum(check.weight for check in checks)
    return sum(check.weight for check in checks if check.passed) / total if total else 1.0


def guess_share(guesses: Sequence[Guess]) -> float:
    """Mean points of the predictions, each 0 to 1."""
    points = [min(1.0, max(0.0, guess.points)) for guess in guesses]
    return sum(points) / len(points) if points else 0.0


def interval_points(low: float, high: float, *, truth: float, scale: float) -> float:
    """Points of an 80 % interval: narrow is good, missing costs ten times the distance.

    Source: Gneiting and Raftery (2007), interval score; 10 = 2 / (1 - 0.8).
    """
    outside = max(low - truth, 0.0, truth - high)
    loss = (high - low) + 10.0 * outside
    return max(0.0, 1.0 - loss / scale)
