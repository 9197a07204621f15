"""Draws the two sets of token-surgeon from what was measured, so that no misconception is near."""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from labs.contract import Calibration, Mutant, Reference
from labs.exercises.token_surgeon.grading import (
    COUNT_ERROR,
    CUTS_RIGHT,
    MULTIBYTE_ERROR,
    count_error,
    cuts_right,
    multibyte_error,
)
from labs.exercises.token_surgeon.parts import ASCII, ASKED, Answers, Asked, Given, Key, String
from labs.exercises.token_surgeon.pools import FAMILIES, NOUNS
from labs.runtime import Runtime
from labs.runtime.strips import column_of

CLEAR = 2.0  # a mutant misses by at least twice the tolerance
ALIKE = 0.2  # tokens per byte of the new non-ASCII strings, relative to the shown ones
DRAWS = 50


def calibrate(runtime: Runtime) -> dict[str, Any]:
    """Counts of every string of the pools, and cuts of the ASCII ones."""
    texts = [text for pool in FAMILIES.values() for text in pool]
    return {slug: {text: measured(runtime, slug, text) for text in texts} for slug in ASKED}


def measured(runtime: Runtime, slug: str, text: str) -> dict[str, Any]:
    column = column_of(runtime, slug, text)
    return {"n": column.n, "cuts": column.cuts} if text.isascii() else {"n": column.n}


def instance(seed: int, cal: Calibration) -> tuple[Given, Key]:
    """Draw both sets until no mutant is near and the new non-ASCII strings resemble the old.

    Raises:
        LookupError: the calibration is missing, or the pools have become too small.
    """
    if not cal:
        raise LookupError("token-surgeon has no calibration. Publish the pack that ships it.")
    rng = np.random.default_rng(seed)
    first = tuple(
        String(id=f"s{place}", family=family, text=pick(rng, pool))
        for place, (family, pool) in enumerate(FAMILIES.items(), start=1)
    )
    nouns = [noun for noun in NOUNS if noun != first[0].text.strip() and is_uneven(cal, noun)]
    noun = pick(rng, nouns)
    cheaper = min(ASKED, key=lambda slug: count(cal, slug, noun))
    for _ in range(DRAWS):
        second = tuple(draw_asked(rng, shown, cal) for shown in first)
        given = Given(first=first, second=second, noun=noun)
        key = Key(
            counts=tuple(count(cal, asked.vocabulary, asked.text) for asked in second),
            cuts=tuple(tuple(cuts(cal, asked.vocabulary, asked.text)) for asked in second[:ASCII]),
            cheaper=cheaper,
        )
        if all(is_clear(mutant, given, key) for mutant in mutants(given, key, cal)):
            return given, key
    raise LookupError(f"No clear set in {DRAWS} draws from seed {seed}: the pools are too small.")


def is_uneven(cal: Calibration, text: str) -> bool:
    return len({count(cal, slug, text) for slug in ASKED}) > 1


def pick(rng: np.random.Generator, pool: Sequence[str]) -> str:
    return pool[int(rng.integers(len(pool)))]


def draw_asked(rng: np.random.Generator, shown: String, cal: Calibration) -> Asked:
    vocabulary: Literal["tekken", "spm32k"] = "tekken" if rng.random() < 1 / 2 else "spm32k"
    rate = per_byte(cal, vocabulary, shown.text)
    pool = [
        text
        for text in FAMILIES[shown.family]
        if text.strip() != shown.text.strip()
        and (text.isascii() or abs(per_byte(cal, vocabulary, text) / rate - 1) <= ALIKE)
    ]
    return Asked(
        id=shown.id.replace("s", "t"),
        family=shown.family,
        text=pick(rng, pool),
        vocabulary=vocabulary,
    )


def per_byte(cal: Calibration, slug: str, text: str) -> float:
    return count(cal, slug, text) / len(text.encode())


def count(cal: Calibration, slug: str, text: str) -> int:
    return int(cal[slug][text]["n"])


def cuts(cal: Calibration, slug: str, text: str) -> list[int]:
    return list(cal[slug][text]["cuts"])


def is_clear(mutant: Mutant, given: Given, key: Key) -> bool:
    answers = Answers.model_validate(mutant.answers)
    if mutant.check == "count":
        return count_error(given, answers, key.counts) >= CLEAR * COUNT_ERROR
    if mutant.check == "multibyte":
        return multibyte_error(given, answers, key.counts) >= CLEAR * MULTIBYTE_ERROR
    return cuts_right(given, answers, key.cuts) < CUTS_RIGHT


def reference(given: Given, key: Key, cal: Calibration) -> Reference:
    counts = {s.id: {slug: count(cal, slug, s.text) for slug in ASKED} for s in given.first}
    marks = {s.id: cuts(cal, "tekken", s.text) for s in given.first[:ASCII]}
    return Reference(
        prediction={"counts": counts, "cuts": marks},
        answers=right_answers(given, key),
        transfer={"hindi": "tekken", "digits": "tekken", "noun": key.cheaper},
    )


def right_answers(given: Given, key: Key) -> dict[str, Any]:
    return {
        "counts": {asked.id: n for asked, n in zip(given.second, key.counts, strict=True)},
        "cuts": {a.id: list(cut) for a, cut in zip(given.second[:ASCII], key.cuts, strict=True)},
    }


def mutants(given: Given, key: Key, cal: Calibration) -> list[Mutant]:
    """Five per instance: of the two about Hindi, the one that fits the vocabulary asked."""
    ascii_set, hindi, emoji = given.second[:ASCII], given.second[ASCII], given.second[ASCII + 1]
    quarter = {asked.id: -(-len(asked.text) // 4) for asked in ascii_set}
    per_word = {asked.id: len(asked.text.split()) for asked in ascii_set}
    threes = {a.id: by_threes(a.text) for a in ascii_set if a.family in ("digits", "date")}
    wrong: list[tuple[str, str, str, str, dict[str, Any]]] = [
        ("four characters per token", "count", "four-chars", "counts", quarter),
        ("one token per word", "count", "token-is-word", "counts", per_word),
        ("digits in groups of three", "cuts", "counts-transfer", "cuts", threes),
        ("one token per visible emoji", "multibyte", "visible-is-all", "counts", {emoji.id: 1}),
        about_hindi(hindi, cal),
    ]
    return [
        Mutant(
            name=name,
            check=check,
            misconception=f"fundamentals:{misconception}",
            answers=changed(right_answers(given, key), part, values),
        )
        for name, check, misconception, part, values in wrong
    ]


def about_hindi(hindi: Asked, cal: Calibration) -> tuple[str, str, str, str, dict[str, Any]]:
    """One token per character is nearly right in `spm32k`, so there the other one is planted."""
    if hindi.vocabulary == "tekken":
        name, misconception = "one token per Hindi character", "reads-letters"
        wrong = len(hindi.text)
    else:
        name, misconception = "the tekken count for spm32k", "counts-transfer"
        wrong = count(cal, "tekken", hindi.text)
    return name, "multibyte", misconception, "counts", {hindi.id: wrong}


def changed(answers: dict[str, Any], part: str, values: dict[str, Any]) -> dict[str, Any]:
    return {**answers, part: {**answers[part], **values}}


def by_threes(text: str) -> list[int]:
    """Cuts of a vocabulary that joins up to three digits, from the left of each run."""
    borders, run = [], 0
    for place, char in enumerate(text):
        if place and not (char.isdigit() and 0 < run < 3):
            borders.append(place)
            run = 0
        run = run + 1 if char.isdigit() else 0
    return borders
