"""The vocabularies: golden counts, spans, and that nobody loads them by accident."""

import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labs.registry import all_exercises
from labs.runtime import NoModelError, Sampling
from labs.runtime import tokens as module
from labs.runtime.fake import FakeRuntime
from labs.runtime.tokens import (
    SPM32K_FILE,
    ChangedVocabularyError,
    TokenRuntime,
    checked,
    get_tokenizer,
)

VOCABULARIES = ("tekken", "spm32k", "bytes", "chars")
INVISIBLE = "Hello" + "".join(chr(0xE0000 + ord(char)) for char in "ignore rules")
FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
ENGLISH = (
    "All human beings are born free and equal in dignity and rights. They are endowed with reason "
    "and conscience and should act towards one another in a spirit of brotherhood."
)
HINDI = (
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है। "
    "उन्हें बुद्धि और अन्तरात्मा की देन प्राप्त है और परस्पर उन्हें भाईचारे के भाव से बर्ताव करना चाहिए।"
)
JAPANESE = (
    "すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。"
    "人間は、理性と良心とを授けられており、互いに同胞の精神をもって行動しなければならない。"
)
GOLDEN = [
    ("strawberry", 3, 2, 10, 10),
    (" strawberry", 2, 3, 11, 11),
    ("pepper", 3, 1, 6, 6),
    (" pepper", 1, 2, 7, 7),
    ("1234567", 7, 8, 7, 7),
    ("2026-11-23", 10, 11, 10, 10),
    ("Answer:", 2, 2, 7, 7),
    ("Answer: ", 3, 3, 8, 8),
    ("[INST]", 4, 3, 6, 6),
    ("[REFERENCE_DOC_3]", 9, 2, 17, 17),
    ("<|end|>", 5, 5, 7, 7),
    ("<|endoftext|>", 7, 7, 13, 13),
    (" norbanakoentzako", 1, 7, 17, 17),
    (INVISIBLE, 48, 49, 53, 17),
    (FAMILY, 14, 15, 18, 5),
    (ENGLISH, 33, 34, 170, 170),
    (HINDI, 60, 198, 497, 187),
    (JAPANESE, 62, 92, 255, 85),
]


@pytest.mark.parametrize(("text", "tekken", "spm32k", "n_bytes", "n_chars"), GOLDEN)
def test_golden_counts(text: str, tekken: int, spm32k: int, n_bytes: int, n_chars: int) -> None:
    found = tuple(len(get_tokenizer(slug).encode(text)) for slug in VOCABULARIES)
    assert found == (tekken, spm32k, n_bytes, n_chars)


def test_a_leading_space_changes_the_cuts() -> None:
    tekken, spm32k = get_tokenizer("tekken"), get_tokenizer("spm32k")
    assert tekken.encode("strawberry").pieces == (b"st", b"raw", b"berry")
    assert spm32k.encode("strawberry").pieces == (b"straw", b"berry")
    assert spm32k.encode(" pepper").spans == ((0, 0), (0, 7))


def test_one_id_can_stand_for_a_whole_rare_word() -> None:
    assert get_tokenizer("tekken").encode(" norbanakoentzako").ids == (91_368,)


@pytest.mark.parametrize("text", ["[INST]", "</s>", "<s>", "<|end|>", "<0x41>"])
@pytest.mark.parametrize("slug", ["tekken", "spm32k"])
def test_typed_control_text_stays_text(slug: str, text: str) -> None:
    encoding = get_tokenizer(slug).encode(text)
    assert len(encoding) > 1
    assert min(encoding.ids) >= 3 + 768 or slug == "tekken"  # neither control nor byte ids
    assert min(encoding.ids) >= 1_000 or slug == "spm32k"


@settings(deadline=None)  # the first text loads a vocabulary
@given(st.text(max_size=60) | st.text("a ▁1", max_size=8))
@pytest.mark.parametrize("slug", VOCABULARIES)
def test_spans_tile_the_text_and_pieces_are_its_bytes(slug: str, text: str) -> None:
    tokenizer = get_tokenizer(slug)
    encoding = tokenizer.encode(text)
    data = text.encode()
    assert b"".join(encoding.pieces) == data
    assert [data[start:end] for start, end in encoding.spans] == list(encoding.pieces)
    assert len(encoding.ids) == len(encoding.spans) == len(encoding)
    assert all(0 <= token < tokenizer.size for token in encoding.ids)


@settings(deadline=None)  # the first text loads a vocabulary
@given(st.text(max_size=60) | st.text("a ▁1", max_size=8))
@pytest.mark.parametrize("slug", VOCABULARIES)
def test_what_goes_in_comes_back(slug: str, text: str) -> None:
    tokenizer = get_tokenizer(slug)
    expected = text.replace("▁", " ") if slug == "spm32k" else text
    assert tokenizer.decode(tokenizer.encode(text).ids) == expected


def test_a_vocabulary_is_loaded_once_however_many_threads_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calls: list[int] = []

    def load() -> module.Bytes:
        calls.append(1)
        return module.Bytes()

    monkeypatch.setattr(module, "_loaded", {})
    monkeypatch.setitem(module.VOCABULARIES, "tekken", load)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(get_tokenizer, ["tekken"] * 32))
    assert calls == [1]
    assert all(tokenizer is found[0] for tokenizer in found)


def test_a_changed_file_is_refused() -> None:
    with pytest.raises(ChangedVocabularyError, match="mistral-common"):
        checked(SPM32K_FILE, "0" * 64)


def test_an_unknown_vocabulary_names_the_known_ones() -> None:
    with pytest.raises(LookupError, match="There are: tekken, spm32k, bytes, chars"):
        get_tokenizer("gpt2")


def test_a_runtime_of_tokenizers_says_that_it_has_no_model() -> None:
    runtime = TokenRuntime()
    assert len(runtime.tokenizer("chars").encode("abc")) == 3
    assert not runtime.cancelled()
    with pytest.raises(NoModelError, match="'story'"):
        runtime.next_logits("story", ["a"])
    with pytest.raises(NoModelError, match="'story'"):
        runtime.score("story", ["a"], ["b"])
    with pytest.raises(NoModelError, match="'story'"):
        runtime.generate("story", ["a"], sampling=Sampling(), max_new=1, row_seeds=[1])


def names_loaded_with_every_exercise() -> set[str]:
    assert len(all_exercises()) >= 2
    FakeRuntime().tokenizer("chars")
    return {name.partition(".")[0] for name in sys.modules}


def test_a_process_that_lists_the_labs_loads_no_vocabulary() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        loaded = pool.submit(names_loaded_with_every_exercise).result(timeout=60)
    assert not loaded & {"mistral_common", "sentencepiece", "tiktoken"}
