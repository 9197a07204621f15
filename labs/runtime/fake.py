"""A language model of ten words: instant and exact, for tests and for demos of the machinery."""

import re
from collections.abc import Sequence
from itertools import repeat

import numpy as np
import numpy.typing as npt

from labs.runtime import Generated, Prompt, Sampling
from labs.runtime.drawing import ArrayLogits, Row, draw_next
from labs.runtime.sampling import Knobs
from labs.runtime.tokens import TokenRuntime

# Id 0 stands for every word that is not in the list; id 1 ends the text.
WORDS = (" ?", "", " the", " a", " lamp", " door", " is", " was", " warm", " open")
STOP = 1
# Logits of the next word (columns) after each word (rows), in nats; rows need not sum to one.
TABLE = np.array(
    [
        [-9.0, 0.0, 3.0, 2.0, 0.5, 0.5, 1.0, 1.0, 0.0, 0.0],
        [-9.0, 4.0, 2.0, 2.0, -2.0, -2.0, -2.0, -2.0, -2.0, -2.0],
        [-9.0, -4.0, -3.0, -3.0, 3.0, 2.5, -2.0, -2.0, 1.0, 1.0],
        [-9.0, -4.0, -3.0, -3.0, 2.5, 3.0, -2.0, -2.0, 1.5, 0.5],
        [-9.0, 1.0, -2.0, -2.0, -3.0, -3.0, 3.0, 2.0, -1.0, -2.0],
        [-9.0, 1.0, -2.0, -2.0, -3.0, -3.0, 2.0, 3.0, -2.0, -1.0],
        [-9.0, -2.0, 1.0, 1.0, -2.0, -2.0, -4.0, -4.0, 3.0, 2.0],
        [-9.0, -2.0, 1.0, 1.0, -2.0, -2.0, -4.0, -4.0, 2.0, 3.0],
        [-9.0, 3.0, -1.0, -1.0, 2.0, 1.0, -1.0, -1.0, -3.0, -3.0],
        [-9.0, 3.0, -1.0, -1.0, 1.0, 2.0, -1.0, -1.0, -3.0, -3.0],
    ],
    dtype=np.float32,
)  # (word, next word)


class FakeRuntime(TokenRuntime):
    """Real vocabularies, and a model whose next word depends on the last word alone."""

    def next_logits(self, role: str, prompts: Sequence[Prompt]) -> npt.NDArray[np.float32]:
        rows = [TABLE[words(prompt)[-1]] for prompt in prompts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(WORDS))  # (B, vocab)

    def score(
        self, role: str, prompts: Sequence[Prompt], continuations: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        return tuple(map(score_row, prompts, continuations))

    def generate(
        self,
        role: str,
        prompts: Sequence[Prompt],
        *,
        sampling: Sampling | Sequence[Sampling],
        max_new: int,
        row_seeds: Sequence[int],
    ) -> tuple[Generated, ...]:
        settings = [sampling] * len(prompts) if isinstance(sampling, Sampling) else sampling
        return tuple(map(generate_row, prompts, settings, repeat(max_new), row_seeds))


def words(text: Prompt) -> list[int]:
    """The ids of a text; an empty text is one unknown word, so that something comes last."""
    if not isinstance(text, str):
        return list(text) or [0]
    found = [" " + word.lower() for word in re.findall(r"\S+", text)]
    return [WORDS.index(word) if word in WORDS else 0 for word in found] or [0]


def score_row(prompt: Prompt, continuation: str) -> tuple[float, ...]:
    before = words(prompt)[-1]
    scores = []
    for word in words(continuation) if continuation.strip() else []:
        scores.append(float(log_softmax(TABLE[before].astype(np.float64))[word]))
        before = word
    return tuple(scores)


def spelt(ids: Sequence[int]) -> str:
    return "".join(WORDS[word] for word in ids)


def generate_row(prompt: Prompt, sampling: Sampling, max_new: int, seed: int) -> Generated:
    """One row, drawn by the sampler of the real models."""
    row = Row(prompt=tuple(words(prompt)), sampling=sampling, max_new=max_new, seed=seed)
    while len(row.ids) < max_new:
        draw_next(ArrayLogits(TABLE[row.so_far[-1]][None]), [row], Knobs.of([sampling]))
        if row.end({STOP}, spelt):
            break
    return row.generated()


def log_softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shifted = logits - logits.max()  # exp stays finite
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
