"""What Cairn adds to Markdown: callouts, figures, facts, token strips, tables that scroll."""

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from authoring.markdown import code, maths

MAX_NESTING = 20
CALLOUTS = {
    "note": "Note",
    "warning": "Careful",
    "example": "Example",
    "predict": "Predict first",
    "try": "Try it",
}
FACT = re.compile(r"\{\{\s*fact:([^\s{}]{1,100})\s*\}\}")
Tokens = Sequence[Token]


def parser(*, is_lesson: bool) -> MarkdownIt:
    """The parser of lessons, or the smaller one of questions and briefs."""
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": MAX_NESTING})
    md.enable("table")
    dollarmath_plugin(md, allow_labels=False, allow_digits=False, allow_space=False)
    md.inline.ruler.before("escape", "fact", fact)
    for name, rule in RULES.items():
        md.add_render_rule(name, rule)
    if is_lesson:
        footnote_plugin(md, inline=False)
        for kind in CALLOUTS:
            container_plugin(md, kind, render=callout)
    else:
        md.disable(["heading", "lheading"])
    return md


def fact(state: StateInline, silent: bool) -> bool:  # noqa: FBT001  the library's signature
    match = FACT.match(state.src, state.pos)
    if not match:
        return False
    if not silent:
        token = state.push("fact", "", 0)
        token.meta = {"key": match[1]}
    state.pos = match.end()
    return True


def callout(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if token.nesting != 1:
        return "</aside>\n"
    kind, _, title = token.info.strip().partition(" ")
    heading = escape(title.strip() or CALLOUTS[kind])
    return f'<aside class="callout callout-{kind}"><p class="callout-title">{heading}</p>\n'


def render_fact(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    return escape(tokens[index].content)


def render_fence(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    language = token.info.strip().partition(" ")[0]
    return (
        code.strips(token.content) if language == "tokens" else code.code(token.content, language)
    )


def render_maths(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    return (
        f'<span class="maths">{maths.mathml(tokens[index].content.strip(), is_block=False)}</span>'
    )


def render_maths_block(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    return (
        f'<div class="maths">{maths.mathml(tokens[index].content.strip(), is_block=True)}</div>\n'
    )


def render_image(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    alt = escape(token.meta.get("alt", token.content))
    if "src" not in token.meta:
        return alt
    size = f' width="{token.meta["width"]}" height="{token.meta["height"]}"'
    return f'<img src="{token.meta["src"]}" alt="{alt}"{size} loading="lazy">'


def render_figure(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    caption = CAPTIONS.renderInline(tokens[index].meta["caption"]) if tokens[index].meta else ""
    image = render_image(_, tokens[index].children or [], 0, options, env)
    below = f"<figcaption>{caption}</figcaption>" if caption else ""
    return f'<figure class="figure">{image}{below}</figure>\n'


def render_table_open(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    name = f"Table {tokens[index].meta['number']}"
    return f'<div class="table-box" tabindex="0" role="region" aria-label="{name}"><table>\n'


def render_cell(_: Any, tokens: Tokens, index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    is_right = "right" in str(token.attrGet("style") or "")
    return f'<{token.tag} class="num">' if is_right else f"<{token.tag}>"


RULES: dict[str, Any] = {
    "fact": render_fact,
    "fence": render_fence,
    "code_block": render_fence,
    "math_inline": render_maths,
    "math_block": render_maths_block,
    "image": render_image,
    "figure": render_figure,
    "table_open": render_table_open,
    "table_close": lambda *_: "</table></div>\n",
    "th_open": render_cell,
    "td_open": render_cell,
}
CAPTIONS = MarkdownIt("zero").enable(["backticks", "emphasis", "escape", "entity"])
