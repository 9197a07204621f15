"""Answers and keys to points, 0 to 1. Pure."""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

Json = Mapping[str, Any]

# Floats meet their tolerance after rounding to this many decimals, so that 0.1 + 0.2 is 0.3.
DECIMALS = 9


def credit(kind: str, content: Json, key: Json, payload: Json, variant: Json) -> float:
    """The share of a question's points that an answer earns.

    - single: all or nothing.
    - multiple, mark: (right picked - wrong picked) / right, never below 0. A random half of the
      options earns less than half a point on average.
    - numeric: all within the tolerance, else nothing.
    - order: the share of neighbours that follow each other as in the right order. A random order
      of n items earns 1/n on average, and one item in the wrong place does not cost everything.
    - match, cloze: the share of pairs, or blanks, that are right.
    - predict: all or nothing, letter for letter but for trailing spaces.
    """
    return SCORERS[kind](content, key, payload, variant)


def attempt_score(points_and_credits: Iterable[tuple[float, float]]) -> float:
    """The points-weighted mean of the credits; 0 where there are no points to win."""
    pairs = list(points_and_credits)
    total = sum(points for points, _ in pairs)
    won = sum(points * share for points, share in pairs)
    return min(1.0, won / total) if total else 0.0


def best_of_last(scores: Sequence[float], n: int) -> float:
    """The best of the last n scores, oldest first; 0 before the first."""
    return max(scores[-n:], default=0.0)


def passes(score: float, pass_mark: float) -> bool:
    return round(score, DECIMALS) >= pass_mark


def same_number(value: float, wanted: float, tolerance: float = 0) -> bool:
    return round(abs(value - wanted), DECIMALS) <= round(tolerance, DECIMALS)


def numeric_answer(key: Json, variant: Json) -> float:
    return float(variant["answer"] if key.get("seeded") else key["answer"])


def trap_number(value: float | str, variant: Json) -> float:
    """A trap is a number, or the name of one that the question's generator computed."""
    return float(variant["traps"][value] if isinstance(value, str) else value)


def caught_by(kind: str, key: Json, payload: Json, variant: Json) -> int | None:
    """Which of the author's traps the answer fell into, as its place in the list."""
    for index, trap in enumerate(key.get("traps", [])):
        if kind == "numeric" and same_number(
            payload["value"], trap_number(trap["value"], variant), key.get("tolerance", 0)
        ):
            return index
        if kind == "predict" and output(payload["text"]) == output(trap["value"]):
            return index
    return None


def word(text: str) -> str:
    """A blank's answer, so that case, accents' encoding and outer spaces do not matter."""
    return unicodedata.normalize("NFC", text).strip().casefold()


def output(text: str) -> str:
    """A predicted output: line ends and trailing spaces do not matter, all else does."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).rstrip()


def single(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    return float(payload["choice"] in key["right"])


def multiple(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    return right_less_wrong(payload["choices"], key["right"])


def mark(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    return right_less_wrong(payload["tokens"], key["accept"])


def right_less_wrong(picked: Collection[object], right: Collection[object]) -> float:
    hits = len(set(picked) & set(right))
    return max(0.0, (2 * hits - len(set(picked))) / len(set(right)))


def numeric(_content: Json, key: Json, payload: Json, variant: Json) -> float:
    wanted = numeric_answer(key, variant)
    return float(same_number(payload["value"], wanted, key.get("tolerance", 0)))


def order(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    wanted, given = key["order"], payload["order"]
    if len(wanted) < 2:
        return float(wanted == given)
    neighbours = set(pairwise(given))
    kept = sum(pair in neighbours for pair in pairwise(wanted))
    return float(kept / (len(wanted) - 1))


def match(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    pairs, given = key["pairs"], payload["pairs"]
    kept = [bool(given.get(left) == right) for left, right in pairs.items()]
    return sum(kept) / len(kept)


def cloze(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    blanks, given = key["blanks"], payload["blanks"]
    right = [word(given.get(name, "")) in map(word, accept) for name, accept in blanks.items()]
    return sum(right) / len(right)


def predict(_content: Json, key: Json, payload: Json, _variant: Json) -> float:
    return float(output(payload["text"]) in map(output, key["accept"]))


SCORERS: Mapping[str, Callable[[Json, Json, Json, Json], float]] = {
    "single": single,
    "multiple": multiple,
    "numeric": numeric,
    "order": order,
    "match": match,
    "cloze": cloze,
    "predict": predict,
    "mark": mark,
}
