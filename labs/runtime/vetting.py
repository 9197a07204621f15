"""What a folder of model files must look like before any library opens one of them.

Flags of a library are not enough: a nested key can name code to fetch, a weight file can be a
program. So names, sizes, keys and the tensor directory are read here, as plain bytes and JSON.
"""

import json
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any

from labs.runtime.tensors import Directory, ModelRefused, read_directory

SHARD = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
INDEX = "model.safetensors.index.json"
# What a library opens; the pinned hash covers these.
LOADED = frozenset(
    [
        "config.json",
        "generation_config.json",
        "model.safetensors",
        INDEX,
        "tokenizer.json",
        "tokenizer_config.json",
        "special_tokens_map.json",
        "vocab.json",
        "merges.txt",
        "chat_template.jinja",
    ]
)
# What people read.
BESIDE = frozenset(
    ["README.md", "MODEL_CARD.md", "eval.json", "LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"]
)
REFUSED_SUFFIXES = (
    *(".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy", ".npz"),
    *(".h5", ".msgpack", ".onnx", ".gguf", ".py", ".so", ".zip"),
)
REFUSED_KEYS = frozenset(
    ["auto_map", "trust_remote_code", "custom_pipelines", "base_model_name_or_path"]
)
ATTENTION_KEYS = frozenset(["attn_implementation", "_attn_implementation"])
ATTENTIONS = ("eager", "sdpa", None)
ARCHITECTURES = {
    "LlamaForCausalLM": "llama",
    "MistralForCausalLM": "mistral",
    "Qwen2ForCausalLM": "qwen2",
    "Qwen3ForCausalLM": "qwen3",
}
# The patterns of the byte-level tokenizers of GPT-2, Llama 3 and Qwen 2. Others can take
# exponential time or end the process, so a pattern is compared by its exact text.
PATTERNS = (
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"
    r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
)
FIGURES = {  # of config.json: the largest value that is believed
    "vocab_size": 512_000,
    "hidden_size": 16_384,
    "intermediate_size": 65_536,
    "num_hidden_layers": 128,
    "num_attention_heads": 256,
    "max_position_embeddings": 1_048_576,
}
LARGEST_JSON = 64 * 2**20  # bytes; tokenizer.json of a large vocabulary has 20 MB
LARGEST_CONFIG = 2**20  # bytes, of config.json
LARGEST_TEMPLATE = 64 * 2**10  # bytes, of chat_template.jinja
MOST_FILES = 256


@dataclass(frozen=True, kw_only=True)
class Vetted:
    """A folder whose files may be opened."""

    folder: Path
    files: Mapping[str, str]  # name -> sha256, of what a library opens
    parameters: int  # numbers in the weight files
    weight_bytes: int

    @property
    def sha256(self) -> str:
        """One hash for all of them: the pin of the model file."""
        lines = "".join(f"{name} {digest}\n" for name, digest in sorted(self.files.items()))
        return sha256(lines.encode()).hexdigest()


def vet(folder: Path, *, largest: int, pinned: str = "") -> Vetted:
    """Look at every file of a model folder without running anything in it.

    Args:
        folder: The folder, a real one and not a link.
        largest: Bytes that weights may take; more is refused before memory is asked for.
        pinned: The hash that the model file names, or empty while it is being found out.

    Raises:
        ModelRefused: with a sentence for the operator.
    """
    sizes = listed(folder)
    config = opened_json(folder, sizes)
    check_config(folder, config)
    parts = [read_directory(folder / name) for name in sizes if name.endswith(".safetensors")]
    check_parts(folder, sizes, parts)
    check_memory(folder, config, parts, largest)
    loaded = [name for name in sizes if name in LOADED or SHARD.fullmatch(name)]
    vetted = Vetted(
        folder=folder,
        files={name: digest(folder / name) for name in loaded},
        parameters=sum(part.parameters for part in parts),
        weight_bytes=sum(part.data_bytes for part in parts),
    )
    if pinned and vetted.sha256 != pinned:
        raise ModelRefused(
            f"{folder.name}: the files have the sha256 {vetted.sha256[:12]}…, not the pinned "
            f"{pinned[:12]}…. Restore the files, or check the new ones and pin their hash."
        )
    return vetted


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def listed(folder: Path) -> dict[str, int]:
    """Name and size in bytes of every file, if all may be there."""
    if folder.is_symlink() or not folder.is_dir():
        raise ModelRefused(
            f"{folder.name}: not a folder. Name a real folder, not a link or a file."
        )
    paths = sorted(folder.iterdir())
    if len(paths) > MOST_FILES:
        raise ModelRefused(f"{folder.name}: {len(paths)} files; a model has at most {MOST_FILES}.")
    sizes = {path.name: checked_size(path) for path in paths}
    for name in ("config.json", "tokenizer.json"):
        if name not in sizes:
            raise ModelRefused(f"{folder.name}: {name} is missing. A model needs it.")
    return sizes


def checked_size(path: Path) -> int:
    """The size of one file, if its name and kind are allowed."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        raise refused(path, "a link. Copy the file itself.")
    if stat.S_ISDIR(found.st_mode):
        raise refused(path, "a folder. Model files lie side by side; remove it.")
    if not stat.S_ISREG(found.st_mode):
        raise refused(path, "not an ordinary file. Remove it.")
    if path.suffix.lower() in REFUSED_SUFFIXES:
        raise refused(path, "a kind of file that can hold or name a program. Use safetensors only.")
    if path.name not in LOADED | BESIDE and not SHARD.fullmatch(path.name):
        raise refused(path, "not a file that a model needs. Remove it.")
    if found.st_size > limit_of(path.name):
        raise refused(path, f"{found.st_size:,} bytes; at most {limit_of(path.name):,} are read.")
    return found.st_size


def limit_of(name: str) -> int:
    """Bytes that a file may have. Weights are measured against the memory instead."""
    if name.endswith(".safetensors"):
        return 2**40
    return {"config.json": LARGEST_CONFIG, "chat_template.jinja": LARGEST_TEMPLATE}.get(
        name, LARGEST_JSON
    )


def refused(path: Path, what: str) -> ModelRefused:
    return ModelRefused(f"{path.parent.name}/{path.name}: {what}")


def opened_json(folder: Path, sizes: Mapping[str, int]) -> dict[str, Any]:
    """Check every JSON file; returns config.json."""
    config: dict[str, Any] = {}
    for name in sizes:
        if not name.endswith(".json"):
            continue
        content = parsed(folder / name)
        for key, value in keys_of(content):
            check_key(folder / name, key, value)
        if name == "config.json":
            config = content
    return config


def parsed(path: Path) -> dict[str, Any]:
    """A JSON object without double keys: two readers could see two different files."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) != len(pairs):
            raise refused(path, "a key stands twice in one object. Write it once.")
        return found

    try:
        content = json.loads(path.read_bytes(), object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise refused(path, f"not readable JSON ({type(error).__name__}).") from error
    if not isinstance(content, dict):
        raise refused(path, "not a JSON object.")
    return content


def keys_of(content: object) -> Iterator[tuple[str, Any]]:
    """Every key and value, at any depth."""
    waiting = [content]
    while waiting:
        now = waiting.pop()
        if isinstance(now, dict):
            yield from now.items()
            waiting.extend(now.values())
        elif isinstance(now, list):
            waiting.extend(now)


def check_key(path: Path, key: str, value: object) -> None:
    if key in REFUSED_KEYS:
        raise refused(path, f"the key {key!r} can name foreign code or another model. Remove it.")
    if key in ATTENTION_KEYS and value not in ATTENTIONS:
        raise refused(path, f"{key} is {value!r}; only 'eager' and 'sdpa' come with the library.")
    if key == "quantization_config" and value is not None:
        raise refused(path, "quantised weights are not supported. Use the plain weights.")
    # A vocabulary may hold "Regex" as a word, with its number.
    if key == "Regex" and not isinstance(value, int) and value not in PATTERNS:
        raise refused(path, f"an unknown pattern, {str(value)[:40]!r}. Known ones only are run.")


def check_config(folder: Path, config: Mapping[str, Any]) -> None:
    """The architecture is known and its figures can be believed."""
    path = folder / "config.json"
    kinds = config.get("architectures")
    kind = kinds[0] if isinstance(kinds, list) and len(kinds) == 1 else kinds
    if not isinstance(kind, str) or ARCHITECTURES.get(kind) != config.get("model_type"):
        raise refused(
            path,
            f"the architecture {kind!r} with model_type {config.get('model_type')!r} is not known. "
            f"There are: {', '.join(ARCHITECTURES)}.",
        )
    for name, largest in FIGURES.items():
        value = config.get(name)
        if type(value) is not int or not 1 <= value <= largest:
            raise refused(path, f"{name} is {value!r}; it is a number from 1 to {largest:,}.")
    if config.get("sliding_window") and config.get("use_sliding_window", kind[:4] == "Mist"):
        raise refused(path, "sliding-window attention is not supported. Choose another model.")


def check_parts(folder: Path, sizes: Mapping[str, int], parts: list[Directory]) -> None:
    """Either one weight file, or numbered ones and an index that names exactly them."""
    shards = {name for name in sizes if SHARD.fullmatch(name)}
    if not parts:
        raise ModelRefused(f"{folder.name}: no safetensors file. Weights in it are needed.")
    if not shards and INDEX not in sizes:
        return
    if INDEX not in sizes or "model.safetensors" in sizes:
        raise ModelRefused(
            f"{folder.name}: numbered weight files need {INDEX} and no model.safetensors."
        )
    weights = parsed(folder / INDEX).get("weight_map")
    named = set(map(str, weights.values())) if isinstance(weights, dict) else set()
    if named != shards:
        raise refused(folder / INDEX, "it does not name exactly the weight files of the folder.")


def check_memory(
    folder: Path, config: Mapping[str, Any], parts: list[Directory], largest: int
) -> None:
    """What the configuration would allocate and what the files hold agree, and fit."""
    held = sum(part.data_bytes for part in parts)
    if held > largest:
        raise ModelRefused(
            f"{folder.name}: the weights have {held:,} bytes; {largest:,} are allowed here. "
            "Choose a smaller model or raise the limit."
        )
    shapes = {name: shape for part in parts for name, shape in part.shapes.items()}
    embedding = shapes.get("model.embed_tokens.weight")
    declared = (config["vocab_size"], config["hidden_size"])
    if embedding != declared:
        raise refused(
            folder / "config.json",
            f"it declares embeddings of {declared}, the weights hold {embedding}. "
            "Take both files from the same model.",
        )
    layers = {name.split(".")[2] for name in shapes if name.startswith("model.layers.")}
    if len(layers) != config["num_hidden_layers"]:
        raise refused(
            folder / "config.json",
            f"it declares {config['num_hidden_layers']} layers, the weights hold {len(layers)}.",
        )
    wide = shapes.get("model.layers.0.mlp.up_proj.weight")
    if wide != (config["intermediate_size"], config["hidden_size"]):
        raise refused(
            folder / "config.json",
            f"it declares an intermediate size of {config['intermediate_size']:,}, "
            f"the weights hold {wide}.",
        )
