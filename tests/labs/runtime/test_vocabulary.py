"""The vocabulary of a model folder: bytes and spans that tile the text, markers that stay text."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.runtime.vocabulary import BYTE_OF, FileTokenizer
from tests.labs.runtime import tiny


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> FileTokenizer:
    path = tmp_path_factory.mktemp("vocabulary") / "tokenizer.json"
    path.write_text(tiny.tokenizer().to_str())
    return FileTokenizer("tiny", path, "")


def test_every_text_comes_back_and_its_pieces_tile_it(tokenizer: FileTokenizer) -> None:
    @settings(max_examples=200, deadline=None)
    @given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
    def check(text: str) -> None:
        encoding = tokenizer.encode(text)
        assert b"".join(encoding.pieces) == text.encode()
        assert [text.encode()[a:b] for a, b in encoding.spans] == list(encoding.pieces)
        assert tokenizer.decode(encoding.ids) == text

    check()


@pytest.mark.parametrize("marker", tiny.MARKERS)
def test_a_typed_marker_stays_text_unless_it_is_meant(
    tokenizer: FileTokenizer, marker: str
) -> None:
    number = tiny.MARKERS.index(marker)
    assert number not in tokenizer.encode(f"a{marker}b").ids
    assert number not in tokenizer.prompt(f"a{marker}b")[1:]
    meant = tokenizer.encode(f"é{marker}b", specials=True)
    assert number in meant.ids
    assert not meant.pieces[meant.ids.index(number)]


def test_only_a_prompt_begins_with_the_start_mark(tokenizer: FileTokenizer) -> None:
    assert tokenizer.prompt("the")[0] == tiny.START
    assert tokenizer.encode("the").ids == tokenizer.prompt("the")[1:]


def test_the_table_of_bytes_is_the_librarys(tokenizer: FileTokenizer, tmp_path: Path) -> None:
    library = pytest.importorskip("tokenizers")
    assert set(BYTE_OF) == set(library.pre_tokenizers.ByteLevel.alphabet())
    assert sorted(BYTE_OF.values()) == list(range(256))
    assert BYTE_OF["Ġ"] == 32
