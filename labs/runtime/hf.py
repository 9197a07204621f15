"""transformers on the best device there is. The only module of the site that imports torch."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

os.environ["HF_HUB_OFFLINE"] = "1"  # before the import: a model comes from its folder alone
os.environ["TQDM_DISABLE"] = "1"  # nobody looks at the progress bars of a pool child

import numpy as np
import torch
import transformers
from torch.nn import functional
from transformers import AutoModelForCausalLM, DynamicCache

from labs.runtime import sampling
from labs.runtime.catalogue import Entry
from labs.runtime.model import DeviceLost, OutOfMemory
from labs.runtime.packing import Pack
from labs.runtime.sampling import WINDOW, Floats, Ints, Logits, Top
from labs.runtime.vetting import Vetted
from labs.runtime.vocabulary import FileTokenizer

VERSIONS = {"torch": torch.__version__, "transformers": transformers.__version__}
NO_MEMORY = ("out of memory", "can't allocate memory", "not enough memory")
LOST = ("CUDA error", "device-side assert", "HIP error", "MPS backend failed")
T = TypeVar("T")


@contextmanager
def on_device() -> Iterator[None]:
    """Give the device's errors their meaning."""
    try:
        with torch.inference_mode():
            yield
    except RuntimeError as error:  # torch.OutOfMemoryError is one
        text = str(error)
        if any(words in text for words in NO_MEMORY):
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
            raise OutOfMemory from error
        if any(words in text for words in LOST):
            raise DeviceLost(text.splitlines()[0][:200]) from error
        raise


class TorchLogits:
    """Logits of B rows, (B, V), float32 on the device."""

    def __init__(self, tensor: torch.Tensor) -> None:
        self.tensor = tensor

    def top(self, temperature: Floats) -> Top:
        """Only the window leaves the device."""
        size = self.tensor.shape[1]
        if self.tensor.device.type == "cpu":
            return sampling.window(self.tensor.numpy(), temperature)
        if size <= WINDOW:
            return sampling.whole(self.tensor.cpu().numpy(), temperature)
        with on_device():
            values, ids = torch.topk(self.tensor, WINDOW + 1, dim=-1)
            heat = torch.tensor(temperature, dtype=torch.float32, device=self.tensor.device)
            mass = torch.logsumexp(self.tensor / heat[:, None], dim=-1)
            logits, places = values.cpu().numpy(), ids.cpu().numpy()
        largest, places = sampling.ordered(logits[:, :WINDOW], places[:, :WINDOW])
        return Top(
            logits=largest,
            ids=places,
            edge=logits[:, WINDOW],
            log_mass=mass.cpu().numpy().astype(np.float64),
            size=size,
        )

    def rows(self, which: Ints) -> Logits:
        with on_device():
            found: Logits = (
                self.tensor[torch.tensor(which, device=self.tensor.device)].cpu().numpy()
            )
        return found

    def log_probabilities(self, ids: Ints) -> Floats:
        with on_device():
            places = torch.tensor(ids, device=self.tensor.device)[:, None]
            chosen = self.tensor.gather(1, places)[:, 0] - self.tensor.logsumexp(dim=-1)
            return np.asarray(chosen.cpu().numpy(), dtype=np.float64)


class TorchRows:
    """Rows that end at the same column; a joiner is padded on the left to the present width."""

    def __init__(self, model: "TorchModel") -> None:
        self.model = model
        self.cache = DynamicCache()
        self.mask = torch.zeros((0, 0), dtype=torch.long, device=model.device)  # (B, width)
        self.positions = torch.zeros(0, dtype=torch.long, device=model.device)  # (B,) of the last
        self.hidden: Any = None  # (B, width of the model) at the last column

    def join(self, prompts: Sequence[Sequence[int]]) -> None:
        ids, mask = padded(prompts, self.model.device)
        with on_device():
            places = (mask.cumsum(dim=-1) - 1).clamp(min=0)
            cache = DynamicCache()
            hidden = self.model.read(ids, mask, places, cache)
            if self.hidden is not None:
                width = max(self.mask.shape[1], mask.shape[1])
                cache = joined(self.cache, cache, width)
                mask = torch.cat([widened(self.mask, width), widened(mask, width)])
                hidden = torch.cat([self.hidden, hidden])
            # One assignment each, after everything that can run out of memory.
            self.positions = torch.cat([self.positions, places[:, -1]])
            self.cache, self.mask, self.hidden = cache, mask, hidden

    def keep(self, which: Sequence[int]) -> None:
        with on_device():
            rows = torch.tensor(which, dtype=torch.long, device=self.model.device)
            mask = self.mask[rows]
            margin = int(mask.any(dim=0).to(torch.int8).argmax())
            cache = DynamicCache()
            for number, layer in enumerate(layers(self.cache)):
                keys, values = layer.keys[rows, :, margin:], layer.values[rows, :, margin:]
                cache.update(keys, values, number)
            self.mask, self.cache = mask[:, margin:], cache
            self.positions, self.hidden = self.positions[rows], self.hidden[rows]

    def step(self, tokens: Sequence[int]) -> None:
        with on_device():
            ids = torch.tensor(tokens, dtype=torch.long, device=self.model.device)[:, None]
            self.mask = functional.pad(self.mask, (0, 1), value=1)
            self.positions = self.positions + 1
            places = self.positions[:, None]
            self.hidden = self.model.read(ids, self.mask, places, self.cache)

    def logits(self) -> TorchLogits:
        with on_device():
            return TorchLogits(self.model.head(self.hidden))


class TorchModel:
    """A loaded causal model of the Llama shape: a body, a head, rotary positions."""

    def __init__(self, module: Any, tokenizer: FileTokenizer, context: int) -> None:
        self.module, self.tokenizer, self.context = module, tokenizer, context
        self.device: torch.device = module.device
        ends = module.generation_config.eos_token_id
        ends = module.config.eos_token_id if ends is None else ends
        self.stops = frozenset([ends] if isinstance(ends, int) else ends or [])
        self.weight_bytes = sum(part.numel() * part.element_size() for part in module.parameters())

    def read(
        self, ids: torch.Tensor, mask: torch.Tensor, places: torch.Tensor, cache: DynamicCache
    ) -> torch.Tensor:
        """The hidden state at the last column, (B, width of the model); the cache grows."""
        found = self.module.model(
            input_ids=ids,
            attention_mask=mask,
            position_ids=places,
            past_key_values=cache,
            use_cache=True,
        )
        hidden: torch.Tensor = found.last_hidden_state[:, -1]
        return hidden

    def head(self, hidden: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.module.lm_head(hidden).float()
        return logits

    def open(self) -> TorchRows:
        return TorchRows(self)

    def header(self, ids: Sequence[int]) -> DynamicCache | None:
        """The cache of a shared beginning, (1, heads, length, width of a head) per layer."""
        if not ids:
            return None
        with on_device():
            found, mask = padded([ids], self.device)
            cache = DynamicCache()
            self.read(found, mask, mask.cumsum(dim=-1) - 1, cache)
            return cache

    def score(self, pack: Pack, header: DynamicCache | None) -> Floats:
        with on_device():
            ids, places, segments = (
                torch.tensor(part, device=self.device)
                for part in (pack.ids, pack.positions, pack.segments)
            )
            cache, shared = DynamicCache(), 0
            if header is not None:
                shared = header.get_seq_length()
                for number, layer in enumerate(layers(header)):
                    keys, values = (
                        part.expand(len(ids), -1, -1, -1) for part in (layer.keys, layer.values)
                    )
                    cache.update(keys, values, number)
            hidden = self.module.model(
                input_ids=ids,
                attention_mask=sight(segments, shared, self.module.dtype),
                position_ids=places,
                past_key_values=cache,
                use_cache=True,
            ).last_hidden_state
            rows, columns, targets = (
                torch.tensor(part, device=self.device)
                for part in (pack.rows, pack.columns, pack.targets)
            )
            logits = self.head(hidden[rows, columns])
            chosen = logits.gather(1, targets[:, None])[:, 0] - logits.logsumexp(dim=-1)
            return np.asarray(chosen.cpu().numpy(), dtype=np.float64)


def padded(
    prompts: Sequence[Sequence[int]], device: torch.device
) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, (B, width), right-aligned."""
    width = max(map(len, prompts))
    ids = torch.zeros((len(prompts), width), dtype=torch.long)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, width - len(prompt) :] = torch.tensor(prompt)
        mask[row, width - len(prompt) :] = 1
    return ids.to(device), mask.to(device)


def layers(cache: DynamicCache) -> list[Any]:
    """Keys and values per layer, (B, heads, width, width of a head)."""
    return list(cache.layers)


def widened(mask: torch.Tensor, width: int) -> torch.Tensor:
    return functional.pad(mask, (width - mask.shape[1], 0))


def joined(first: DynamicCache, second: DynamicCache, width: int) -> DynamicCache:
    """Both batches in one cache, padded on the left to the same width."""
    cache = DynamicCache()
    for number, (one, two) in enumerate(zip(layers(first), layers(second), strict=True)):
        keys, values = (
            torch.cat([functional.pad(part, (0, 0, width - part.shape[2], 0)) for part in parts])
            for parts in ((one.keys, two.keys), (one.values, two.values))
        )
        cache.update(keys, values, number)
    return cache


def sight(segments: torch.Tensor, shared: int, dtype: torch.dtype) -> torch.Tensor:
    """What each token of a pack may see, (n, 1, L, shared + L): 0 to see, very negative not to."""
    number, width = segments.shape
    before = torch.ones((width, width), dtype=torch.bool, device=segments.device).tril()
    same = (segments[:, None, :] == 0) | (segments[:, None, :] == segments[:, :, None])
    seen = functional.pad(same & before, (shared, 0), value=True)
    hidden = torch.zeros((number, 1, width, shared + width), dtype=dtype, device=segments.device)
    return hidden.masked_fill(~seen[:, None], torch.finfo(dtype).min)


def best_device() -> str:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def load(entry: Entry, vetted: Vetted) -> TorchModel:
    """Load a folder that was looked at; nothing is fetched and no code of the folder runs.

    A CPU always computes in float32: other types move the scores that labs were calibrated on.
    """
    device = best_device() if entry.device == "auto" else entry.device
    if device == "cpu":
        torch.set_num_threads(1)  # more throughput comes from more pool children
    kind = torch.float32 if device == "cpu" else getattr(torch, entry.dtype)
    with on_device():
        module: Any = AutoModelForCausalLM.from_pretrained(
            vetted.folder,
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=kind,
            attn_implementation="sdpa",
        )
        module = module.eval().to(device)
    path = Path(vetted.folder) / "tokenizer.json"
    tokenizer = FileTokenizer(entry.slug, path, vetted.files["tokenizer.json"])
    return TorchModel(module, tokenizer, min(entry.context, module.config.max_position_embeddings))
