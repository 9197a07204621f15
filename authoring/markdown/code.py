"""Fenced blocks: code in colours, and strips of tokens."""

import re
from html import escape

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name

LANGUAGE_NAMES = "bash console diff html http ini javascript jinja json python sql toml xml yaml"
LANGUAGES = frozenset(LANGUAGE_NAMES.split())
FORMATTER: HtmlFormatter[str] = HtmlFormatter(nowrap=True)
BAR = re.compile(r"(?<!\\)\|")
VISIBLE = {" ": ("␣", "space"), "␣": ("␣", "space"), "\t": ("⇥", "tab"), "⏎": ("⏎", "line end")}
LEFT_OUT = "…"


def code(text: str, language: str) -> str:
    """Plain text unless the language is on the list, so that no odd lexer meets hostile text."""
    inner = escape(text)
    if language in LANGUAGES:
        inner = highlight(text, get_lexer_by_name(language, stripnl=False), FORMATTER)
    return f'<div class="highlight"><pre tabindex="0"><code>{inner}</code></pre></div>\n'


def strips(text: str) -> str:
    """Lines `label: piece|piece` as rows of boxes, one per token."""
    return "".join(strip(line) for line in text.splitlines() if line.strip())


def strip(line: str) -> str:
    label, colon, rest = line.partition(":")
    if not colon:
        label, rest = "", line
    pieces = [piece.replace("\\|", "|") for piece in BAR.split(rest.removeprefix(" "))]
    count = "" if LEFT_OUT in pieces else f"{len(pieces)} token{'s'[: len(pieces) > 1]}"
    boxes = "".join(f"<li>{box(piece)}</li>" for piece in pieces)
    name = escape(", ".join(part for part in (label.strip(), count) if part) or "Tokens")
    heading = f'{escape(label.strip())} <span class="muted">{count}</span>'
    return (
        f'<div class="token-block"><p class="label">{heading}</p>'
        f'<ol class="token-strip" aria-label="{name}">{boxes}</ol></div>\n'
    )


def box(piece: str) -> str:
    """The piece, with what cannot be seen made visible, and readable aloud."""
    return "".join(sign(character) for character in piece) or sign("␣")


def sign(character: str) -> str:
    if character not in VISIBLE:
        return escape(character)
    mark, word = VISIBLE[character]
    return f'<span aria-hidden="true">{mark}</span><span class="visually-hidden">{word} </span>'
