"""The model file: entries that can be trusted, or a sentence per field that cannot."""

import pytest

from labs.runtime import NoModelError
from labs.runtime.catalogue import CatalogueError, read

SHA256, REVISION = "a" * 64, "b" * 40
GOOD = f"""
[models.pebble-base]
backend = "hf"
path = "pebble/model/pebble-base"
sha256 = "{SHA256}"
context = 512
licence = "MIT"
roles = ["story", "chat"]

[models.large]
backend = "hf"
hub = "Qwen/Qwen2.5-0.5B"
revision = "{REVISION}"
dtype = "bfloat16"
device = "cuda"
context = 32768
licence = "Apache-2.0"
roles = ["facts"]

[models.ten-words]
backend = "fake"
roles = ["recall"]
"""


def test_a_role_leads_to_its_model() -> None:
    catalogue = read(GOOD)
    assert catalogue.of("chat").slug == "pebble-base"
    assert catalogue.of("facts").revision == REVISION
    assert catalogue.of("recall").backend == "fake"
    assert [entry.dtype for entry in catalogue.entries] == ["float32", "bfloat16", "float32"]


def test_a_role_nobody_plays_is_named_with_those_that_are() -> None:
    with pytest.raises(NoModelError, match=r"'draft'\. There are: chat, facts, recall, story\."):
        read(GOOD).of("draft")


def test_an_empty_file_is_a_site_without_models() -> None:
    assert read("").entries == ()


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        (
            'backend = "fake"',
            'backend = "vllm"',
            'ten-words.backend: \'vllm\' cannot be used; write "hf" or "fake"',
        ),
        ('backend = "fake"\n', "", "ten-words.backend: missing"),
        (f'sha256 = "{SHA256}"\n', "", "pebble-base.sha256: missing"),
        (SHA256, "A" * 64, "pebble-base.sha256: 'AAA"),
        (f'revision = "{REVISION}"\n', "", "large.revision: missing"),
        (REVISION, "main", "large.revision: 'main' cannot be used; write the full commit"),
        ('licence = "MIT"\n', "", "pebble-base.licence: missing"),
        ('"MIT"', '" "', "pebble-base.licence: ' ' cannot be used"),
        ("context = 512", "context = true", "pebble-base.context: True cannot be used"),
        ("context = 512", "context = 0", "pebble-base.context: 0 cannot be used"),
        ('"bfloat16"', '"int8"', "large.dtype: 'int8' cannot be used"),
        ('"cuda"', '"tpu"', "large.device: 'tpu' cannot be used"),
        ('"Qwen/Qwen2.5-0.5B"', '"../secret"', "large.hub: '../secret' cannot be used"),
        ('roles = ["facts"]', 'roles = "facts"', "large.roles: 'facts' cannot be used"),
        ('roles = ["facts"]', 'roles = ["chat"]', "large.roles: 'chat' is taken"),
        ("context = 512", "contxt = 512", "pebble-base.contxt: unknown"),
        ('hub = "Qwen/Qwen2.5-0.5B"', "", "large.path: write either"),
        ("[models.large]", "[models.Large_1]", "Large_1.slug: write a slug"),
        ("[models.ten-words]", "[model.ten-words]", "model: unknown; every model is a table"),
        ("[models.ten-words]", "[models.ten-words", "This is not TOML"),
        (GOOD, "models = 3", "write one table"),
        (GOOD, "[models]\nten = 3", "ten.backend: write a table [models.ten]"),
    ],
)
def test_a_wrong_field_is_named_with_what_to_write(old: str, new: str, problem: str) -> None:
    assert old in GOOD
    with pytest.raises(CatalogueError) as error:
        read(GOOD.replace(old, new, 1))
    assert problem in str(error.value)


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(CatalogueError) as error:
        read('[models.a]\nbackend = "hf"\n[models.b]\nbackend = "gpt"')
    places = [(problem.entry, problem.field) for problem in error.value.problems]
    assert places == [
        ("a", "roles"),
        ("a", "context"),
        ("a", "licence"),
        ("a", "path"),
        ("b", "backend"),
        ("b", "roles"),
    ]
