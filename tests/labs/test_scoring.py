import pytest

from labs.contract import Check, Guess, Verdict
from labs.scoring import (
    check_share,
    confidence_points,
    confidence_score,
    interval_points,
    order_points,
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
    ("confidence", "right", "points"),
    [(0.5, True, 0.5), (0.5, False, 0.5), (0.9, True, 0.98), (0.9, False, -0.62)],
)
def test_confidence_pays_when_right_and_costs_when_wrong(
    confidence: float, points: float, *, right: bool
) -> None:
    assert confidence_points(confidence, right=right) == pytest.approx(points)


def test_honest_confidence_pays_best() -> None:
    def expected(said: float, *, true: float = 0.8) -> float:
        return true * confidence_points(said, right=True) + (1 - true) * confidence_points(
            said, right=False
        )

    said = [0.5, 0.6, 0.7, 0.8, 0.9, 0.99]

    assert max(said, key=expected) == 0.8


def test_bad_guesses_cannot_push_the_whole_below_zero() -> None:
    assert confidence_score([-0.9, -0.9]) == 0
    assert confidence_score([0.5, 1.0]) == 0.75
    assert confidence_score([]) == 0


@pytest.mark.parametrize(
    ("low", "high", "points"),
    [(5, 5, 1.0), (4, 6, 0.8), (5, 10, 0.5), (6, 7, 0.0), (5.1, 5.1, 0.9), (0, 100, 0.0)],
)
def test_an_interval_pays_for_being_narrow_and_right(
    low: float, high: float, points: float
) -> None:
    assert interval_points(low, high, truth=5, scale=10) == pytest.approx(points)


def test_an_order_pays_by_pairs() -> None:
    assert order_points("abc", "abc") == 1
    assert order_points("cba", "abc") == 0
    assert order_points("bac", "abc") == pytest.approx(2 / 3)
