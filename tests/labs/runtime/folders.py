"""Model folders written by hand, good ones and hostile ones; no model library is needed."""

import json
from collections.abc import Callable, Mapping
from math import prod
from pathlib import Path
from typing import Any

CONFIG = {
    "architectures": ["LlamaForCausalLM"],
    "model_type": "llama",
    "vocab_size": 8,
    "hidden_size": 4,
    "intermediate_size": 6,
    "num_hidden_layers": 1,
    "num_attention_heads": 1,
    "max_position_embeddings": 16,
}
SHAPES = {
    "model.embed_tokens.weight": (8, 4),
    "model.layers.0.mlp.up_proj.weight": (6, 4),
    "model.norm.weight": (4,),
}


def tensors(shapes: Mapping[str, tuple[int, ...]] = SHAPES) -> bytes:
    """A safetensors file of zeros, float32."""
    header, end = {}, 0
    for name, shape in shapes.items():
        begin, end = end, end + 4 * prod(shape)
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    return with_header(json.dumps(header).encode(), bytes(end))


def with_header(header: bytes, data: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header + data


def good(parent: Path, name: str = "good") -> Path:
    """A folder that passes."""
    folder = parent / name
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": {"Regex": 3}}}))
    (folder / "model.safetensors").write_bytes(tensors())
    (folder / "MODEL_CARD.md").write_text("# A card\n")
    return folder


Change = Callable[[Path], object]


def put(name: str, content: bytes = b"x") -> Change:
    return lambda folder: (folder / name).write_bytes(content)


def config(**fields: Any) -> Change:
    return lambda folder: (folder / "config.json").write_text(json.dumps({**CONFIG, **fields}))


def tokenizer(content: object) -> Change:
    return lambda folder: (folder / "tokenizer.json").write_text(json.dumps(content))


def weights(header: object, data: bytes = b"") -> Change:
    return put("model.safetensors", with_header(json.dumps(header).encode(), data))


def tensor(shape: object, span: object, dtype: object = "F32") -> dict[str, object]:
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": span}}


def nested(key: str, value: object) -> dict[str, object]:
    return {"model": {"deep": [[{"er": {key: value}}]]}}


def link(folder: Path) -> None:
    (folder / "vocab.json").symlink_to(folder / "config.json")


def folder_inside(folder: Path) -> None:
    (folder / "custom_generate").mkdir()
    (folder / "custom_generate" / "generate.py").write_text("raise SystemExit")


def shard_without_index(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")


def index_of(weight_map: object) -> Change:
    def change(folder: Path) -> None:
        shard_without_index(folder)
        content = json.dumps({"weight_map": weight_map})
        (folder / "model.safetensors.index.json").write_text(content)

    return change


def many(folder: Path) -> None:
    for number in range(300):
        (folder / f"model-{number:05}-of-00300.safetensors").write_bytes(tensors())


def remove(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


# What is wrong, the change that makes it so, and words of the refusal.
HOSTILE: dict[str, tuple[Change, str]] = {
    "a pickle": (put("pytorch_model.bin"), "hold or name a program"),
    "a pickle by another name": (put("weights.pkl"), "hold or name a program"),
    "a checkpoint": (put("last.ckpt"), "hold or name a program"),
    "a pickle in capitals": (put("MODEL.PT"), "hold or name a program"),
    "a program": (put("modeling_evil.py", b"raise SystemExit"), "hold or name a program"),
    "a native library": (put("kernel.so"), "hold or name a program"),
    "an archive": (put("code.zip"), "hold or name a program"),
    "an array file": (put("weights.npy"), "hold or name a program"),
    "another engine's weights": (put("model.gguf"), "hold or name a program"),
    "a graph": (put("model.onnx"), "hold or name a program"),
    "an adapter": (put("adapter_config.json", b"{}"), "not a file that a model needs"),
    "a hidden file": (put(".env"), "not a file that a model needs"),
    "a shell script": (put("install.sh"), "not a file that a model needs"),
    "a link": (link, "a link"),
    "a folder with a program": (folder_inside, "a folder"),
    "remote code in the configuration": (config(auto_map={"AutoModel": "x.y"}), "'auto_map'"),
    "remote code deep inside": (config(text_config=[{"a": {"auto_map": {}}}]), "'auto_map'"),
    "trust switched on": (tokenizer(nested("trust_remote_code", value=True)), "trust_remote_code"),
    "a foreign pipeline": (config(custom_pipelines={"x": {}}), "'custom_pipelines'"),
    "another base model": (config(base_model_name_or_path="a/b"), "base_model_name_or_path"),
    "a kernel repository": (config(_attn_implementation="evil/kernel"), "'eager' and 'sdpa'"),
    "a list of kernels": (config(attn_implementation=["evil/kernel"]), "'eager' and 'sdpa'"),
    "quantised weights": (config(quantization_config={"quant_method": "x"}), "quantised"),
    "a pattern that never ends": (tokenizer(nested("Regex", "(a+)+$")), "unknown pattern"),
    "a pattern that is a list": (tokenizer(nested("Regex", ["(a+)+$"])), "unknown pattern"),
    "an unknown architecture": (config(architectures=["EvilForCausalLM"]), "is not known"),
    "two architectures": (config(architectures=["LlamaForCausalLM", "Evil"]), "is not known"),
    "another model type": (config(model_type="evil"), "is not known"),
    "a huge vocabulary": (config(vocab_size=10**12), "vocab_size is"),
    "a vocabulary that is no number": (config(vocab_size="8; import os"), "vocab_size is"),
    "layers without end": (config(num_hidden_layers=10**6), "num_hidden_layers is"),
    "more layers than weights": (config(num_hidden_layers=90), "the weights hold 1"),
    "wider than its weights": (config(hidden_size=16_000), "the weights hold (8, 4)"),
    "a wide hidden layer": (config(intermediate_size=60_000), "the weights hold (6, 4)"),
    "a true that counts as one": (config(num_attention_heads=True), "num_attention_heads is True"),
    "a sliding window": (config(sliding_window=8, use_sliding_window=True), "sliding-window"),
    "JSON that is not": (put("config.json", b"{not json"), "not readable JSON"),
    "JSON nested too deeply": (put("tokenizer.json", b"[" * 200_000), "not readable JSON"),
    "JSON in another encoding": (put("tokenizer.json", b"\xff\xfe\x00{"), "not readable JSON"),
    "a list for a configuration": (put("config.json", b"[]"), "not a JSON object"),
    "a key twice": (put("config.json", b'{"a": 1, "a": 2}'), "stands twice"),
    "a huge configuration": (put("config.json", b" " * (2**20 + 1)), "bytes; at most"),
    "a huge template": (put("chat_template.jinja", b"x" * 65_537), "bytes; at most"),
    "no configuration": (remove("config.json"), "config.json is missing"),
    "no tokenizer": (remove("tokenizer.json"), "tokenizer.json is missing"),
    "no weights": (remove("model.safetensors"), "no safetensors file"),
    "an empty weight file": (put("model.safetensors", b""), "the header claims"),
    "a header longer than the file": (
        put("model.safetensors", (2**40).to_bytes(8, "little") + b"{}"),
        "the header claims",
    ),
    "a header that is a pickle": (
        put("model.safetensors", with_header(b"\x80\x04c", b"")),
        "header is not JSON",
    ),
    "a header that is a list": (weights([]), "not a JSON object"),
    "a tensor past the end": (weights(tensor([4], [0, 16]), bytes(8)), "the file holds 8"),
    "data nobody names": (weights(tensor([1], [0, 4]), bytes(99)), "the file holds 99"),
    "tensors on top of each other": (
        weights(
            {**tensor([2], [0, 8]), "b": {"dtype": "F32", "shape": [2], "data_offsets": [4, 12]}},
            bytes(12),
        ),
        "overlap",
    ),
    "a length that is not the shape's": (weights(tensor([9], [0, 4]), bytes(4)), "another length"),
    "a negative shape": (weights(tensor([-1], [0, 4]), bytes(4)), "no usable type"),
    "a type that is a list": (weights(tensor([1], [0, 4], ["F32"]), bytes(4)), "no usable type"),
    "an unknown type": (weights(tensor([1], [0, 4], "EVIL"), bytes(4)), "no usable type"),
    "a place that is text": (weights(tensor([1], "04"), bytes(4)), "no usable type"),
    "a part without an index": (shard_without_index, "numbered weight files need"),
    "an index that leads outside": (index_of({"a": "../../secret.safetensors"}), "exactly"),
    "an index of lists": (index_of({"a": ["x"]}), "exactly"),
    "more files than a model has": (many, "304 files"),
}
