"""What a backend must offer, so that batching and scoring need no torch. Pure."""

from collections.abc import Sequence
from typing import Any, Protocol

from labs.runtime import Tokenizer
from labs.runtime.packing import Pack
from labs.runtime.sampling import Floats, Ints, Logits, Top


class OutOfMemory(Exception):
    """The device has no room for this many rows. Fewer may fit."""


class DeviceLost(BaseException):
    """The device failed and what it computes can no longer be believed. The process must end.

    Not an `Exception`: nobody may go on after it.
    """


class DeviceLogits(Protocol):
    """The logits of B rows, (B, V), wherever the device keeps them."""

    def top(self, temperature: Floats) -> Top:
        """The window of each row, its mass taken at the row's temperature, (B,)."""
        ...

    def rows(self, which: Ints) -> Logits:
        """All logits of n rows, (n, V), on the CPU. Not to be written to."""
        ...

    def log_probabilities(self, ids: Ints) -> Floats:
        """Of one token per row, nats, (B,): the model's own, before any knob."""
        ...


class Rows(Protocol):
    """Rows that are being generated, all ending at the same column."""

    def join(self, prompts: Sequence[Sequence[int]]) -> None:
        """Read new prompts; their rows come after those that are there."""
        ...

    def keep(self, which: Sequence[int]) -> None:
        """Drop every other row and the left margin that nobody uses any more."""
        ...

    def step(self, tokens: Sequence[int]) -> None:
        """Add one token to each row."""
        ...

    def logits(self) -> DeviceLogits:
        """Of the next token of each row."""
        ...


class ModelTokenizer(Tokenizer, Protocol):
    """The vocabulary a model was trained on."""

    def prompt(self, text: str) -> tuple[int, ...]:
        """The ids a model reads: the text and the start mark its tokenizer puts in front."""
        ...


class Model(Protocol):
    """A loaded model. One thread at a time may use it."""

    context: int  # tokens it can read
    stops: frozenset[int]  # ids that end a text
    weight_bytes: int

    @property
    def tokenizer(self) -> ModelTokenizer: ...

    def open(self) -> Rows:
        """An empty batch."""
        ...

    def header(self, ids: Sequence[int]) -> Any:
        """What `score` needs to continue these ids; None for no ids."""
        ...

    def score(self, pack: Pack, header: Any) -> Floats:
        """Log-probability (nats) of each target of the pack, (targets,)."""
        ...
