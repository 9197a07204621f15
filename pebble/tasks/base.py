"""What every task has: symbols, documents to learn from, problems to be asked, a checker."""

import hashlib
import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

PAD, BOS, END, UNKNOWN = "<|pad|>", "<|bos|>", "<|end|>", "<|unk|>"
CONTROLS = (PAD, BOS, END, UNKNOWN)  # their ids are 0, 1, 2 and 3 in every task
HELD_OUT = 0.10  # share of all problems that training never sees, 0 to 1

Split = Literal["train", "test"]


@dataclass(frozen=True, slots=True)
class Document:
    """Something to learn from. `weights[i]` says how much a wrong guess of `ids[i]` costs."""

    ids: list[int]
    weights: list[float]  # 0 to 1, as long as ids


@dataclass(frozen=True, slots=True)
class Problem:
    prompt: str
    answer: str


class Task(ABC):
    """A kind of text with exact answers. (split, number) always gives the same document."""

    name: ClassVar[str]
    answer_tokens: ClassVar[int] = 1  # longest answer, with its end mark where it has one
    version: ClassVar[int] = 1  # part of the seed, so a changed generator makes other text

    @property
    @abstractmethod
    def symbols(self) -> tuple[str, ...]:
        """All words of the task, without the control tokens."""

    @abstractmethod
    def document(self, number: int) -> Document:
        """Make training document `number`; it holds nothing that is held out."""

    @abstractmethod
    def problem(self, split: Split, number: int, knobs: Mapping[str, int]) -> Problem:
        """Make problem `number` of a split; knobs set its difficulty."""

    def check(self, problem: Problem, text: str) -> bool:
        """Say whether the text begins with the answer, and goes on with nothing else."""
        return text.split(END, maxsplit=1)[0].split() == problem.answer.split()

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        return {word: number for number, word in enumerate(CONTROLS + self.symbols)}

    def encode(self, words: Iterable[str]) -> list[int]:
        return [self.vocabulary[word] for word in words]

    def dice(self, *place: object) -> random.Random:
        """Make a generator that depends on the task, its version and the place, on nothing else."""
        return random.Random(digest(self.name, self.version, *place))


def digest(*parts: object) -> int:
    text = ":".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big")


def is_held_out(content: str) -> bool:
    """Decide by the content alone, so that no order of making things can leak a test problem."""
    return digest("held out", content) % 1000 < 1000 * HELD_OUT


def fits(content: str, split: Split) -> bool:
    return is_held_out(content) == (split == "test")


def corpus_hash(task: Task) -> str:
    """Fingerprint 1,000 documents, early and late ones; a test pins it, and a card names it."""
    hasher = hashlib.sha256()
    for number in (*range(500), *range(100_000, 100_500)):
        document = task.document(number)
        hasher.update(repr((document.ids, document.weights)).encode())
    return hasher.hexdigest()
