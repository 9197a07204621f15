"""The runtime of a worker with models: a role leads to a model, a model to its one thread."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from labs.runtime import (
    ContextTooLong,
    Generated,
    Prompt,
    Runtime,
    Sampling,
    Tokenizer,
)
from labs.runtime.batching import Engine, Halted, no_room
from labs.runtime.catalogue import Catalogue, Entry
from labs.runtime.drawing import Row
from labs.runtime.model import Model, OutOfMemory
from labs.runtime.packing import Group, batches, grouped, packed, shared_header
from labs.runtime.tokens import VOCABULARIES, get_tokenizer

Ids = tuple[int, ...]
GIB = 2**30  # bytes


def never() -> bool:
    return False


class Shelf:
    """Loaded models, the one used last at the end. Shared by all runs of a pool child."""

    def __init__(
        self, catalogue: Catalogue, load: Callable[[Entry], Model], *, room: int = 2 * GIB
    ) -> None:
        self.catalogue, self.load, self.room = catalogue, load, room  # room in bytes of weights
        self.engines: OrderedDict[str, Engine] = OrderedDict()
        self.loading = Lock()

    def engine(self, entry: Entry) -> Engine:
        """The model at work, loaded once; those not used for longest make room."""
        with self.loading:
            if entry.slug not in self.engines:
                model = self.load(entry)
                self.make_room(model.weight_bytes)
                self.engines[entry.slug] = Engine(model)
            self.engines.move_to_end(entry.slug)
            return self.engines[entry.slug]

    def make_room(self, needed: int) -> None:
        """Only a model that nobody waits on goes."""
        for slug, engine in list(self.engines.items()):
            held = sum(engine.model.weight_bytes for engine in self.engines.values())
            if held + needed <= self.room:
                return
            if engine.is_idle:
                del self.engines[slug]
                engine.close()

    def entry(self, slug: str) -> Entry | None:
        return next((entry for entry in self.catalogue.entries if entry.slug == slug), None)


class ModelRuntime:
    """Every vocabulary and every model of the catalogue, for one run or for a process."""

    def __init__(self, shelf: Shelf, halted: Halted = never) -> None:
        self.shelf, self.halted = shelf, halted

    def for_run(self, halted: Halted) -> Runtime:
        return ModelRuntime(self.shelf, halted)

    def tokenizer(self, slug: str) -> Tokenizer:
        """A shipped vocabulary, or that of a model by the model's slug."""
        entry = self.shelf.entry(slug)
        if slug in VOCABULARIES or entry is None:
            return get_tokenizer(slug)
        return self.shelf.engine(entry).model.tokenizer

    def cancelled(self) -> bool:
        return self.halted()

    def report(self, done: int, total: int) -> None:
        """The view of a run keeps its progress."""

    def engine(self, role: str) -> Engine:
        return self.shelf.engine(self.shelf.catalogue.of(role))

    def next_logits(self, role: str, prompts: Sequence[Prompt]) -> npt.NDArray[np.float32]:
        engine = self.engine(role)
        ids = [readable(engine.model, prompt, 0) for prompt in prompts]
        blocks = [ids[start : start + engine.most] for start in range(0, len(ids), engine.most)]
        rows = [one for block in blocks for one in self.last_logits(engine, block)]
        return np.stack(rows) if rows else np.zeros((0, engine.model.tokenizer.size), np.float32)

    def last_logits(self, engine: Engine, block: Sequence[Ids]) -> list[npt.NDArray[np.float32]]:
        def work() -> npt.NDArray[np.float32]:
            rows = engine.model.open()
            rows.join(block)
            return rows.logits().rows(np.arange(len(block)))

        try:
            return list(engine.alone(work, self.halted))
        except OutOfMemory:
            if len(block) == 1:
                raise no_room(len(block[0])) from None
        half = len(block) // 2
        return self.last_logits(engine, block[:half]) + self.last_logits(engine, block[half:])

    def score(
        self, role: str, prompts: Sequence[Prompt], continuations: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        engine = self.engine(role)
        pairs = [
            split(engine.model, prompt, continuation)
            for prompt, continuation in zip(prompts, continuations, strict=True)
        ]
        groups = grouped(pairs, engine.model.context)
        header, cache = self.read_header(engine, shared_header(groups))
        found: list[list[float]] = [[] for _ in pairs]

        def work_off(groups: Sequence[Group]) -> None:
            try:
                pack = packed(groups, len(header))
                chances = engine.alone(lambda: engine.model.score(pack, cache), self.halted)
            except OutOfMemory:
                if len(groups) == 1:
                    raise no_room(len(header) + groups[0].length(len(header))) from None
                work_off(groups[: len(groups) // 2])
                work_off(groups[len(groups) // 2 :])
                return
            for place, chance in zip(pack.owners.tolist(), chances.tolist(), strict=True):
                found[place].append(chance)

        for batch in batches(groups, len(header)):
            work_off(batch)
        return tuple(map(tuple, found))

    def read_header(self, engine: Engine, header: Ids) -> tuple[Ids, Any]:
        """A shared beginning and its cache; neither where the cache does not fit."""
        try:
            return header, engine.alone(lambda: engine.model.header(header), self.halted)
        except OutOfMemory:
            return (), None

    def generate(
        self,
        role: str,
        prompts: Sequence[Prompt],
        *,
        sampling: Sampling | Sequence[Sampling],
        max_new: int,
        row_seeds: Sequence[int],
    ) -> tuple[Generated, ...]:
        engine = self.engine(role)
        settings = [sampling] * len(prompts) if isinstance(sampling, Sampling) else sampling
        rows = [
            Row(
                prompt=readable(engine.model, prompt, max_new),
                sampling=setting,
                max_new=max_new,
                seed=seed,
            )
            for prompt, setting, seed in zip(prompts, settings, row_seeds, strict=True)
        ]
        engine.generate(rows if max_new > 0 else [], self.halted)
        return tuple(row.generated() for row in rows)


def readable(model: Model, prompt: Prompt, max_new: int) -> Ids:
    """The ids of a prompt, if they and what is to be written fit."""
    ids = model.tokenizer.prompt(prompt) if isinstance(prompt, str) else prompt
    if not ids:
        raise ContextTooLong("The prompt is empty. Write at least one character.")
    if len(ids) + max(max_new - 1, 0) > model.context:
        asked = f" and {max_new:,} more are to be written" if max_new else ""
        raise ContextTooLong(
            f"The prompt has {len(ids):,} tokens{asked}; this model reads at most "
            f"{model.context:,}. Shorten it."
        )
    return ids


def split(model: Model, prompt: Prompt, continuation: str) -> tuple[Ids, Ids]:
    """Context and continuation as ids, cut where the tokenizer of the whole text cuts.

    Spaces at the end of the context belong to the continuation. Source: lm-evaluation-harness
    0.4.13, `_encode_pair`.
    """
    if isinstance(prompt, str):
        context = model.tokenizer.prompt(prompt.rstrip(" "))
        option = model.tokenizer.prompt(prompt + continuation)[len(context) :]
    else:
        context, option = prompt, model.tokenizer.encode(continuation).ids
    if not context:
        raise ContextTooLong("The prompt is empty. Write at least one character.")
    if len(option) > model.context:
        raise ContextTooLong(
            f"The continuation has {len(option):,} tokens; this model reads at most "
            f"{model.context:,}. Shorten it."
        )
    return context, option
