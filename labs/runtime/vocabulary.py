"""The vocabulary of a model folder, read by the `tokenizers` library. No torch."""

from collections.abc import Sequence
from importlib import import_module
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from labs.runtime import Encoding


def byte_of() -> dict[str, int]:
    """Byte-level BPE writes each byte as a printable character; the way back.

    Source: `bytes_to_unicode` of GPT-2; checked against the library in test_vocabulary.py.
    """
    plain = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    rest = [byte for byte in range(256) if byte not in plain]
    shifted = {chr(256 + n): byte for n, byte in enumerate(rest)}
    return {chr(byte): byte for byte in plain} | shifted


BYTE_OF = byte_of()


class FileTokenizer:
    """A tokenizer.json. Typed control-token text stays text unless `specials` is asked for."""

    def __init__(self, slug: str, path: Path, sha256: str) -> None:
        self.slug, self.sha256 = slug, sha256
        library: Any = import_module("tokenizers").Tokenizer
        self.typed = library.from_file(str(path))
        self.typed.encode_special_tokens = True
        self.marked = library.from_file(str(path))
        self.size: int = self.typed.get_vocab_size()
        self.by_bytes = "ByteLevel" in str(type(self.typed.decoder))
        added = self.typed.get_added_tokens_decoder()
        self.markers = frozenset(number for number, token in added.items() if token.special)

    def encode(self, text: str, *, specials: bool = False) -> Encoding:
        """Ids, byte spans and bytes of a text, without the start mark of a prompt."""
        reader = self.marked if specials else self.typed
        found = reader.encode(text, add_special_tokens=False)
        spans = self.spans(text, found)
        data = text.encode()
        pieces = tuple(
            b"" if token in self.markers else data[start:end]
            for token, (start, end) in zip(found.ids, spans, strict=True)
        )
        return Encoding(ids=tuple(found.ids), spans=spans, pieces=pieces)

    def spans(self, text: str, found: Any) -> tuple[tuple[int, int], ...]:
        """UTF-8 byte offsets. Characters cut by a token are cut here too, where bytes tell."""
        starts = [0]
        for character in text:
            starts.append(starts[-1] + len(character.encode()))
        spans = [(starts[start], starts[end]) for start, end in found.offsets]
        if not self.by_bytes or self.markers.intersection(found.ids):
            return tuple(spans)
        lengths = [len(bytes(BYTE_OF[char] for char in token)) for token in found.tokens]
        if sum(lengths) != starts[-1]:  # a normaliser has changed the text
            return tuple(spans)
        return tuple(pairwise(accumulate(lengths, initial=0)))

    def prompt(self, text: str) -> tuple[int, ...]:
        return tuple(self.typed.encode(text, add_special_tokens=True).ids)

    def decode(self, ids: Sequence[int]) -> str:
        return str(self.typed.decode(list(ids), skip_special_tokens=True))
