"""Batched answers of a member: greedy or sampled, with a forced number of thinking tokens."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import LlamaForCausalLM

from pebble.tasks.base import BOS, CONTROLS, END, Problem, Task
from pebble.tasks.chains import ANSWER

AT_ONCE = 500  # prompts of one length in one batch


@dataclass(frozen=True, slots=True)
class Way:
    """How to answer. Temperature 0 takes the likeliest token."""

    think: int | None = None  # thinking tokens before the answer; None: the task has none
    temperature: float = 0.0
    seed: int = 0


class Answerer:
    """Asks one model problems of one task, in one way."""

    def __init__(self, model: LlamaForCausalLM, task: Task, way: Way) -> None:
        self.model, self.task, self.way = model.train(mode=False), task, way
        self.dice = torch.Generator().manual_seed(way.seed)

    def texts(self, problems: Sequence[Problem]) -> list[str]:
        """Answer every problem. Greedy answers do not depend on the other rows."""
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, problem in enumerate(problems):
            by_length[len(problem.prompt.split())].append(place)
        found: dict[int, str] = {}
        for places in by_length.values():
            for start in range(0, len(places), AT_ONCE):
                chosen = places[start : start + AT_ONCE]
                prompts = [self.ids(problems[place]) for place in chosen]
                found.update(zip(chosen, self._answer(torch.tensor(prompts)), strict=True))
        return [found[place] for place in range(len(problems))]

    def ids(self, problem: Problem) -> list[int]:
        return self.task.encode([BOS, *problem.prompt.split()])

    @torch.no_grad()
    def _answer(self, ids: Tensor) -> list[str]:
        """Continue prompts of one length, (B, T), to their answers."""
        if self.way.think is not None:
            ids = self._thought(ids, self.way.think)
        before, end = ids.shape[1], self.task.vocabulary[END]
        for _ in range(self.task.answer_tokens):
            ids = longer(ids, self._pick(ids, []))
            if bool((ids[:, before:] == end).any(dim=1).all()):
                break
        words = list(self.task.vocabulary)
        return [" ".join(words[i] for i in row) for row in ids[:, before:].tolist()]

    def _thought(self, ids: Tensor, tokens: int) -> Tensor:
        """Think exactly so many tokens; neither the end nor a control token may come before."""
        closed = self.task.encode([*CONTROLS, ANSWER])
        for _ in range(tokens):
            ids = longer(ids, self._pick(ids, closed))
        return longer(ids, torch.full((len(ids),), self.task.vocabulary[ANSWER]))

    def _pick(self, ids: Tensor, closed: list[int]) -> Tensor:
        here = ids.to(self.model.device)
        given = self.model(input_ids=here, use_cache=False, logits_to_keep=1)
        # Drawn on the CPU, so that a seed gives the same draws beside any device.
        logits: Tensor = given.logits[:, -1].float().cpu()
        logits[:, closed] = -torch.inf  # (B, vocab)
        if self.way.temperature == 0:
            return logits.argmax(-1)
        shares = (logits / self.way.temperature).softmax(-1)
        return torch.multinomial(shares, 1, generator=self.dice)[:, 0]


def longer(ids: Tensor, token: Tensor) -> Tensor:
    return torch.cat([ids, token[:, None]], dim=1)  # (B, T + 1)
