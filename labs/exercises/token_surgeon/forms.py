"""The forms of token-surgeon: one group of fields per string."""

from collections.abc import Mapping
from typing import Any

from labs.contract import Ask, Stage
from labs.exercises.token_surgeon.parts import ASKED, LABELS, OFFERED, Asked, Given, String

MARKS = str.maketrans(" \n\t", "␣⏎⇥")


def asks(stage: Stage, given: Mapping[str, Any]) -> tuple[Ask, ...]:
    drawn = Given.model_validate(given)
    if stage == "prediction":
        return tuple(ask for string in drawn.first for ask in prediction_asks(string))
    if stage == "controls":
        return control_asks()
    if stage == "answers":
        return tuple(ask for asked in drawn.second for ask in answer_asks(asked))
    return transfer_asks(drawn.noun)


def prediction_asks(string: String) -> tuple[Ask, ...]:
    counts = tuple(
        count_ask(f"counts.{string.id}.{slug}", f"Tokens in {slug}", string) for slug in ASKED
    )
    return (*counts, *cut_asks(string, "tekken"))


def answer_asks(asked: Asked) -> tuple[Ask, ...]:
    name, label = f"counts.{asked.id}", f"Tokens in {asked.vocabulary}"
    return (count_ask(name, label, asked), *cut_asks(asked, asked.vocabulary))


def count_ask(name: str, label: str, string: String) -> Ask:
    n_bytes, n_chars = len(string.text.encode()), len(string.text)
    size = f"{n_chars} characters" if string.text.isascii() else f"{n_chars} code points"
    return Ask(
        name=name,
        label=label,
        kind="integer",
        help="",
        unit="tokens",
        minimum=0,
        maximum=1_000,
        group=heading(string),
        group_help=f"{size}, {n_bytes} bytes in UTF-8",
        lang=string.lang,
    )


def cut_asks(string: String, slug: str) -> tuple[Ask, ...]:
    if not string.text.isascii():
        return ()
    cut = Ask(
        name=f"cuts.{string.id}",
        label=f"Where {slug} cuts (no mark: one token)",
        kind="cuts",
        help="",
        required=False,
        group=heading(string),
        text=string.text,
    )
    return (cut,)


def heading(string: String) -> str:
    text = string.text.translate(MARKS) if string.text.isascii() else string.text
    return f"{LABELS[string.family]}: {text}"


def control_asks() -> tuple[Ask, ...]:
    texts = tuple(
        Ask(
            name=f"{place}_text",
            label=f"Your own {place} text",
            kind="text",
            help="At most 200 characters. Change one thing, a space or a digit, and compare.",
            maximum=200,
            required=False,
            initial="",
        )
        for place in ("first", "second")
    )
    shows = tuple(
        Ask(
            name=f"show.{slug}",
            label=slug,
            kind="flag",
            required=False,
            initial=slug in ASKED,
            group="Vocabularies to show",
        )
        for slug in OFFERED
    )
    return (*texts, *shows)


def transfer_asks(noun: str) -> tuple[Ask, ...]:
    questions = {
        "hindi": "A Hindi text of 60 characters",
        "digits": "An eight-digit number, such as 48213907",
        "noun": f"The word “{noun}” at the very start of a text",
    }
    choices = tuple((slug, slug) for slug in ASKED)
    return tuple(
        Ask(
            name=name,
            label=label,
            kind="choice",
            choices=choices,
            group="Which vocabulary needs fewer tokens?",
        )
        for name, label in questions.items()
    )
