"""The models that ship pass the check that every model passes, and answer through the runtime."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from labs.runtime import NoModelError, Sampling
from labs.runtime.catalogue import Catalogue, read
from labs.runtime.loading import load_model, model_runtime
from labs.runtime.tensors import ModelRefused
from labs.runtime.vetting import vet

MEMBERS = sorted(path.name for path in Path("pebble/model").iterdir())


@pytest.fixture
def catalogue() -> Catalogue:
    return read(Path(settings.LAB_MODELS).read_text())


def test_the_model_file_names_every_member_that_ships(catalogue: Catalogue) -> None:
    assert sorted(entry.slug for entry in catalogue.entries) == MEMBERS


@pytest.mark.parametrize("name", MEMBERS)
def test_a_member_is_what_its_pin_says(catalogue: Catalogue, name: str) -> None:
    [entry] = [entry for entry in catalogue.entries if entry.slug == name]

    assert vet(Path(entry.path), largest=10**7).sha256 == entry.sha256


def test_a_member_with_another_pin_is_refused(catalogue: Catalogue) -> None:
    changed = replace(catalogue.of("recall"), sha256="0" * 64)

    with pytest.raises(ModelRefused):
        load_model(changed)


def test_an_entry_without_a_folder_says_what_to_write(catalogue: Catalogue) -> None:
    with pytest.raises(NoModelError, match="a local path and the sha256"):
        load_model(replace(catalogue.of("recall"), path=""))


def test_the_recall_model_finds_a_value_through_the_runtime() -> None:
    pytest.importorskip("torch")
    runtime = model_runtime()
    prompt = runtime.tokenizer("pebble-recall").encode("G f 10 J e 2 ? J e").ids

    [row] = runtime.generate(
        "recall", [prompt], sampling=Sampling(temperature=0), max_new=1, row_seeds=[1]
    )

    assert row.text.strip() == "2"
