"""The ability table: every row carries k, n and its interval."""

import json
import platform
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
import transformers
from transformers import LlamaForCausalLM

from pebble.abilities import ABILITIES, Ability
from pebble.decode import Answerer, Way
from pebble.export import file_hash
from pebble.findings import findings
from pebble.members import Member
from pebble.statistics import wilson
from pebble.tasks.base import Problem, corpus_hash

SAMPLES = 3  # unedited failures shown in a card
GREEDY = 12  # new tokens of the fixed prompt's text


def load(folder: Path) -> LlamaForCausalLM:
    """Load a member from its folder, as float32, with no network and no code but transformers'."""
    model: LlamaForCausalLM = LlamaForCausalLM.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, use_safetensors=True
    )
    return model


def evaluate(member: Member, folder: Path, most: int = 10_000) -> dict[str, Any]:
    """Measure the files in a folder; `most` caps n per row, for a quick look."""
    started = time.process_time()
    model = load(folder)
    rows = [row_of(model, member, ability, most) for ability in ABILITIES[member.name]]
    shares = {row["id"]: row["share"] for row in rows}
    return {
        "member": member.name,
        "role": member.role,
        "checkpoint_sha256": file_hash(folder / "model.safetensors"),
        "rows": rows,
        "findings": findings(member.name, shares, _clean(folder)),
        "samples": failures(model, member),
        "greedy": greedy(model, member),
        "corpus_sha256": corpus_hash(member.task),
        "corpus_version": member.task.version,
        "versions": versions(),
        "cpu_seconds": round(time.process_time() - started, 1),
    }


def row_of(model: LlamaForCausalLM, member: Member, ability: Ability, most: int) -> dict[str, Any]:
    n = min(ability.n, most)
    problems = [member.task.problem("test", number, ability.knobs) for number in range(n)]
    texts = vote(Answerer(model, member.task, ability.way), problems, ability.votes)
    k = sum(map(member.task.check, problems, texts))
    low, high = wilson(k, n)
    target = ability.target
    return {
        "id": ability.id,
        "ability": ability.text,
        "k": k,
        "n": n,
        "share": round(k / n, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "distinct": len({problem.prompt for problem in problems}),
        "seed": ability.way.seed,
        "target": str(target) if target else None,
        "met": target.met(k / n, (low, high)) if target else None,
    }


def vote(answerer: Answerer, problems: Sequence[Problem], votes: int) -> list[str]:
    """Take the most frequent of several answers; at a tie, the one that came first."""
    rounds = [answerer.texts(problems) for _ in range(votes)]
    return [Counter(given).most_common(1)[0][0] for given in zip(*rounds, strict=True)]


def failures(model: LlamaForCausalLM, member: Member) -> list[dict[str, str]]:
    """Show the first failures of the hardest row, as they came."""
    worst = hardest(member.name)
    problems = [member.task.problem("test", number, worst.knobs) for number in range(100)]
    texts = Answerer(model, member.task, worst.way).texts(problems)
    wrong = [
        {"prompt": problem.prompt, "wanted": problem.answer, "given": text}
        for problem, text in zip(problems, texts, strict=True)
        if not member.task.check(problem, text)
    ]
    return wrong[:SAMPLES]


def hardest(name: str) -> Ability:
    """Choose the row for failures: a chain without thinking, the longest list, a fresh sum."""
    wanted = {"pebble-reason": "n8-think0", "pebble-recall": "pairs40"}
    row = wanted.get(name, "digits3")
    return next(ability for ability in ABILITIES[name] if ability.id == row)


def greedy(model: LlamaForCausalLM, member: Member) -> dict[str, Any]:
    """Continue one fixed prompt with plain `generate`, so that anyone can compare."""
    fixed = ABILITIES[member.name][0]
    problem = member.task.problem("test", 0, fixed.knobs)
    ids = torch.tensor([Answerer(model, member.task, Way()).ids(problem)])
    made = _generate(model, ids)[0, ids.shape[1] :]
    words = list(member.task.vocabulary)
    text = " ".join(words[i] for i in made.tolist())
    return {"prompt": problem.prompt, "max_new_tokens": GREEDY, "text": text}


def _generate(model: Any, ids: torch.Tensor) -> torch.Tensor:
    """Call the library's generate, whose type does not admit its own models."""
    made: torch.Tensor = model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=GREEDY, do_sample=False
    )
    return made


def versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "tokenizers": tokenizers.__version__,
        "numpy": np.__version__,
    }


def recipe_of(member: Member) -> dict[str, Any]:
    return {"seed": member.seed, **asdict(member.recipe), "shape": asdict(member.shape)}


def write(result: dict[str, Any], folder: Path) -> None:
    path = folder / "eval.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    path.chmod(0o644)


def _clean(folder: Path) -> dict[str, float] | None:
    """Read the rows of the clean twin, where it lies beside this member."""
    path = folder.parent / "pebble-twin-clean" / "eval.json"
    if not path.exists():
        return None
    rows = json.loads(path.read_text()).get("rows", [])
    return {row["id"]: row["share"] for row in rows}
