"""A text as several vocabularies cut it, in the shape that results store and templates draw.

Pieces are not stored: they follow from the text and the ends, at a tenth of the size.
"""

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256

from pydantic import BaseModel, ConfigDict

from labs.runtime import Encoding, Runtime

# Where a shipped vocabulary comes from, for the line under a strip.
SOURCES = {
    "tekken": "mistral-common, tekken_240911.json, Apache-2.0, September 2024",
    "spm32k": (
        "mistral-common, mistral_instruct_tokenizer_240323.model.v3, Apache-2.0, March 2024"
    ),
    "bytes": "one token per UTF-8 byte",
    "chars": "one token per Unicode code point",
}

BASELINES = ("bytes", "chars")  # they cut everywhere, so a difference from them says nothing


class Drawn(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Vocabulary(Drawn):
    slug: str
    size: int
    source: str
    sha256: str  # of its file; empty for `bytes` and `chars`


class Column(Drawn):
    """One vocabulary's view of a text."""

    slug: str
    n: int  # ids, the added space of `spm32k` included
    ids: list[int]
    ends: list[int]  # UTF-8 byte offset at which each token ends
    cuts: list[int]  # UTF-8 byte offsets of the borders inside the text


class Strip(Drawn):
    """One text and its columns."""

    id: str
    label: str
    text: str
    lang: str  # empty: code, digits or English
    n_bytes: int  # UTF-8
    n_chars: int  # code points
    n_words: int  # runs of characters between white space
    sha256: str  # of the bytes, first 12 digits: the same bytes went into every column
    differs_at: int | None  # first byte offset that only some of the learnt vocabularies cut at
    columns: list[Column]


def vocabulary_of(runtime: Runtime, slug: str) -> Vocabulary:
    tokenizer = runtime.tokenizer(slug)
    return Vocabulary(slug=slug, size=tokenizer.size, source=SOURCES[slug], sha256=tokenizer.sha256)


def strip_of(
    runtime: Runtime, slugs: Iterable[str], text: str, *, label: str, lang: str = ""
) -> Strip:
    data = text.encode()
    columns = [column_of(runtime, slug, text) for slug in slugs]
    learnt = [column for column in columns if column.slug not in BASELINES]
    borders = Counter(border for column in learnt for border in column.cuts)
    uneven = [border for border, n in borders.items() if n < len(learnt)]
    return Strip(
        id=sha256(f"{label} {text}".encode()).hexdigest()[:8],
        label=label,
        text=text,
        lang=lang,
        n_bytes=len(data),
        n_chars=len(text),
        n_words=len(text.split()),
        sha256=sha256(data).hexdigest()[:12],
        differs_at=min(uneven, default=None),
        columns=columns,
    )


def column_of(runtime: Runtime, slug: str, text: str) -> Column:
    encoding = runtime.tokenizer(slug).encode(text)
    return Column(
        slug=slug,
        n=len(encoding),
        ids=list(encoding.ids),
        ends=[end for _, end in encoding.spans],
        cuts=cuts_of(encoding),
    )


def cuts_of(encoding: Encoding) -> list[int]:
    """The borders inside the text; a marker that was put in front makes none."""
    last = encoding.spans[-1][1] if encoding.spans else 0
    return sorted({end for _, end in encoding.spans} - {0, last})
