"""The grader of token-surgeon: distances in tokens and agreement of cuts."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from labs.contract import Check, Guess, Verdict
from labs.exercises.token_surgeon.parts import (
    ASCII,
    ASKED,
    LABELS,
    Answers,
    Given,
    Hidden,
    String,
    SurgeonParams,
    SurgeonResult,
)
from labs.scoring import interval_points

COUNT_ERROR, CUTS_F1, CUTS_RIGHT, MULTIBYTE_ERROR = 1.0, 0.8, 5, 0.25
# A bare number is an interval without width and pays ten times the distance, so that a count
# that is off by six tokens is worth nothing.
COUNT_SCALE = 60.0


def grade(params: SurgeonParams, result: SurgeonResult) -> Verdict:
    given, answers, truth = params.given, params.answers, result.hidden
    error = round(count_error(given, answers, truth.counts), 6)
    right = cuts_right(given, answers, truth.cuts)
    worst = round(multibyte_error(given, answers, truth.counts), 6)
    checks = (
        Check(
            id="count",
            title="Mean count error over the six ASCII strings",
            passed=error <= COUNT_ERROR,
            measured=error,
            target=COUNT_ERROR,
            relation="at most",
            unit="tokens",
            hint="Does this vocabulary ever join two digits? "
            "What does it put in front of the text?",
            misconception="fundamentals:four-chars",
        ),
        Check(
            id="cuts",
            title="ASCII strings whose cuts agree (F1 of 0.8 or more)",
            passed=right >= CUTS_RIGHT,
            measured=right,
            target=CUTS_RIGHT,
            unit="of 6",
            hint="Compare the strip with and without the leading space.",
            misconception="fundamentals:token-is-word",
        ),
        Check(
            id="multibyte",
            title="Larger count error of the Hindi sentence and the emoji",
            passed=worst <= MULTIBYTE_ERROR,
            measured=100 * worst,
            target=100 * MULTIBYTE_ERROR,
            relation="at most",
            unit="%",
            hint="Count bytes first: Devanagari letters are 3 bytes each in UTF-8, most emoji 4; "
            "how many merges did this vocabulary learn for them?",
            misconception="fundamentals:counts-transfer",
        ),
    )
    return Verdict(checks, guesses=tuple(guesses(params, truth)))


def count_error(given: Given, answers: Answers, truth: Sequence[int]) -> float:
    """Mean distance over the ASCII strings, in tokens; an answer left out counts as 0."""
    asked = zip(given.second[:ASCII], truth, strict=False)
    return sum(abs(answers.counts.get(a.id, 0) - n) for a, n in asked) / ASCII


def multibyte_error(given: Given, answers: Answers, truth: Sequence[int]) -> float:
    """The larger relative distance of the two strings that are not ASCII; 1 is as much again."""
    asked = zip(given.second[ASCII:], truth[ASCII:], strict=True)
    return max(abs(answers.counts.get(a.id, 0) - n) / n for a, n in asked)


def cuts_right(given: Given, answers: Answers, truth: Sequence[Sequence[int]]) -> int:
    asked = zip(given.second[:ASCII], truth, strict=True)
    return sum(round(f1(answers.cuts.get(a.id, []), cut), 6) >= CUTS_F1 for a, cut in asked)


def f1(found: Sequence[int], wanted: Sequence[int]) -> float:
    """Agreement of two sets of offsets, 0 to 1; two empty sets agree."""
    both, total = len(set(found) & set(wanted)), len(set(found)) + len(set(wanted))
    return 2 * both / total if total else 1.0


def guesses(params: SurgeonParams, truth: Hidden) -> list[Guess]:
    rows = []
    for string in params.given.first:
        rows += [count_guess(params, truth, string, slug) for slug in ASKED]
        if string.id in truth.first_cuts:
            rows.append(cuts_guess(params, truth, string))
    return rows


def count_guess(params: SurgeonParams, truth: Hidden, string: String, slug: str) -> Guess:
    pair = params.prediction.counts.get(string.id)
    said = getattr(pair, slug) if pair else 0
    n = getattr(truth.first_counts[string.id], slug)
    return Guess(
        label=f"{LABELS[string.family]}, tokens in {slug}",
        predicted=f"{said}",
        measured=f"{n}",
        points=interval_points(said, said, truth=n, scale=COUNT_SCALE),
    )


def cuts_guess(params: SurgeonParams, truth: Hidden, string: String) -> Guess:
    said = sorted(set(params.prediction.cuts.get(string.id, [])))
    found = truth.first_cuts[string.id]
    return Guess(
        label=f"{LABELS[string.family]}, cuts in tekken",
        predicted=marked(string.text, said),
        measured=marked(string.text, found),
        points=f1(said, found),
    )


def marked(text: str, borders: Sequence[int]) -> str:
    """The text of an ASCII string with its cuts: `st·raw·berry`."""
    ends = [0, *[border for border in borders if border < len(text)], len(text)]
    return "·".join(text[start:end] for start, end in pairwise(ends)).replace(" ", "␣")


def grade_transfer(answers: Mapping[str, Any], given: Any, key: Any) -> tuple[Check, ...]:
    right = {"hindi": "tekken", "digits": "tekken", "noun": key["cheaper"]}
    titles = {
        "hindi": "The cheaper vocabulary for a Hindi text",
        "digits": "The cheaper vocabulary for an eight-digit number",
        "noun": f"The cheaper vocabulary for “{given['noun']}” at the start",
    }
    return tuple(
        Check(
            id=name,
            title=titles[name],
            passed=answers.get(name) == slug,
            measured=float(answers.get(name) == slug),
            target=1.0,
            relation="exactly",
            hint="Compare both strips of a string of this kind in the runs above.",
            misconception="fundamentals:bigger-vocabulary",
        )
        for name, slug in right.items()
    )
