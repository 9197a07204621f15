"""A random model of two layers in a folder, vetted and loaded like any other."""

import json
from pathlib import Path
from typing import Any

import pytest

from labs.runtime.catalogue import Catalogue, Entry
from labs.runtime.model import Model
from labs.runtime.serving import Shelf
from labs.runtime.vetting import Vetted, vet

VOCABULARY, CONTEXT = 300, 128
STOP, PAD, START = 2, 0, 1
MARKERS = ["<|pad|>", "<|bos|>", "<|end|>"]


def build(folder: Path, *, seed: int = 0) -> Vetted:
    """Write config, weights and a byte-level vocabulary: 3 markers, 256 bytes, 41 merges."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    folder.mkdir()
    torch.manual_seed(seed)
    config = transformers.LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=CONTEXT,
        tie_word_embeddings=True,
        bos_token_id=START,
        eos_token_id=STOP,
        pad_token_id=PAD,
        initializer_range=0.3,  # logits of a spread that a trained model has
    )
    transformers.LlamaForCausalLM(config).save_pretrained(folder)
    (folder / "tokenizer.json").write_text(json.dumps(json.loads(tokenizer().to_str())))
    return vet(folder, largest=10**7)


def tokenizer() -> Any:
    library = pytest.importorskip("tokenizers")
    found = library.Tokenizer(library.models.BPE())
    found.pre_tokenizer = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    found.decoder = library.decoders.ByteLevel()
    trainer = library.trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=MARKERS,
        initial_alphabet=library.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    words = "the lamp is warm and the door is open while the river of the town is cold "
    found.train_from_iterator([words * 20, "éclair 雨 wäre naïve " * 20], trainer)
    found.post_processor = library.processors.TemplateProcessing(
        single="<|bos|> $A", special_tokens=[("<|bos|>", START)]
    )
    return found


def entry(slug: str = "tiny", roles: tuple[str, ...] = ("story",), **fields: Any) -> Entry:
    facts = {"backend": "hf", "context": CONTEXT, "licence": "MIT", "device": "cpu", **fields}
    return Entry(slug=slug, roles=roles, **facts)


def loaded(vetted: Vetted, **fields: Any) -> Model:
    from labs.runtime.hf import load

    return load(entry(**fields), vetted)


def has(device: str) -> bool:
    torch = pytest.importorskip("torch")
    return device == "cpu" or bool(getattr(torch, device).is_available())


def shelf(model: Model, **fields: Any) -> Shelf:
    return Shelf(Catalogue((entry(**fields),)), lambda _: model)
