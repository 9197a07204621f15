"""The committed members: they load with plain transformers and do what their cards say."""

import hashlib
import json
import stat
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

import pebble
from pebble.abilities import ABILITIES
from pebble.cards import card
from pebble.evaluate import load, row_of
from pebble.members import MEMBERS
from pebble.statistics import wilson
from pebble.tasks.base import corpus_hash

SHIPPED = Path(pebble.__file__).parent / "model"
NAMES = sorted(folder.name for folder in SHIPPED.iterdir())
FEW = 100  # problems per row here; cards have up to 1,000
FILES = {
    "config.json", "eval.json", "model.safetensors", "MODEL_CARD.md", "tokenizer.json",
    "tokenizer_config.json",
}  # fmt: skip

pytestmark = pytest.mark.slow


def result(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SHIPPED / name / "eval.json").read_text())
    return found


@pytest.mark.parametrize("name", NAMES)
def test_a_folder_holds_readable_files_of_less_than_800_kb(name: str) -> None:
    files = list((SHIPPED / name).iterdir())
    assert {file.name for file in files} == FILES
    assert all(stat.S_IMODE(file.stat().st_mode) & 0o777 == 0o644 for file in files)
    assert sum(file.stat().st_size for file in files) <= 800_000


@pytest.mark.parametrize("name", NAMES)
def test_weights_and_corpus_are_those_that_were_measured(name: str) -> None:
    weights = (SHIPPED / name / "model.safetensors").read_bytes()
    assert hashlib.sha256(weights).hexdigest() == result(name)["checkpoint_sha256"]
    assert corpus_hash(MEMBERS[name].task) == result(name)["corpus_sha256"]


@pytest.mark.parametrize("name", NAMES)
def test_plain_transformers_gives_the_greedy_text_of_the_card(name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED / name, local_files_only=True)
    model: Any = AutoModelForCausalLM.from_pretrained(SHIPPED / name, local_files_only=True)
    fixed = result(name)["greedy"]
    asked = tokenizer(fixed["prompt"], return_tensors="pt")
    made = model.generate(
        asked["input_ids"],
        attention_mask=asked["attention_mask"],
        max_new_tokens=fixed["max_new_tokens"],
        do_sample=False,
    )
    text = tokenizer.decode(made[0, asked["input_ids"].shape[1] :])
    assert text == fixed["text"]
    assert f"text:   {text}\n" in (SHIPPED / name / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_a_tokenizer_gives_the_ids_the_model_was_trained_on(name: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(SHIPPED / name, local_files_only=True)
    assert tokenizer.get_vocab() == MEMBERS[name].task.vocabulary


@pytest.mark.parametrize("name", NAMES)
def test_a_few_problems_agree_with_the_card(name: str) -> None:
    """Fewer problems, so the card's interval is widened by theirs."""
    torch.set_num_threads(1)
    model, rows = load(SHIPPED / name), {row["id"]: row for row in result(name)["rows"]}
    for ability in [one for one in ABILITIES[name] if one.target or "digits" in one.id]:
        row = row_of(model, MEMBERS[name], ability, FEW)
        low, high = wilson(row["k"], row["n"])
        assert low <= rows[ability.id]["high"], ability.id
        assert high >= rows[ability.id]["low"], ability.id


@pytest.mark.parametrize("name", NAMES)
def test_a_card_says_what_was_measured_and_names_every_miss(name: str) -> None:
    config = json.loads((SHIPPED / name / "config.json").read_text())
    config["parameters"] = sum(parameter.numel() for parameter in load(SHIPPED / name).parameters())
    text = (SHIPPED / name / "MODEL_CARD.md").read_text()
    assert text == card(result(name), config)
    misses = [row for row in result(name)["rows"] + result(name)["findings"] if row["met"] is False]
    assert text.count("**missed**") == len(misses)
