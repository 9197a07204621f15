"""A small pack, whole and without fault. Each test breaks one thing in it."""

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

PROSE = "\n\n".join(["The model reads ids and writes one id at a time, never a letter. " * 6] * 9)
STEP = """\
title: First steps
promise: You can say what a token is.
outcome: Name the mechanism.
effort: 1 h
goals: [predict how a text is cut]
complete: true
misconceptions:
  - {id: token-is-word, text: A token is a word, remedy: "lesson:first-lesson"}
"""
LESSON = f"""\
---
title: The first lesson
summary: What a token is.
minutes: 12
facts: [kv.bytes]
misconceptions: [token-is-word]
sources:
  - {{title: A paper, publisher: A press, url: "https://example.org/paper", read: 2026-11}}
checks:
  - id: which-one
    type: single
    prompt: Which is a token?
    why_right: Pieces are tokens.
    options:
      - {{id: a, text: a piece, right: true, why: It is a piece.}}
      - {{id: b, text: a word, why: Words may be cut., misconception: token-is-word}}
---
## A worked example

The cache takes {{{{ fact:kv.bytes }}}} for each token.

![A loop of four boxes](img/loop.svg "Notice the arrow back.")

[[check: which-one]]

{PROSE}

## What you can now do

Say what a token is.
"""
QUIZ = """\
title: The quiz
summary: Two questions.
minutes: 5
policy: {draw: 2}
bank:
  - id: one
    type: single
    lesson: first-lesson
    prompt: Which is a token?
    why_right: Pieces are tokens.
    options:
      - id: a
        text: a piece
        right: true
        why: It is a piece.
      - id: b
        text: a word
        why: Words may be cut.
        misconception: token-is-word
  - id: two
    type: numeric
    lesson: first-lesson
    prompt: How many bytes are in 2 kB?
    why_right: A kB has 1,000 bytes.
    answer: 2000
    unit: bytes
    traps: [{value: 2048, why: That is 2 KiB.}]
"""
PACK = """\
slug: small
title: A small pack
version: "1"
language: en
licence: CC BY 4.0
authors: [Ada]
"""
FACTS = """\
- key: kv.bytes
  value: 131072
  text: 131,072 bytes
  kind: computed
  check: kv
"""
SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20"><title>Loop</title>
<rect width="40" height="20" fill="none" stroke="#115e5e"/></svg>
"""
FILES = {
    "pack.yaml": PACK,
    "facts.yaml": FACTS,
    "01-first-step/step.yaml": STEP,
    "01-first-step/01-first-lesson.lesson.md": LESSON,
    "01-first-step/02-first-quiz.quiz.yaml": QUIZ,
    "01-first-step/img/loop.svg": SVG,
}
WritePack = Callable[..., Path]


@pytest.fixture
def write_pack(tmp_path: Path) -> WritePack:
    """Writes the small pack. `changes`: path → new content, or None to leave a file out."""

    def write(changes: dict[str, str | bytes | None] | None = None, name: str = "small") -> Path:
        folder = tmp_path / name
        for path, content in {**FILES, **(changes or {})}.items():
            if content is None:
                continue
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder

    return write


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int = 2, height: int = 2, *extra: bytes, rows: bytes | None = None) -> bytes:
    """A grey png, with extra chunks before its pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = rows if rows is not None else b"\0" * ((width + 1) * height)
    return b"".join(
        [
            b"\x89PNG\r\n\x1a\n",
            png_chunk(b"IHDR", header),
            *extra,
            png_chunk(b"IDAT", zlib.compress(pixels)),
            png_chunk(b"IEND", b""),
        ]
    )
