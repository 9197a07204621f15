"""Model folders: hostile ones are refused before a library sees them, nothing in them runs."""

import os
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from threading import Event

import pytest

from labs.runtime.tensors import ModelRefused
from labs.runtime.vetting import vet
from tests.labs.runtime.folders import CONFIG, HOSTILE, config, good, index_of, put, tokenizer

LARGEST = 10_000  # bytes of weights

# What would mean that something in a folder ran or was handed to a library.
TELLTALES = {"exec", "compile", "import", "pickle.find_class", "socket.connect", "subprocess.Popen"}


@pytest.fixture
def events() -> Iterator[list[str]]:
    """What the interpreter does meanwhile. An audit hook stays for good, so this one goes deaf."""
    seen: list[str] = []
    deaf = Event()

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if not deaf.is_set() and event in TELLTALES:
            seen.append(f"{event} {str(arguments)[:100]}")

    sys.addaudithook(watch)
    yield seen
    deaf.set()


def test_a_plain_folder_passes_and_its_hash_covers_what_is_loaded(tmp_path: Path) -> None:
    folder = good(tmp_path)
    vetted = vet(folder, largest=LARGEST)
    assert (vetted.parameters, vetted.weight_bytes) == (60, 240)
    assert sorted(vetted.files) == ["config.json", "model.safetensors", "tokenizer.json"]
    assert vetted.files["config.json"] == sha256((folder / "config.json").read_bytes()).hexdigest()
    assert vet(folder, largest=LARGEST, pinned=vetted.sha256) == vetted
    (folder / "MODEL_CARD.md").write_text("another card")
    assert vet(folder, largest=LARGEST, pinned=vetted.sha256).sha256 == vetted.sha256


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_folder_is_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    change, words = HOSTILE[name]
    folder = good(tmp_path)
    change(folder)
    with pytest.raises(ModelRefused) as refusal:
        vet(folder, largest=LARGEST)
    assert words in str(refusal.value)
    assert str(refusal.value).startswith("good")
    assert str(refusal.value).endswith(".")
    assert str(tmp_path) not in str(refusal.value)


def test_nothing_in_a_hostile_folder_runs(tmp_path: Path, events: list[str]) -> None:
    folders = [good(tmp_path, f"hostile-{number}") for number in range(len(HOSTILE))]
    for folder, (change, _) in zip(folders, HOSTILE.values(), strict=True):
        change(folder)
    events.clear()
    refusals = [reason(folder) for folder in folders]
    assert events == []
    assert len(list(filter(None, refusals))) == len(HOSTILE) >= 30


def reason(folder: Path) -> str:
    try:
        vet(folder, largest=LARGEST)
    except ModelRefused as refusal:
        return str(refusal)
    return ""


def test_the_watch_would_see_a_program(events: list[str]) -> None:
    exec(compile("1", "evil", "exec"))  # noqa: S102  # the planted breach
    assert {event.split()[0] for event in events} == {"compile", "exec"}


def test_a_named_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    folder = good(tmp_path)
    os.mkfifo(folder / "vocab.json")
    with pytest.raises(ModelRefused, match="not an ordinary file"):
        vet(folder, largest=LARGEST)


def test_a_link_to_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(good(tmp_path))
    with pytest.raises(ModelRefused, match="not a folder"):
        vet(tmp_path / "link", largest=LARGEST)


def test_a_changed_file_no_longer_fits_the_pinned_hash(tmp_path: Path) -> None:
    folder = good(tmp_path)
    pinned = vet(folder, largest=LARGEST).sha256
    tokenizer({"model": {"vocab": {"other": 3}}})(folder)
    with pytest.raises(ModelRefused, match="Restore the files"):
        vet(folder, largest=LARGEST, pinned=pinned)


def test_weights_larger_than_allowed_are_refused_before_they_are_read(tmp_path: Path) -> None:
    folder = good(tmp_path)
    assert vet(folder, largest=240).weight_bytes == 240
    with pytest.raises(ModelRefused, match="240 bytes; 239 are allowed"):
        vet(folder, largest=239)


def test_numbered_weights_with_their_index_pass(tmp_path: Path) -> None:
    folder = good(tmp_path)
    index_of({"model.norm.weight": "model-00001-of-00002.safetensors"})(folder)
    assert vet(folder, largest=LARGEST).parameters == 60


def test_a_window_that_is_switched_off_is_no_window(tmp_path: Path) -> None:
    folder = good(tmp_path)
    config(
        architectures=["Qwen2ForCausalLM"],
        model_type="qwen2",
        sliding_window=8,
        use_sliding_window=False,
    )(folder)
    assert vet(folder, largest=LARGEST).parameters == 60
    config(architectures=["MistralForCausalLM"], model_type="mistral", sliding_window=8)(folder)
    with pytest.raises(ModelRefused, match="sliding-window"):
        vet(folder, largest=LARGEST)


def test_the_good_folder_differs_from_a_hostile_one_in_one_thing_only(tmp_path: Path) -> None:
    folder = good(tmp_path)
    put("generation_config.json", b"{}")(folder)
    config(**CONFIG, attn_implementation="sdpa", quantization_config=None)(folder)
    assert vet(folder, largest=LARGEST).parameters == 60
