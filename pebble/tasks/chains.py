"""Chains: a start state and 2 to 8 operations; one thinking token per operation.

Text: `3 a d f b . . . . <think> 1 4 0 2 </think> 2`. Five states, six operations, eight slots
(a dot is an empty slot). Every thinking budget from 0 to N occurs; more than N never does.
"""

from collections.abc import Mapping

from pebble.tasks.base import BOS, END, Document, Problem, Split, Task, fits

STATES = ("0", "1", "2", "3", "4")
# Operation -> where each state goes. Permutations that do not commute, so order matters.
OPERATIONS = {
    "a": (1, 2, 3, 4, 0),
    "b": (1, 0, 2, 3, 4),
    "c": (0, 3, 4, 1, 2),
    "d": (4, 2, 1, 0, 3),
    "e": (2, 4, 0, 1, 3),
    "f": (3, 0, 1, 4, 2),
}
EMPTY, THINK, ANSWER = ".", "<think>", "</think>"
SHORTEST, LONGEST = 2, 8  # operations
FULL_BUDGET = 0.6  # share of documents that think to the end, 0 to 1


class Chains(Task):
    name = "chains"

    @property
    def symbols(self) -> tuple[str, ...]:
        return (*STATES, *OPERATIONS, EMPTY, THINK, ANSWER)

    def document(self, number: int) -> Document:
        dice = self.dice("budget", number)
        start, chain = self._draw("train", number, dice.randint(SHORTEST, LONGEST))
        full = dice.random() < FULL_BUDGET
        budget = len(chain) if full else dice.randrange(len(chain))
        trace = states(start, chain)
        thoughts = trace[:budget]
        prompt = [BOS, *prompt_words(start, chain)]
        words = [*prompt, *thoughts, ANSWER, trace[-1], END]
        # The prompt is random, so nothing can be learnt from guessing it.
        weights = [0.0] * len(prompt) + [1.0] * budget + [0.3, 1.0, 0.3]
        return Document(self.encode(words), weights)

    def problem(self, split: Split, number: int, knobs: Mapping[str, int]) -> Problem:
        start, chain = self._draw(split, number, knobs["operations"])
        return Problem(" ".join(prompt_words(start, chain)), states(start, chain)[-1])

    def _draw(self, split: Split, number: int, length: int) -> tuple[str, str]:
        dice = self.dice(split, number, length)
        while True:
            start = dice.choice(STATES)
            chain = "".join(dice.choices("abcdef", k=length))
            if fits(f"{start} {chain}", split):
                return start, chain


def prompt_words(start: str, chain: str) -> list[str]:
    return [start, *chain.ljust(LONGEST, EMPTY), THINK]


def states(start: str, chain: str) -> list[str]:
    """Give the state after each operation."""
    state, seen = int(start), []
    for operation in chain:
        state = OPERATIONS[operation][state]
        seen.append(STATES[state])
    return seen
