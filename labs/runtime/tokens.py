"""Real vocabularies, read from files inside installed wheels. They need no model and no torch."""

import logging
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256
from importlib import import_module
from importlib.resources import files
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from labs.runtime import Encoding, Generated, NoModelError, Prompt, Runtime, Sampling, Tokenizer

# The libraries are imported when the first text is encoded: they cost half a second and 110 MB,
# which a process that only lists the labs must not pay.

TEKKEN_FILE = "tekken_240911.json"
TEKKEN_SHA256 = "1948e2d48b0e7377f1bb5f1210f1ae5f984934e75713fc07e2452729b8365316"
SPM32K_FILE = "mistral_instruct_tokenizer_240323.model.v3"
SPM32K_SHA256 = "9addc8bdce5988448ae81b729336f43a81262160ae8da760674badab9d4c7d33"
SPACE_MARK = "▁"  # U+2581: how SentencePiece writes a space


class ChangedVocabularyError(Exception):
    """A vocabulary file is not the one that the golden counts were measured on."""


class Bytes:
    """One token per UTF-8 byte."""

    slug = "bytes"
    sha256 = ""
    size = 256

    def encode(self, text: str) -> Encoding:
        data = text.encode()
        return encoding(tuple(data), [bytes([byte]) for byte in data])

    def decode(self, ids: Sequence[int]) -> str:
        return bytes(ids).decode(errors="replace")


class Chars:
    """One token per Unicode code point: the baseline."""

    slug = "chars"
    sha256 = ""
    size = 0x110000

    def encode(self, text: str) -> Encoding:
        return encoding(tuple(map(ord, text)), [char.encode() for char in text])

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(map(chr, ids))


class Tekken:
    """Byte-level BPE with 130,072 entries after 1,000 control ids, read by mistral-common."""

    slug = "tekken"
    sha256 = TEKKEN_SHA256
    size = 131_072

    def __init__(self) -> None:
        logging.getLogger("mistral_common").setLevel(logging.WARNING)  # it counts its own ids
        module = import_module("mistral_common.tokens.tokenizers.tekken")
        self.model: Any = module.Tekkenizer.from_file(checked(TEKKEN_FILE, TEKKEN_SHA256))
        self.piece = cache(self.model.id_to_byte_piece)

    def encode(self, text: str) -> Encoding:
        ids = tuple(self.model.encode(text, bos=False, eos=False))
        return encoding(ids, [self.piece(token) for token in ids])

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.model.decode(list(ids)))


class Spm32k:
    """SentencePiece BPE with byte fallback. It puts a space before the text."""

    slug = "spm32k"
    sha256 = SPM32K_SHA256
    size = 32_768

    def __init__(self) -> None:
        module = import_module("sentencepiece")
        path = checked(SPM32K_FILE, SPM32K_SHA256)
        self.model: Any = module.SentencePieceProcessor(model_file=str(path))
        self.pieces = [self.piece(token) for token in range(self.size)]

    def piece(self, token: int) -> bytes:
        """What a token stands for, spaces written as spaces."""
        name: str = self.model.id_to_piece(token)
        if self.model.is_byte(token):
            return bytes([int(name[3:-1], 16)])
        return name.replace(SPACE_MARK, " ").encode()

    def encode(self, text: str) -> Encoding:
        ids = tuple(self.model.encode(text))
        pieces = [self.pieces[token] for token in ids]
        if pieces:
            pieces[0] = pieces[0].removeprefix(b" ")  # the added space covers no byte of the text
        return encoding(ids, respelt(pieces, text) if SPACE_MARK in text else pieces)

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.model.decode(list(ids)))


def respelt(pieces: Sequence[bytes], text: str) -> list[bytes]:
    """Pieces of a text that holds U+2581 itself, which SentencePiece takes for a space."""
    typed, rest, found = SPACE_MARK.encode(), text.encode(), []
    for piece in pieces:
        covered = b""
        for byte in piece:
            covered += typed if rest.startswith(typed, len(covered)) else bytes([byte])
        found.append(covered)
        rest = rest[len(covered) :]
    return found


def encoding(ids: tuple[int, ...], pieces: Sequence[bytes]) -> Encoding:
    """Join ids and their bytes; the spans follow, because the pieces tile the text."""
    ends = accumulate(map(len, pieces), initial=0)
    return Encoding(ids=ids, spans=tuple(pairwise(ends)), pieces=tuple(pieces))


def checked(name: str, digest: str) -> Path:
    """The path of a data file of mistral-common, if it is the file that was measured."""
    path = Path(str(files("mistral_common") / "data" / name))
    found = sha256(path.read_bytes()).hexdigest()
    if found != digest:
        raise ChangedVocabularyError(
            f"{name} has the sha256 {found[:12]}…, not {digest[:12]}…. Install the version of "
            "mistral-common that is locked for this release."
        )
    return path


VOCABULARIES: dict[str, Callable[[], Tokenizer]] = {
    "tekken": Tekken,
    "spm32k": Spm32k,
    "bytes": Bytes,
    "chars": Chars,
}
_loaded: dict[str, Tokenizer] = {}
_loading = Lock()


def get_tokenizer(slug: str) -> Tokenizer:
    """A vocabulary, loaded once per process however many threads ask."""
    with _loading:
        if slug not in _loaded:
            if slug not in VOCABULARIES:
                known = ", ".join(VOCABULARIES)
                raise LookupError(f"No vocabulary is called {slug!r}. There are: {known}.")
            _loaded[slug] = VOCABULARIES[slug]()
        return _loaded[slug]


class TokenRuntime:
    """The runtime of a worker without models: every vocabulary, nothing that generates."""

    def tokenizer(self, slug: str) -> Tokenizer:
        return get_tokenizer(slug)

    def for_run(self, halted: Callable[[], bool]) -> Runtime:
        """Nothing here takes long, so there is nothing to halt."""
        return self

    def cancelled(self) -> bool:
        return False

    def report(self, done: int, total: int) -> None:
        """Nobody waits for the progress of a run without a row."""

    def next_logits(self, role: str, prompts: Sequence[Prompt]) -> npt.NDArray[np.float32]:
        raise no_model(role)

    def score(
        self, role: str, prompts: Sequence[Prompt], continuations: Sequence[str]
    ) -> tuple[tuple[float, ...], ...]:
        raise no_model(role)

    def generate(
        self,
        role: str,
        prompts: Sequence[Prompt],
        *,
        sampling: Sampling | Sequence[Sampling],
        max_new: int,
        row_seeds: Sequence[int],
    ) -> tuple[Generated, ...]:
        raise no_model(role)


def no_model(role: str) -> NoModelError:
    return NoModelError(f"No model is installed for the role {role!r}; this worker has tokenizers.")
