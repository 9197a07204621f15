"""Markdown → cleaned HTML, with a remark for everything an author has to mend."""

import re
import time
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from authoring.markdown.cleaning import HREF, clean
from authoring.markdown.maths import MAX_CHARACTERS
from authoring.markdown.rules import MAX_NESTING, parser

MAX_FORMULAS = 200
MAX_SECONDS = 1.0  # of processor time, for one text
CHECK = re.compile(r"\[\[\s*check:\s*([a-z0-9-]+)\s*\]\]")
COURSE = re.compile(r"/(steps|lessons|quizzes|labs|about)/([a-z0-9-]+)/(?:#([a-z0-9-]+))?")
TARGET = re.compile(HREF)
WORD = re.compile(r"\w+(?:[.,'-]\w+)*")
LESSONS, TEXTS = parser(is_lesson=True), parser(is_lesson=False)


@dataclass(frozen=True)
class Image:
    """Where a picture is served, and its size in px (0: unknown)."""

    address: str
    width: int = 0
    height: int = 0


@dataclass(frozen=True)
class Remark:
    line: int  # of the text, from 1
    field: str
    text: str


@dataclass
class Rendered:
    blocks: list[dict[str, str]] = field(default_factory=list)  # {"html": …} or {"check": slug}
    toc: list[dict[str, Any]] = field(default_factory=list)  # {"id", "text", "level"}
    remarks: list[Remark] = field(default_factory=list)
    checks: list[str] = field(default_factory=list)
    links: list[tuple[int, str, str]] = field(default_factory=list)  # line, kind, key
    facts: list[tuple[int, str]] = field(default_factory=list)  # line, key
    words: int = 0
    figures: int = 0  # pictures and token strips

    @property
    def html(self) -> str:
        return "".join(block.get("html", "") for block in self.blocks)


def no_image(source: str) -> Image | None:
    return None


@dataclass
class Context:
    facts: Mapping[str, str] = field(default_factory=dict)  # key → what a page shows
    image: Callable[[str], Image | None] = no_image  # img/name.svg → where it is served


def render_lesson(text: str, context: Context | None = None) -> Rendered:
    """The body of a lesson, cut where inline checks stand."""
    started = time.thread_time()
    tokens, walk = prepared(LESSONS, text, context or Context())
    walk.finish_anchors()
    segment: list[Token] = []
    for token in joined_checks(tokens, walk):
        if token.type == "check":
            emit(segment, walk.done)
            segment = []
            walk.done.blocks.append({"check": token.content})
            walk.done.checks.append(token.content)
        else:
            segment.append(token)
    emit(segment, walk.done)
    require_quick(started, walk.done)
    return walk.done


def render_text(text: str, context: Context | None = None) -> Rendered:
    """A prompt, an option, an explanation. One paragraph stays without its <p>."""
    started = time.thread_time()
    tokens, walk = prepared(TEXTS, text, context or Context())
    if len(tokens) == 3 and tokens[1].type == "inline":
        tokens = tokens[1:2]
    html = clean(TEXTS.renderer.render(tokens, TEXTS.options, {}))
    walk.done.blocks.append({"html": html.strip()})
    require_quick(started, walk.done)
    return walk.done


def emit(tokens: list[Token], done: Rendered) -> None:
    html = clean(LESSONS.renderer.render(tokens, LESSONS.options, {})).strip()
    if html:
        done.blocks.append({"html": html})


def require_quick(started: float, done: Rendered) -> None:
    if time.thread_time() - started > MAX_SECONDS:
        text = f"takes more than {MAX_SECONDS:g} s to render. Split or simplify it."
        done.remarks.append(Remark(1, "", text))


def prepared(md: Any, text: str, context: Context) -> tuple[list[Token], "Walk"]:
    env: dict[str, Any] = {}
    tokens = md.parse(text, env)
    walk = Walk(context)
    walk.through(tokens)
    return [figure(token) for token in list(unwrapped(tokens))], walk


def unwrapped(tokens: list[Token]) -> Iterator[Token]:
    """Pictures that stand alone leave their paragraph."""
    for index, token in enumerate(tokens):
        neighbour = index + (1 if token.type == "paragraph_open" else -1)
        is_paragraph = token.type in ("paragraph_open", "paragraph_close")
        if not (is_paragraph and is_alone(tokens[neighbour])):
            yield token


def is_alone(token: Token) -> bool:
    children = token.children or []
    return token.type == "inline" and len(children) == 1 and children[0].type == "image"


def figure(token: Token) -> Token:
    if is_alone(token):
        token.type = "figure"
        token.meta = {"caption": str((token.children or [token])[0].attrGet("title") or "")}
    return token


def joined_checks(tokens: list[Token], walk: "Walk") -> Iterator[Token]:
    """Paragraphs that only place checks become the checks themselves."""
    index = 0
    while index < len(tokens):
        token = tokens[index]
        following = tokens[index + 1] if index + 1 < len(tokens) else token
        slugs = placed(following) if token.type == "paragraph_open" and token.level == 0 else []
        if slugs:
            yield from (Token("check", "", 0, content=slug) for slug in slugs)
            index += 3
            continue
        if token.type == "inline" and CHECK.search(token.content) and not in_code(token):
            line = token.map[0] + 1 if token.map else 1
            walk.remark(line, "", "a check stands inside other text. Give it a line of its own.")
        yield token
        index += 1


def placed(token: Token) -> list[str]:
    found = [CHECK.fullmatch(line.strip()) for line in token.content.splitlines()]
    return [match[1] for match in found if match] if all(found) else []


def in_code(token: Token) -> bool:
    return not any(
        CHECK.search(child.content) for child in token.children or [] if child.type == "text"
    )


class Walk:
    """One look at every token before anything is written: facts, pictures, links, headings."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.done = Rendered()
        self.line = 1
        self.formulas = self.tables = 0
        self.taken: Counter[str] = Counter()  # anchor → the last number it was given
        self.anchors: list[tuple[int, str]] = []
        self.visits = {
            "fact": self.see_fact,
            "image": self.see_image,
            "link_open": self.see_link,
            "math_inline": self.see_maths,
            "math_block": self.see_maths,
            "table_open": self.see_table,
            "fence": self.see_fence,
        }

    def remark(self, line: int, at: str, text: str) -> None:
        self.done.remarks.append(Remark(line, at, text))

    def through(self, tokens: list[Token]) -> None:
        for index, token in enumerate(tokens):
            if token.map:
                self.line = token.map[0] + 1
            if token.level >= MAX_NESTING - 1:
                self.remark(
                    self.line, "", f"is nested deeper than {MAX_NESTING} levels. Flatten it."
                )
            if token.type == "heading_open":
                self.see_heading(token, tokens[index + 1])
            self.visit(token)
            if token.type == "inline":
                self.inside(token)

    def visit(self, token: Token) -> None:
        if token.type in self.visits:
            self.visits[token.type](token)

    def inside(self, token: Token) -> None:
        start = self.line
        self.done.words += len(WORD.findall(token.content))
        for child in token.children or []:
            if child.type in ("softbreak", "hardbreak"):
                self.line += 1
            self.visit(child)
        self.line = start

    def see_heading(self, token: Token, inline: Token) -> None:
        level = int(token.tag[1:])
        if level == 1:
            self.remark(self.line, "", "a heading has one #. The title is the page's; write ##.")
            token.tag = "h2"
        text = "".join(
            child.content for child in inline.children or [] if child.type != "math_inline"
        )
        anchor = base = f"s-{slug(text)}"
        while self.taken[anchor]:  # "the-rule-2" may itself be a heading
            self.taken[base] += 1
            anchor = f"{base}-{self.taken[base]}"
        self.taken[anchor] = 1
        token.attrSet("id", anchor)
        self.done.toc.append({"id": anchor, "text": text.strip(), "level": max(level, 2)})

    def see_fact(self, token: Token) -> None:
        key = token.meta["key"]
        self.done.facts.append((self.line, key))
        token.content = self.context.facts.get(key, f"{{{{ fact:{key} }}}}")
        if key not in self.context.facts:
            self.remark(self.line, f"fact {key}", "not in facts.yaml.")

    def see_image(self, token: Token) -> None:
        source = str(token.attrGet("src") or "")
        image = self.context.image(source)
        token.meta = {"alt": token.content}
        self.done.figures += 1
        if image:
            token.meta |= {"src": image.address, "width": image.width, "height": image.height}
        else:
            self.remark(self.line, f"picture {source}", "not in the pack. Put it beside, in img/.")
        if not token.content.strip():
            self.remark(self.line, f"picture {source}", "has no alt text. Say what it shows.")

    def see_link(self, token: Token) -> None:
        href = str(token.attrGet("href") or "")
        course = COURSE.fullmatch(href)
        if course:
            kind, key, part = course.groups()
            self.done.links.append((self.line, kind, key))
            token.attrSet("href", f"/{kind}/{key}/" + (f"#s-{part}" if part else ""))
        elif href.startswith("#"):
            self.anchors.append((self.line, href[1:]))
            token.attrSet("href", f"#s-{href[1:]}")
        elif not TARGET.fullmatch(href):
            hint = "Write https://…, mailto:…, or a path such as /lessons/next-token/."
            self.remark(self.line, f"link {href}", f"leads nowhere. {hint}")

    def see_maths(self, token: Token) -> None:
        self.formulas += 1
        if self.formulas == MAX_FORMULAS + 1:
            self.remark(self.line, "", f"has more than {MAX_FORMULAS} formulas. Split the text.")
        if len(token.content) > MAX_CHARACTERS:
            text = f"a formula is longer than {MAX_CHARACTERS:,} characters. Cut it."
            self.remark(self.line, "", text)
        if self.formulas > MAX_FORMULAS:
            token.type = "code_inline" if token.type == "math_inline" else "code_block"

    def see_table(self, token: Token) -> None:
        self.tables += 1
        token.meta = {"number": self.tables}

    def see_fence(self, token: Token) -> None:
        self.done.figures += token.info.strip() == "tokens"

    def finish_anchors(self) -> None:
        known = {entry["id"] for entry in self.done.toc}
        for line, anchor in self.anchors:
            if f"s-{anchor}" not in known:
                self.remark(line, f"link #{anchor}", "no heading has this anchor.")


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:60].strip("-") or "part"
