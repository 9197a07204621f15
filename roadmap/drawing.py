"""From a seed and a bank of questions to the items of an attempt, and what each shows. Pure."""

import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import numpy as np

Json = Mapping[str, Any]

TAG = re.compile(r"<[^>]*>")
PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
BLANK = re.compile(r"\[\[(\d{1,2})\]\]")


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A question of the bank that an attempt may draw."""

    version: int  # primary key of its live version
    content: Json


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One item of an attempt, as its row will hold it."""

    version: int
    option_tokens: dict[str, str]
    variant: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Something to pick or to place. The page holds the token, the database the id."""

    token: str
    id: str
    html: str
    text: str  # without tags, for <option>


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question as a learner may see it: nothing of its key."""

    kind: str
    prompt: str  # HTML
    choices: tuple[Choice, ...] = ()  # options, items to order, right sides of a match
    lefts: tuple[Choice, ...] = ()  # left sides of a match
    blanks: tuple[str, ...] = ()
    pieces: tuple[str, ...] = ()  # tokens to mark, in reading order
    unit: str = ""
    table: Json | None = None


def draw_items(
    *,
    seed: int,
    bank: Sequence[Candidate],
    count: int,
    draw_variant: Callable[[str, Json, int], dict[str, Any]],
) -> list[Drawn]:
    """Draw `count` items, each lesson of the bank at least once where `count` allows it.

    Args:
        seed: the attempt's secret. The same seed and bank draw the same items.
        bank: questions that are live now.
        count: how many to draw; all of a smaller bank.
        draw_variant: (generator, arguments, seed) → the variant as JSON.
    """
    items = []
    for position, question in enumerate(pick(bank, count, seed), start=1):
        secret = f"{seed}:{position}"
        seeded = question.content.get("seeded")
        items.append(
            Drawn(
                version=question.version,
                option_tokens=option_tokens(secret, option_ids(question.content)),
                variant=draw_variant(seeded["generator"], seeded["args"], number(secret))
                if seeded
                else {},
            )
        )
    return items


def pick(bank: Sequence[Candidate], count: int, seed: int) -> list[Candidate]:
    rng = np.random.default_rng(seed)
    shuffled = [bank[i] for i in rng.permutation(len(bank))]
    first_of_lesson: dict[str, Candidate] = {}
    for question in shuffled:
        first_of_lesson.setdefault(question.content.get("lesson", ""), question)
    chosen = list(first_of_lesson.values())[:count]
    taken = {question.version for question in chosen}
    rest = [question for question in shuffled if question.version not in taken]
    chosen += rest[: count - len(chosen)]
    return [chosen[i] for i in rng.permutation(len(chosen))]


def option_ids(content: Json) -> list[str]:
    """What gets a token. The two sides of a match may use the same ids, so they say their side."""
    if content["type"] == "match":
        return [f"{side}:{item['id']}" for side in ("left", "right") for item in content[side]]
    return [item["id"] for item in content.get("options") or content.get("items") or []]


def option_tokens(secret: str, ids: Iterable[str]) -> dict[str, str]:
    """Random token → option id. Options are shown in the order of their tokens.

    The order of a JSON object is not kept by every database; sorting random tokens is a shuffle
    that needs none.
    """
    pairs = {digest(secret, f"option:{name}").hex()[:16]: name for name in ids}
    return dict(sorted(pairs.items()))


def number(secret: str) -> int:
    """A seed of 63 bits that says nothing about the secret it comes from."""
    return int.from_bytes(digest(secret, "variant")[:8]) >> 1


def digest(secret: str, message: str) -> bytes:
    return hmac.digest(secret.encode(), message.encode(), "sha256")


def asked(content: Json, html: Json, tokens: Mapping[str, str], variant: Json) -> Asked:
    """What is shown of a question version: its texts in this attempt's order and numbers."""
    kind, values = content["type"], variant.get("values", {})
    sides: dict[str, list[Choice]] = {"left": [], "right": [], "": []}
    for token, name in sorted(tokens.items()):
        side, _, option = name.rpartition(":") if kind == "match" else ("", "", name)
        sides[side].append(choice(token, option, side, content, html))
    return Asked(
        kind=kind,
        prompt=prompt_of(html, values),
        choices=tuple(sides["right"] if kind == "match" else sides[""]),
        lefts=tuple(sides["left"]),
        blanks=tuple(blank["id"] for blank in content.get("blanks", [])),
        pieces=tuple(content.get("tokens", [])),
        unit=content.get("unit", ""),
        table=values.get("table"),
    )


def choice(token: str, option: str, side: str, content: Json, html: Json) -> Choice:
    items = content[side] if side else content.get("options") or content["items"]
    written = next(item["text"] for item in items if item["id"] == option)
    shown = html.get("options", {}).get(f"{side}:{option}" if side else option) or escape(written)
    return Choice(token=token, id=option, html=shown, text=plain(shown))


def plain(html: str) -> str:
    return unescape(TAG.sub("", html)).strip()


def prompt_of(html: Json, values: Json) -> str:
    """The question's text with its numbers, and a numbered gap for each blank."""
    return BLANK.sub(r'<span class="blank">[\1]</span>', fill(html["prompt"], values))


def fill(html: str, values: Json) -> str:
    """Put drawn values where the author wrote {name}. Other braces stay; a table stands apart."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name not in values:
            return found[0]
        return "" if isinstance(values[name], Mapping) else escape(written(values[name]))

    return PLACEHOLDER.sub(value, html)


def written(value: float | str) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"
