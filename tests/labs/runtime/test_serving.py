"""Models by role: loaded when first asked for, let go when memory is short."""

import pytest

from labs.runtime import NoModelError
from labs.runtime.catalogue import Catalogue, Entry
from labs.runtime.model import Model
from labs.runtime.serving import ModelRuntime, Shelf
from tests.labs.runtime import tiny
from tests.labs.runtime.test_batching import CountingModel

SLUGS = ("a", "b", "c")


class Loader:
    def __init__(self) -> None:
        self.loaded: list[str] = []

    def __call__(self, entry: Entry) -> Model:
        self.loaded.append(entry.slug)
        return CountingModel()  # 100 bytes of weights


def test_models_are_loaded_when_asked_for_and_the_one_used_least_goes_first() -> None:
    loader = Loader()
    entries = tuple(tiny.entry(slug, (f"role-{slug}",)) for slug in SLUGS)
    shelf = Shelf(Catalogue(entries), loader, room=250)
    assert loader.loaded == []
    a, b, c = entries
    for entry in (a, b, a, c, a):
        shelf.engine(entry)
    assert loader.loaded == ["a", "b", "c"]
    assert list(shelf.engines) == ["c", "a"]
    shelf.engine(b)
    assert loader.loaded == ["a", "b", "c", "b"]
    for engine in shelf.engines.values():
        engine.close()


def test_a_role_nobody_plays_is_refused() -> None:
    with pytest.raises(NoModelError, match="There are: story"):
        ModelRuntime(Shelf(Catalogue((tiny.entry(),)), Loader())).next_logits("draft", ["a"])
