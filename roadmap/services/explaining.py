"""An answer beside its key, line by line, for the learner who gave it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from roadmap.drawing import plain, written
from roadmap.models import QuestionVersion
from roadmap.scoring import numeric_answer, word

Json = Mapping[str, Any]


# An answer that was never given, in the shape of every type.
NOTHING: Json = {"choice": "", "choices": [], "order": [], "pairs": {}, "blanks": {}, "tokens": []}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One option, item, pair, blank or token of the question."""

    html: str
    state: str  # right, wrong, missed, or empty: rightly left alone
    note: str = ""  # what was given and what was wanted, in words
    why: str = ""  # HTML


def lines_of(
    version: QuestionVersion, key: Json, why: Json, payload: Json | None
) -> tuple[Line, ...]:
    """Without an answer, every line says what is right, as for an answer that missed it all."""
    kind = version.content["type"]
    if kind not in LINES:
        return ()
    return tuple(LINES[kind](version, key, why.get("options", {}), payload or NOTHING))


def answer_in_words(
    content: Json, key: Json, payload: Json | None, variant: Json
) -> tuple[str, str]:
    """What was answered and what is right, for the types that have one value."""
    unit = f" {content['unit']}" if content.get("unit") else ""
    if content["type"] == "numeric":
        wanted = written(numeric_answer(key, variant)) + unit
        tolerance = key.get("tolerance", 0)
        given = written(payload["value"]) + unit if payload else ""
        return given, (
            f"{wanted}, give or take {written(float(tolerance))}" if tolerance else wanted
        )
    if content["type"] == "predict":
        return str(payload["text"]) if payload else "", str(key["accept"][0])
    return "", ""


def option_lines(version: QuestionVersion, key: Json, why: Json, payload: Json) -> list[Line]:
    picked = [payload["choice"]] if payload.get("choice") else payload.get("choices", [])
    return [
        Line(
            html=html_of(version, option),
            state=state_of(option["id"] in picked, option["id"] in key["right"]),
            why=why.get(option["id"], ""),
        )
        for option in version.content["options"]
    ]


def state_of(picked: object, right: object) -> str:
    if picked:
        return "right" if right else "wrong"
    return "missed" if right else ""


def state_of_place(*, kept: bool, given: object) -> str:
    if kept:
        return "right"
    return "wrong" if given else "missed"


def order_lines(version: QuestionVersion, key: Json, why: Json, payload: Json) -> list[Line]:
    items = {item["id"]: item for item in version.content["items"]}
    given = payload["order"]
    lines = []
    for place, name in enumerate(key["order"]):
        kept = given[place : place + 1] == [name]
        note = f"You put this in place {given.index(name) + 1}." if name in given else ""
        html = html_of(version, items[name])
        lines.append(
            Line(
                html=html,
                state=state_of_place(kept=kept, given=given),
                note="" if kept else note,
                why=why.get(name, ""),
            )
        )
    return lines


def match_lines(version: QuestionVersion, key: Json, why: Json, payload: Json) -> list[Line]:
    rights = {
        item["id"]: plain(html_of(version, item, "right:")) for item in version.content["right"]
    }
    lines = []
    for item in version.content["left"]:
        name = item["id"]
        given, wanted = payload["pairs"].get(name, ""), key["pairs"][name]
        kept = given == wanted
        note = f"Goes with: {rights[wanted]}."
        lines.append(
            Line(
                html=html_of(version, item, "left:"),
                state=state_of_place(kept=kept, given=given),
                note=note if kept else f"{note} You chose: {rights.get(given, 'nothing')}.",
                why=why.get(f"left:{name}") or why.get(name, ""),
            )
        )
    return lines


def cloze_lines(version: QuestionVersion, key: Json, why: Json, payload: Json) -> list[Line]:
    lines = []
    for blank in version.content["blanks"]:
        name = blank["id"]
        given, accept = payload["blanks"].get(name, ""), key["blanks"][name]
        kept = word(given) in map(word, accept)
        note = f"You wrote: {given or 'nothing'}."
        note = note if kept else f"{note} Right: {accept[0]}."
        state = state_of_place(kept=kept, given=given)
        lines.append(Line(html=f"[{escape(name)}]", state=state, note=note, why=why.get(name, "")))
    return lines


def mark_lines(version: QuestionVersion, key: Json, why: Json, payload: Json) -> list[Line]:
    return [
        Line(
            html=f"<code>{escape(piece)}</code>",
            state=state_of(index in payload["tokens"], index in key["accept"]),
            why=why.get(str(index), ""),
        )
        for index, piece in enumerate(version.content["tokens"])
    ]


def html_of(version: QuestionVersion, item: Json, side: str = "") -> str:
    html: str = version.html.get("options", {}).get(side + item["id"]) or escape(item["text"])
    return html


LINES: Mapping[str, Callable[[QuestionVersion, Json, Json, Json], list[Line]]] = {
    "single": option_lines,
    "multiple": option_lines,
    "order": order_lines,
    "match": match_lines,
    "cloze": cloze_lines,
    "mark": mark_lines,
}
