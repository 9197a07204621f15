"""The training loop: one for all members, on CPU or CUDA, resumable from two plain files."""

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional
from transformers import LlamaConfig, LlamaForCausalLM

from pebble.members import Member, Shape
from pebble.start import find_again, look_back
from pebble.tasks.base import Task

SAVE_EVERY = 60.0  # seconds between checkpoints
LOOK_EVERY = 25  # steps between looks at the fresh accuracy, where a recipe has `stop_at`

Probe = Callable[[LlamaForCausalLM], float]  # fresh accuracy, 0 to 1


@dataclass(slots=True)
class Progress:
    """What a checkpoint holds beside tensors."""

    step: int = 0
    documents: int = 0
    tokens: int = 0
    seconds: float = 0.0  # wall clock
    cpu_seconds: float = 0.0
    loss: float = math.nan  # nats per answer token, running mean
    ended: str = ""  # why training ended; empty while it goes on


def build(shape: Shape, task: Task, seed: int) -> LlamaForCausalLM:
    torch.manual_seed(seed)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(task.vocabulary),
            hidden_size=shape.width,
            intermediate_size=shape.inner,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.heads,
            max_position_embeddings=shape.context,
            rope_parameters={"rope_type": "default", "rope_theta": shape.theta},
            tie_word_embeddings=True,
            pad_token_id=0,
            bos_token_id=1,
            eos_token_id=2,
        )
    )


def rate_at(step: int, member: Member) -> float:
    """Warm up in a line, then follow a cosine down to zero."""
    recipe = member.recipe
    if step < recipe.warm_up:
        return recipe.rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / max(1, recipe.steps - recipe.warm_up)
    return recipe.rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def batch(task: Task, first: int, size: int) -> tuple[Tensor, Tensor]:
    """Collate documents `first` to `first + size`: ids and weights, both (B, T), padded right."""
    documents = [task.document(number) for number in range(first, first + size)]
    longest = max(len(document.ids) for document in documents)
    ids = [document.ids + [0] * (longest - len(document.ids)) for document in documents]
    weights = [d.weights + [0.0] * (longest - len(d.weights)) for d in documents]
    return torch.tensor(ids), torch.tensor(weights)


def loss_of(model: LlamaForCausalLM, ids: Tensor, weights: Tensor) -> Tensor:
    """Give the weighted mean cross-entropy in nats. No mask: padding is on the right."""
    logits = model(input_ids=ids[:, :-1], use_cache=False).logits  # (B, T - 1, vocab)
    losses = functional.cross_entropy(
        logits.flatten(0, 1).float(), ids[:, 1:].flatten(), reduction="none"
    )
    scale = weights[:, 1:].flatten()
    return (losses * scale).sum() / scale.sum()


class Trainer:
    """A model, its optimiser and where it stands."""

    def __init__(self, member: Member, folder: Path, device: str = "cpu") -> None:
        self.member, self.folder, self.device = member, folder, device
        self.progress = Progress()
        self.model = build(member.shape, member.task, member.seed)
        look_back(self.model, member.recipe.look_back)
        if member.recipe.find_again:
            find_again(self.model, member.seed)
        torch.nn.Module.to(self.model, device)  # the model's own `to` is not typed
        self.model.train()
        self.optimiser = torch.optim.AdamW(
            self.model.parameters(), lr=0.0, betas=(0.9, 0.98), weight_decay=member.recipe.decay
        )
        if (folder / "state.json").exists():
            self._resume()

    def run(self, probe: Probe | None = None) -> Progress:
        """Train until the recipe, the clock or the wanted accuracy says stop."""
        recipe, progress = self.member.recipe, self.progress
        saved = time.monotonic()
        while not progress.ended:
            self.step()
            if progress.step >= recipe.steps:
                progress.ended = "all steps done"
            elif progress.seconds >= recipe.seconds:
                progress.ended = "out of time"
            elif probe and recipe.stop_at and progress.step % LOOK_EVERY == 0:
                reached = probe(self.model) >= recipe.stop_at
                progress.ended = "stopped early on purpose" if reached else ""
            if progress.ended or time.monotonic() - saved > SAVE_EVERY:
                self.save()
                saved = time.monotonic()
        return progress

    def step(self) -> None:
        """Learn from the next batch. Documents are numbered on, so a resumed run sees no repeat."""
        wall, cpu = time.monotonic(), time.process_time()
        recipe, progress = self.member.recipe, self.progress
        ids, weights = batch(self.member.task, progress.documents, recipe.batch)
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(progress.step, self.member)
        halved = self.device.startswith("cuda") and torch.cuda.is_bf16_supported()
        with torch.autocast("cuda", torch.bfloat16, enabled=halved):
            loss = loss_of(self.model, ids.to(self.device), weights.to(self.device))
        self.optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch has no type for it
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimiser.step()
        now = loss.item()
        progress.loss = now if progress.step == 0 else 0.98 * progress.loss + 0.02 * now
        progress.step += 1
        progress.documents += recipe.batch
        progress.tokens += ids.numel()
        progress.seconds += time.monotonic() - wall
        progress.cpu_seconds += time.process_time() - cpu

    def save(self) -> None:
        """Write tensors, then the state. The state is replaced last, so it never runs ahead."""
        self.folder.mkdir(parents=True, exist_ok=True)
        names = dict(self.model.named_parameters())
        tensors = {f"model.{name}": value.detach() for name, value in names.items()}
        for name, value in names.items():
            for key, moment in self.optimiser.state[value].items():
                tensors[f"{key}.{name}"] = moment
        save_file(tensors, self.folder / "checkpoint.safetensors")
        draft = self.folder / "state.json.part"
        draft.write_text(
            json.dumps({"made_by": self._made_by(), "progress": asdict(self.progress)})
        )
        draft.replace(self.folder / "state.json")

    def _resume(self) -> None:
        state = json.loads((self.folder / "state.json").read_text())
        if state["made_by"] != self._made_by():
            raise ValueError(
                f"{self.folder} holds a run with another recipe. Empty it or choose another."
            )
        tensors = load_file(self.folder / "checkpoint.safetensors")
        moments: tuple[str, ...] = ("step", "exp_avg", "exp_avg_sq")
        with torch.no_grad():
            for name, value in self.model.named_parameters():
                value.copy_(tensors[f"model.{name}"])
                self.optimiser.state[value] = {
                    key: tensors[f"{key}.{name}"].to("cpu" if key == "step" else self.device)
                    for key in moments
                }
        self.progress = Progress(**state["progress"])

    def _made_by(self) -> dict[str, Any]:
        member = self.member
        made_by = {"member": member.name, "seed": member.seed, "task": repr(member.task.name)}
        recipe = json.loads(json.dumps(asdict(member.recipe)))
        return {**made_by, "recipe": recipe, "shape": asdict(member.shape)}
