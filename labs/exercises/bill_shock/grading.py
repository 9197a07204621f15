"""The grader of bill-shock: equal after the trip, cheap in both vocabularies, still readable."""

from collections.abc import Mapping
from typing import Any

from labs.contract import Check, Guess, Verdict
from labs.exercises.bill_shock.nested import CHEAPEST_FIRST, FORMATS
from labs.exercises.bill_shock.parts import Bill, BillParams, BillResult
from labs.scoring import interval_points

RATIO, LITERAL = 0.45, 0.95
SCALE = 800.0  # tokens: the width at which an interval is worth nothing
NAMES = {"json2": "JSON with indent 2", "compact": "Compact JSON", "csv": "CSV"}
MISCONCEPTION = "fundamentals:compact-lossless"


def grade(params: BillParams, result: BillResult) -> Verdict:
    bill = result.hidden.bill
    checks = (
        Check(
            id="equal",
            title="Identical after parsing back",
            passed=bill.equal,
            measured=float(bill.equal),
            target=1.0,
            relation="exactly",
            hint=f"First difference: {bill.first_diff}. Which switch removed information?",
            misconception=MISCONCEPTION,
        ),
        ratio_check(bill),
        Check(
            id="readable",
            title="Values that stand in the text as they are",
            passed=bill.literal_share >= LITERAL,
            measured=100 * bill.literal_share,
            target=100 * LITERAL,
            unit="%",
            hint=f"The model would see “{result.shown.sample[:40]}”. It cannot unpack it.",
            misconception=MISCONCEPTION,
        ),
    )
    return Verdict(checks, guesses=guesses(params, result.hidden.predicted))


def ratio_check(bill: Bill) -> Check:
    dearer = max(bill.ratio, key=lambda slug: bill.ratio[slug])
    worst = bill.ratio[dearer]
    return Check(
        id="ratio",
        title="Tokens relative to indented JSON, in the dearer vocabulary",
        passed=worst <= RATIO,
        measured=100 * worst,
        target=100 * RATIO,
        relation="at most",
        unit="%",
        hint=f"{worst:.2f} in {dearer}; the largest remaining cost is {bill.largest[dearer]}.",
        misconception="fundamentals:four-chars",
    )


def guesses(params: BillParams, truth: Mapping[str, int]) -> tuple[Guess, ...]:
    rows = []
    for name, n in truth.items():
        low, high = getattr(params.prediction, name)
        rows.append(
            Guess(
                label=f"{NAMES[name]}, tokens in tekken",
                predicted=f"{low:,.0f} to {high:,.0f}",
                measured=f"{n:,}",
                points=interval_points(low, high, truth=n, scale=SCALE),
            )
        )
    return tuple(rows)


def grade_transfer(answers: Mapping[str, Any], given: Any, key: Any) -> tuple[Check, ...]:
    """One check per pair of formats, so that the share passed is (Kendall's tau + 1) / 2."""
    right = CHEAPEST_FIRST[given["lines"]]
    said = answers.get("order")
    said = said if isinstance(said, list) and sorted(map(str, said)) == sorted(right) else []
    pairs = [(a, b) for place, a in enumerate(right) for b in right[place + 1 :]]
    return tuple(pair_check(said, cheap, dear) for cheap, dear in pairs)


def pair_check(said: list[str], cheap: str, dear: str) -> Check:
    passed = bool(said) and said.index(cheap) < said.index(dear)
    return Check(
        id=f"{cheap}-{dear}",
        title=f"{FORMATS[cheap]} and {FORMATS[dear]} in the right order",
        passed=passed,
        measured=float(passed),
        target=1.0,
        relation="exactly",
        hint="Count what each format writes again for every line: keys, or the order's own fields.",
        misconception="fundamentals:four-chars",
    )
