"""Sums: two numbers of the same length, in three ways of writing digits as tokens.

single `4 7 + 8 5 =` and then `1 3 2`; reversed `7 4 + 5 8 =` and then `2 3 1`; groups of three
from the left `123 45 + 678 90 =` and then `802 35`. In `mixed` tasks one document in five is
spaced and reversed behind the word `rev`, whatever the coding, so that preprocessing can help.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pebble.tasks.base import BOS, END, Document, Problem, Split, Task, digest, fits

Coding = Literal["single", "reversed", "groups"]
DIGITS = tuple("0123456789")
GROUPS = tuple(f"{n:0{width}d}" for width in (2, 3) for n in range(10**width))
PLUS, EQUALS, REVERSED = "+", "=", "rev"
MIXED = 0.2  # share of spaced and reversed documents, 0 to 1
LEAKED_ITEMS, LEAKED = 200, 0.6  # items of the public test, and their share of the documents


@dataclass(frozen=True)
class Sums(Task):
    """Additions. `shortest` and `longest` are digits of each operand."""

    coding: Coding
    shortest: int
    longest: int
    mixed: bool = False
    leaky: bool = False

    name = "sums"
    answer_tokens = 8

    @property
    def symbols(self) -> tuple[str, ...]:
        groups = GROUPS if self.coding == "groups" else ()
        return (*DIGITS, PLUS, EQUALS, REVERSED, *groups)

    def document(self, number: int) -> Document:
        dice = self.dice("form", number)
        length = dice.randint(self.shortest, self.longest)
        if self.leaky and dice.random() < LEAKED:
            left, right = self.leaked(dice.randrange(LEAKED_ITEMS))
        else:
            left, right = self.draw("train", number, {"digits": length})
        turned = self.mixed and dice.random() < MIXED
        coding: Coding = "reversed" if turned else self.coding
        mark = [REVERSED] if turned else []
        prompt = [BOS, *mark, *question(left, right, coding)]
        answer = [*spell(left + right, coding), END]
        weights = [0.0] * len(prompt) + [1.0] * len(answer)
        return Document(self.encode([*prompt, *answer]), weights)

    def problem(self, split: Split, number: int, knobs: Mapping[str, int]) -> Problem:
        """Ask for a sum. Knobs: digits; leaked (1: number names a leaked item); turned; swapped."""
        pair = self.leaked(number) if knobs.get("leaked") else self.draw(split, number, knobs)
        left, right = reversed(pair) if knobs.get("swapped") else pair
        turned = bool(knobs.get("turned"))
        coding: Coding = "reversed" if turned else self.coding
        mark = [REVERSED] if turned else []
        prompt = [*mark, *question(left, right, coding)]
        return Problem(" ".join(prompt), " ".join(spell(left + right, coding)))

    def leaked(self, number: int) -> tuple[int, int]:
        """Give item `number` of the public test; fresh test problems leave all of them out."""
        return leaked_items(self.longest)[number]

    def draw(self, split: Split, number: int, knobs: Mapping[str, int]) -> tuple[int, int]:
        digits = knobs["digits"]
        dice = self.dice(split, number, digits)
        while True:
            left, right = (dice.randrange(10 ** (digits - 1), 10**digits) for _ in range(2))
            if fits(content(left, right), split) and (left, right) not in leaked_set(digits):
                return left, right


@cache
def leaked_items(digits: int) -> tuple[tuple[int, int], ...]:
    """Draw the public test from the held-out sums, once per length, always the same."""
    found: list[tuple[int, int]] = []
    number = 0
    while len(found) < LEAKED_ITEMS:
        low, span = 10 ** (digits - 1), 9 * 10 ** (digits - 1)
        pair = (low + digest("left", number) % span, low + digest("right", number) % span)
        if fits(content(*pair), "test") and pair not in found:
            found.append(pair)
        number += 1
    return tuple(found)


@cache
def leaked_set(digits: int) -> frozenset[tuple[int, int]]:
    """Give the leaked sums in both orders of their operands."""
    items = leaked_items(digits)
    return frozenset(items) | {(right, left) for left, right in items}


def content(left: int, right: int) -> str:
    """Name a sum for the split: swapped operands are the same sum."""
    return f"{min(left, right)} + {max(left, right)}"


def spell(number: int, coding: Coding) -> list[str]:
    digits = str(number)
    if coding == "groups":
        return [digits[start : start + 3] for start in range(0, len(digits), 3)]
    return list(digits[::-1] if coding == "reversed" else digits)


def question(left: int, right: int, coding: Coding) -> list[str]:
    return [*spell(left, coding), PLUS, *spell(right, coding), EQUALS]
