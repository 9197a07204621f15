"""Strips: the same bytes in every column, and where the columns part."""

import pytest

from labs.runtime import Runtime
from labs.runtime.fake import FakeRuntime
from labs.runtime.strips import cuts_of, strip_of, vocabulary_of
from labs.runtime.tokens import VOCABULARIES


@pytest.fixture
def runtime() -> Runtime:
    return FakeRuntime()


def test_columns_cover_the_whole_text(runtime: Runtime) -> None:
    text = " नदी 12"
    strip = strip_of(runtime, VOCABULARIES, text, label="Mixed", lang="hi")
    assert (strip.n_bytes, strip.n_chars, strip.n_words) == (13, 7, 2)
    for column in strip.columns:
        assert column.n == len(column.ids) == len(column.ends)
        assert column.ends[-1] == strip.n_bytes
        assert column.ends == sorted(column.ends)
        assert set(column.cuts) <= set(range(1, strip.n_bytes))


def test_an_added_space_is_counted_but_cuts_nothing(runtime: Runtime) -> None:
    strip = strip_of(runtime, ["spm32k"], "12", label="Digits")
    assert (strip.columns[0].n, strip.columns[0].ends, strip.columns[0].cuts) == (3, [0, 1, 2], [1])


def test_baselines_do_not_decide_where_columns_part(runtime: Runtime) -> None:
    def parts_at(*slugs: str) -> int | None:
        return strip_of(runtime, slugs, "strawberry", label="Word").differs_at

    assert parts_at("tekken", "spm32k") == 2  # st·raw·berry, straw·berry
    assert parts_at("tekken", "chars", "bytes") is None
    assert parts_at("chars") is None


def test_an_empty_text_has_no_cut(runtime: Runtime) -> None:
    assert cuts_of(runtime.tokenizer("tekken").encode("")) == []
    assert strip_of(runtime, ["tekken"], "", label="Nothing").columns[0].n == 0


@pytest.mark.parametrize("slug", list(VOCABULARIES))
def test_every_vocabulary_names_its_source(slug: str, runtime: Runtime) -> None:
    vocabulary = vocabulary_of(runtime, slug)
    assert vocabulary.size == runtime.tokenizer(slug).size
    assert vocabulary.source
