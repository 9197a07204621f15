import pytest

from labs.contract import Check, Guess, Verdict
from labs.scoring import (
    check_share,
    interval_points,
    run_score,
    score_with_transfer,
)


def check(*, passed: bool, weight: float = 1.0, required: bool = True) -> Check:
    return Check(
        id="c",
        title="C",
        passed=passed,
        measured=0,
        target=1,
        weight=weight,
        required=required,
    )


def guess(points: float) -> Guess:
    return Guess(label="g", predicted="1", measured="1", points=points)


RIGHT, WRONG = check(passed=True), check(passed=False)


def test_a_perfect_run_leaves_a_fifth_for_the_transfer() -> None:
    verdict = Verdict(checks=(RIGHT,), guesses=(guess(1),))

    assert run_score(verdict, has_transfer=True) == 0.8
    assert score_with_transfer(0.8, 1) == 1
    assert score_with_transfer(0.8, 0.5) == 0.9


def test_the_prediction_is_worth_fifteen_percent() -> None:
    right = Verdict(checks=(RIGHT,), guesses=(guess(1), guess(0)))
    wrong = Verdict(checks=(RIGHT,), guesses=(guess(0),))

    assert run_score(right, has_transfer=True) == 0.725
    assert run_score(wrong, has_transfer=True) == 0.65


def test_checks_count_by_weight() -> None:
    checks = (check(passed=True, weight=3), WRONG)

    assert check_share(checks) == 0.75


def test_an_exercise_without_a_part_can_still_reach_one() -> None:
    verdict = Verdict(checks=(RIGHT,))

    assert run_score(verdict, has_transfer=False) == 1
    assert run_score(verdict, has_transfer=True) == 0.8


def test_a_prediction_can_never_cause_a_fail() -> None:
    assert Verdict(checks=(RIGHT,), guesses=(guess(0),)).passed


@pytest.mark.parametrize(
    ("low", "high", "points"),
    [(5, 5, 1.0), (4, 6, 0.8), (5, 10, 0.5), (6, 7, 0.0), (5.1, 5.1, 0.9), (0, 100, 0.0)],
)
def test_an_interval_pays_for_being_narrow_and_right(
    low: float, high: float, points: float
) -> None:
    assert interval_points(low, high, truth=5, scale=10) == pytest.approx(points)
