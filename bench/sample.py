"""64 learners who sample at once, each with settings of their own, and the sampler's window.

OMP_NUM_THREADS=1 python -m bench.sample
"""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM

from bench.pair import Pair, compare
from labs.runtime import Sampling
from labs.runtime.batching import Engine
from labs.runtime.catalogue import Entry
from labs.runtime.drawing import Row
from labs.runtime.hf import TorchModel, load
from labs.runtime.sampling import Knobs, draw, pick, whole, window
from labs.runtime.serving import never
from labs.runtime.vetting import vet
from tests.labs.runtime.tiny import tokenizer

LEARNERS, NEW, VOCABULARY = 64, 64, 4_096
SHAPES = ((4_096, 64, 3), (32_768, 16, 8), (131_072, 16, 5))  # entries, rows, goal


def build(folder: Path) -> TorchModel:
    """A random model of the shape that the shipped base model is planned in, 5 million numbers."""
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=256,
        intermediate_size=688,
        num_hidden_layers=6,
        num_attention_heads=8,
        num_key_value_heads=4,
        max_position_embeddings=512,
        tie_word_embeddings=True,
        initializer_range=0.05,
        eos_token_id=None,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(tokenizer().to_str())
    entry = Entry(slug="bench", backend="hf", roles=(), context=512, licence="MIT", device="cpu")
    return load(entry, vet(folder, largest=10**9))


def learners() -> list[tuple[tuple[int, ...], Sampling, int]]:
    """Prompt of 10 to 100 ids, settings, seed."""
    draws = np.random.default_rng(1)
    return [
        (
            tuple(draws.integers(3, VOCABULARY, draws.integers(10, 100)).tolist()),
            Sampling(
                temperature=float(draws.choice([0.5, 0.7, 0.9, 1, 1.2, 1.7])),
                top_k=int(draws.choice([0, 20, 50, 100])),
                top_p=float(draws.choice([0.8, 0.9, 0.95, 1])),
                min_p=float(draws.choice([0, 0, 0.02, 0.05])),
            ),
            number,
        )
        for number in range(LEARNERS)
    ]


def ours(engine: Engine) -> list[list[int]]:
    """Every learner asks from a thread of their own."""

    def ask(learner: tuple[tuple[int, ...], Sampling, int]) -> list[int]:
        prompt, sampling, seed = learner
        row = Row(prompt=prompt, sampling=sampling, max_new=NEW, seed=seed)
        engine.generate([row], never)
        return row.ids

    with ThreadPoolExecutor(LEARNERS) as crowd:
        return list(crowd.map(ask, learners()))


def one_by_one(model: TorchModel) -> None:
    for prompt, sampling, seed in learners():
        torch.manual_seed(seed)
        ids = torch.tensor([prompt])
        with torch.inference_mode():
            model.module.generate(
                ids,
                attention_mask=torch.ones_like(ids),
                do_sample=True,
                max_new_tokens=NEW,
                temperature=sampling.temperature,
                top_k=sampling.top_k,
                top_p=sampling.top_p,
                min_p=sampling.min_p or None,
                pad_token_id=0,
            )


def continuous(model: TorchModel) -> None:
    """The batching of transformers; it has one setting for all and no min-p."""
    config = GenerationConfig(
        do_sample=True, max_new_tokens=NEW, top_k=50, top_p=0.9, eos_token_id=-1, pad_token_id=0
    )
    prompts = [list(prompt) for prompt, _, _ in learners()]
    found = model.module.generate_batch(prompts, generation_config=config, progress_bar=False)
    assert all(len(row.generated_tokens) == NEW for row in found.values())


def against_generate(model: TorchModel) -> None:
    engines = {rows: Engine(model, rows=rows) for rows in (1, 16, 64)}
    texts = {rows: ours(engine) for rows, engine in engines.items()}
    equal = {rows: sum(map(list.__eq__, texts[1], texts[rows])) for rows in (16, 64)}
    print(f"rows equal to the same rows alone, of {LEARNERS}: {equal}")
    peers: dict[str, tuple[Any, float]] = {
        "generate-one-by-one": (lambda: one_by_one(model), 5),
        "continuous-batching": (lambda: continuous(model), 2),
    }
    for peer, (theirs, goal) in peers.items():
        for rows in (16, 64):
            name = f"{peer}@{transformers.__version__}"
            engine = engines[rows]
            compare(
                Pair(
                    bench=f"sample.{rows}",
                    peer=name,
                    ours=lambda engine=engine: ours(engine),
                    theirs=theirs,
                    goal=6 if (peer, rows) == ("generate-one-by-one", 64) else goal,
                    rounds=2,
                )
            )
    for engine in engines.values():
        engine.close()


def against_full_sort(size: int, rows: int, goal: float) -> None:
    logits = np.random.default_rng(2).normal(0, 3, (rows, size)).astype(np.float32)
    knobs = Knobs.of([sampling for _, sampling, _ in learners()[:rows]])
    u = np.random.default_rng(3).random(rows)
    heat = knobs.first_temperature

    def by_window() -> tuple[Any, int]:
        return draw(window(logits, heat), knobs, u, lambda which: logits[which])

    def by_sort() -> Any:
        top = whole(logits, heat)
        return np.take_along_axis(top.ids, pick(top, knobs, u)[0][:, None], axis=1)[:, 0]

    ids, fell_back = by_window()
    assert np.array_equal(ids, by_sort())
    print(f"window of {size} entries, {rows} rows: {fell_back} by full sort")
    compare(
        Pair(
            bench=f"window.{size}",
            peer="full-sort",
            ours=lambda: [by_window() for _ in range(20)],
            theirs=lambda: [by_sort() for _ in range(20)],
            goal=goal,
        )
    )


def measure() -> None:
    for size, rows, goal in SHAPES:
        against_full_sort(size, rows, goal)
    with tempfile.TemporaryDirectory(prefix="cairn-bench-") as folder:
        against_generate(build(Path(folder) / "model"))


if __name__ == "__main__":
    measure()
