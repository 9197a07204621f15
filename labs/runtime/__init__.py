"""What a lab may ask of tokenizers and language models.

An exercise sees the `Runtime` protocol and nothing else, so it runs the same on a GPU
worker, on a laptop and in a test. Pure Python and NumPy: no Django, no torch.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

import numpy as np
import numpy.typing as npt

# Which knob acts first. transformers: temperature, top-k, top-p, min-p. vllm: temperature, min-p,
# top-k, top-p. llamacpp: top-k, top-p, min-p, and temperature last.
Order = Literal["transformers", "vllm", "llamacpp"]
LARGEST_BIAS = 1000  # nats; enough to force or forbid a token, and float32 stays finite


class ContextTooLong(Exception):
    """A prompt has more tokens than the model can read."""


class NoModelError(Exception):
    """No installed model plays the role that was asked for."""


class NoRoom(Exception):
    """A row does not fit into the memory of the device, even alone."""


class Stopped(Exception):
    """The run was cancelled or reached its time limit, and must not ask for another token."""


@dataclass(frozen=True)
class Encoding:
    """A text as one vocabulary sees it. All sequences have one entry per token."""

    ids: tuple[int, ...]
    spans: tuple[tuple[int, int], ...]  # UTF-8 byte offsets [start, end) into the text
    pieces: tuple[bytes, ...]  # the bytes each token stands for; b"" for an added marker

    def __len__(self) -> int:
        return len(self.ids)


class Tokenizer(Protocol):
    """One vocabulary. Typed control-token text stays text."""

    slug: str
    sha256: str  # of the file it was read from; empty for `bytes` and `chars`
    size: int  # ids in the vocabulary

    def encode(self, text: str) -> Encoding: ...
    def decode(self, ids: Sequence[int]) -> str: ...


@dataclass(frozen=True, kw_only=True)
class Sampling:
    """How the next token is drawn from the logits. Neutral by default: plain sampling."""

    temperature: float = 1.0  # 0 means argmax
    top_k: int = 0  # 0 means off
    top_p: float = 1.0
    min_p: float = 0.0
    repetition_penalty: float = 1.0  # on every id of the prompt and of what was generated
    logit_bias: dict[int, float] = field(default_factory=dict)  # nats, by id
    order: Order = "transformers"
    stop: tuple[str, ...] = ()  # texts that end a row; the text is cut before them
    records: int | None = None  # alternatives noted with each token; None notes nothing

    def __post_init__(self) -> None:
        limits = {
            "temperature": (self.temperature, 0, 100),
            "top_k": (self.top_k, 0, math.inf),
            "top_p": (self.top_p, 0, 1),
            "min_p": (self.min_p, 0, 1),
            "repetition_penalty": (self.repetition_penalty, 0.01, 100),
            "records": (self.records or 0, 0, 100),
        }
        for name, (value, low, high) in limits.items():
            if not low <= value <= high:  # NaN is in no range
                raise ValueError(f"{name} is {value}; it goes from {low} to {high}.")
        if self.order not in get_args(Order):
            raise ValueError(f"order is {self.order!r}; there are {', '.join(get_args(Order))}.")
        if not all(abs(bias) <= LARGEST_BIAS for bias in self.logit_bias.values()):
            raise ValueError(f"A logit bias goes from -{LARGEST_BIAS} to {LARGEST_BIAS} nats.")


@dataclass(frozen=True, kw_only=True)
class Record:
    """What the model thought of one token, before every knob."""

    id: int
    probability: float  # 0 to 1
    rank: int  # 0 is the favourite
    entropy: float  # bits, of the whole distribution
    top: tuple[tuple[int, float], ...]  # the likeliest ids with their probabilities


@dataclass(frozen=True, kw_only=True)
class Generated:
    """One generated row."""

    ids: tuple[int, ...]
    text: str
    finish: Literal["stop", "length"]
    log_probabilities: tuple[float, ...]  # nats, of the chosen tokens
    records: tuple[Record, ...] = ()  # one per token, where the sampling asks for them
    prompt_tokens: int = 0


Prompt = str | tuple[int, ...]  # a text, or ids that a tokenizer of the model made


class Runtime(Protocol):
    """One run's view of the worker's models: its seed, its deadline, its cancel flag."""

    def tokenizer(self, slug: str) -> Tokenizer:
        """A shipped vocabulary: `tekken`, `spm32k`, `bytes` or `chars`."""
        ...

    def cancelled(self) -> bool:
        """Whether to stop. Ask between blocks of at most one second of work."""
        ...

    def report(self, done: int, total: int) -> None:
        """Tell the learner how far the run has come. Cheap; written by the next heartbeat."""
        ...

    def next_logits(self, role: str, prompts: Sequence[Prompt]) -> npt.NDArray[np.float32]:
        """Score every token of the vocabulary as the one that comes next.

        Args:
            role: What the model must be able to do, such as "story". The operator's
                model file says which model plays it.
            prompts: B texts, each 1 to `context_size` tokens once tokenized.

        Returns:
            Unnormalised log-probabilities (nats), float32, shape (B, vocab), on the CPU.
            A row does not depend on the other rows, up to rounding (about 1e-6).

        Raises:
            NoModelError: no model plays the role.
            ContextTooLong: a prompt is longer than the model can read.
            Stopped: the run was cancelled or is out of time.
        """
        ...

    def score(
        self, role: str, prompts: Sequence[Prompt], continuations: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        """Log-probabilities (nats) of each token of each continuation; B rows."""
        ...

    def generate(
        self,
        role: str,
        prompts: Sequence[Prompt],
        *,
        sampling: Sampling | Sequence[Sampling],
        max_new: int,
        row_seeds: Sequence[int],
    ) -> tuple[Generated, ...]:
        """Continue B prompts. A row depends on its own prompt, settings and seed alone.

        Args:
            role: See `next_logits`.
            prompts: B of them.
            sampling: For all rows, or one for each.
            max_new: Tokens that a row may get at most.
            row_seeds: One per row, 0 or more.

        Raises:
            NoModelError: no model plays the role.
            ContextTooLong: a prompt and `max_new` tokens are more than the model can read.
            NoRoom: a row does not fit into the memory of the device.
            Stopped: the run was cancelled or is out of time; noticed at the next token.
        """
        ...


class SharedRuntime(Runtime, Protocol):
    """The runtime of a process, which the runs of many learners share."""

    def for_run(self, halted: Callable[[], bool]) -> Runtime:
        """The same for one run: its calls end with `Stopped` once `halted` says so."""
        ...
