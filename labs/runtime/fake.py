"""A language model of ten words: instant and exact, for tests and for demos of the machinery."""

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from labs.runtime import Generated, Sampling
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

    def next_logits(self, role: str, prompts: Sequence[str]) -> npt.NDArray[np.float32]:
        rows = [TABLE[words(prompt)[-1]] for prompt in prompts]
        return np.array(rows, dtype=np.float32).reshape(len(rows), len(WORDS))  # (B, vocab)

    def score(
        self, role: str, prompts: Sequence[str], continuations: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        return tuple(map(score_row, prompts, continuations))

    def generate(
        self,
        role: str,
        prompts: Sequence[str],
        *,
        sampling: Sampling,
        max_new: int,
        row_seeds: Sequence[int],
    ) -> tuple[Generated, ...]:
        return tuple(
            generate_row(prompt, sampling, max_new, seed)
            for prompt, seed in zip(prompts, row_seeds, strict=True)
        )


def words(text: str) -> list[int]:
    """The ids of a text; an empty text is one unknown word, so that something comes last."""
    found = [" " + word.lower() for word in re.findall(r"\S+", text)]
    return [WORDS.index(word) if word in WORDS else 0 for word in found] or [0]


def score_row(prompt: str, continuation: str) -> tuple[float, ...]:
    before = words(prompt)[-1]
    scores = []
    for word in words(continuation) if continuation.strip() else []:
        scores.append(float(log_softmax(TABLE[before].astype(np.float64))[word]))
        before = word
    return tuple(scores)


def generate_row(prompt: str, sampling: Sampling, max_new: int, seed: int) -> Generated:
    """One row; its log-probabilities are the model's own, before temperature and cuts."""
    draws = np.random.default_rng(seed)
    last = words(prompt)[-1]
    ids: list[int] = []
    log_probabilities: list[float] = []
    finish: Literal["stop", "length"] = "length"
    for _ in range(max_new):
        logits = TABLE[last].astype(np.float64)  # (vocab,)
        chances = probabilities(logits, sampling, seen=ids)
        last = int(draws.choice(len(WORDS), p=chances))
        ids.append(last)
        log_probabilities.append(float(log_softmax(logits)[last]))
        if last == STOP:
            finish = "stop"
            break
    return Generated(
        ids=tuple(ids),
        text="".join(WORDS[word] for word in ids),
        finish=finish,
        log_probabilities=tuple(log_probabilities),
    )


def probabilities(
    logits: npt.NDArray[np.float64], sampling: Sampling, *, seen: Sequence[int]
) -> npt.NDArray[np.float64]:
    """What is drawn from: penalty and bias, then temperature, top-k, top-p, min-p; (vocab,)."""
    logits = logits.copy()
    repeated = sorted(set(seen))
    factor = np.where(logits > 0, 1 / sampling.repetition_penalty, sampling.repetition_penalty)
    logits[repeated] *= factor[repeated]
    for token, bias in sampling.logit_bias.items():
        logits[token] += bias
    if sampling.temperature == 0:
        return np.asarray(np.eye(len(logits))[logits.argmax()])
    chances = np.exp(log_softmax(logits / sampling.temperature))
    order = np.argsort(-chances, kind="stable")
    chances[order[sampling.top_k or len(order) :]] = 0
    mass_before = np.cumsum(chances[order] / chances.sum()) - chances[order] / chances.sum()
    chances[order[mass_before >= sampling.top_p]] = 0
    chances[chances < sampling.min_p * chances.max()] = 0
    return np.asarray(chances / chances.sum())


def log_softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    shifted = logits - logits.max()  # exp stays finite
    return np.asarray(shifted - np.log(np.exp(shifted).sum()))
