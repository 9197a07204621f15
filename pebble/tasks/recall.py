"""Recall: a list of keys and values, then a question. A key has two symbols.

Text: `C f 7 A k 2 B f 0 ? A k` and then `2`. Keys of a list are all different, but may share one
symbol with the key asked for (a near miss). Training lists hold 1 to 12 pairs.
"""

from collections.abc import Mapping
from random import Random

from pebble.tasks.base import BOS, END, Document, Problem, Split, Task, fits

FIRST = tuple("ABCDEFGHIJKL")
SECOND = tuple("abcdefghijkl")
VALUES = tuple(str(value) for value in range(12))
ASK = "?"
TRAINED, ACCEPTED = 12, 40  # pairs
QUESTIONS = 3  # per training list, at most
SAME_LENGTH = 64  # consecutive training documents of one length, so a batch needs no padding
NEAR_MISSES = 0.3  # share of training lists in which one symbol is crowded, 0 to 1
EASY_DOCUMENTS, EASY_PAIRS = 32_000, 4  # the first lists are short

Pair = tuple[str, str, str]


class Recall(Task):
    name = "recall"

    @property
    def symbols(self) -> tuple[str, ...]:
        return (*FIRST, *SECOND, *VALUES, ASK)

    def document(self, number: int) -> Document:
        """Make one list and ask for up to three of its keys."""
        longest = EASY_PAIRS if number < EASY_DOCUMENTS else TRAINED
        length = self.dice("length", number // SAME_LENGTH).randint(1, longest)
        dice = self.dice("train", number)
        near = dice.randint(1, 6) if dice.random() < NEAR_MISSES else 0
        pairs = draw("train", dice, {"pairs": length, "near": near, "symbol": dice.randint(1, 2)})
        words = [BOS, *(symbol for pair in pairs for symbol in pair)]
        weights = [0.0] * len(words)
        dice.shuffle(pairs)
        for first, second, value in pairs[:QUESTIONS]:
            words += [ASK, first, second, value]
            weights += [0.0, 0.0, 0.0, 1.0]
        return Document(self.encode([*words, END]), [*weights, 0.1])

    def problem(self, split: Split, number: int, knobs: Mapping[str, int]) -> Problem:
        """Ask for one key. Knobs: pairs; near and symbol (near misses); position, from 0."""
        dice = self.dice(split, number, *sorted(knobs.items()))
        pairs = draw(split, dice, knobs)
        first, second, value = pairs[0]
        dice.shuffle(pairs)
        if "position" in knobs:
            pairs.remove((first, second, value))
            pairs.insert(knobs["position"], (first, second, value))
        flat = [symbol for pair in pairs for symbol in pair]
        return Problem(" ".join([*flat, ASK, first, second]), value)


def draw(split: Split, dice: Random, knobs: Mapping[str, int]) -> list[Pair]:
    """Draw a list whose first pair is the one to ask for. Held out by its set of pairs."""
    while True:
        keys = _keys(dice, knobs["pairs"], knobs.get("near", 0), knobs.get("symbol", 1))
        pairs = [(first, second, dice.choice(VALUES)) for first, second in keys]
        if fits(str(sorted(pairs)), split):
            return pairs


def _keys(dice: Random, length: int, near: int, symbol: int) -> list[tuple[str, str]]:
    first, second = dice.choice(FIRST), dice.choice(SECOND)
    if symbol == 1:
        close = [(first, other) for other in SECOND if other != second]
    else:
        close = [(other, second) for other in FIRST if other != first]
    keys = [(first, second), *dice.sample(close, min(near, length - 1))]
    while len(keys) < length:
        key = (dice.choice(FIRST), dice.choice(SECOND))
        if key not in keys:
            keys.append(key)
    return keys
