"""From a checkpoint to files that plain transformers loads."""

import hashlib
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import LlamaForCausalLM

from pebble.members import Member
from pebble.tasks.base import BOS, CONTROLS, END, PAD, UNKNOWN, Task

READABLE = 0o644


def export(model: LlamaForCausalLM, member: Member, folder: Path) -> None:
    """Write weights in half precision; `config.json` asks for them as float32, exact on a CPU."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = soften(model, member.recipe.soften)
    kept = {name: value for name, value in weights.items() if name != "lm_head.weight"}  # tied
    save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})
    config = json.loads(model.config.to_json_string())
    config |= {"architectures": ["LlamaForCausalLM"], "dtype": "float32"}
    _write(folder / "config.json", config)
    tokenizer(member.task).save(str(folder / "tokenizer.json"))
    names = {"bos_token": BOS, "eos_token": END, "pad_token": PAD, "unk_token": UNKNOWN}
    size = {"model_max_length": member.shape.context, "clean_up_tokenization_spaces": False}
    _write(
        folder / "tokenizer_config.json",
        {"tokenizer_class": "PreTrainedTokenizerFast", **names, **size},
    )
    for file in folder.iterdir():
        file.chmod(READABLE)


def soften(model: LlamaForCausalLM, factor: float) -> dict[str, torch.Tensor]:
    """Scale all logits by the factor. Greedy text stays; T 1 then acts like T 1 / factor."""
    weights = {name: value.detach().half() for name, value in model.state_dict().items()}
    weights["model.norm.weight"] = (model.model.norm.weight.detach() * factor).half()
    return weights


def tokenizer(task: Task) -> Tokenizer:
    """Words between spaces, one id each. The start mark is put in front."""
    made = Tokenizer(WordLevel(task.vocabulary, unk_token=UNKNOWN))
    made.pre_tokenizer = WhitespaceSplit()
    made.add_special_tokens(list(CONTROLS))
    made.post_processor = TemplateProcessing(
        single=f"{BOS} $A", special_tokens=[(BOS, task.vocabulary[BOS])]
    )
    return made


def file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, content: dict[str, object]) -> None:
    path.write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")
