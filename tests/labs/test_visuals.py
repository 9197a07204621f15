"""How stored results are drawn: every token a box, learner text never markup."""

import re
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
from django.template.loader import render_to_string

from labs.exercises import bill_shock, token_surgeon
from labs.management.commands.try_lab import parameters
from labs.runtime import Runtime
from labs.runtime.fake import FakeRuntime
from labs.runtime.strips import column_of
from labs.templatetags.visuals import boxes, finding, per, pieces, share

FAMILY = "\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
TRAP = '<script>alert("1")</script><b hx-get=/x>'


@pytest.fixture(scope="module")
def runtime() -> Runtime:
    return FakeRuntime()


def drawn(exercise: Any, runtime: Runtime, **controls: Any) -> tuple[dict[str, Any], str]:
    """The shown part of a reference run as JSON, and its picture."""
    cal = exercise.calibrate(runtime) if exercise.calibrate else {}
    given, key = exercise.instance(5, cal)
    right = exercise.reference(given, key, cal)
    said = {"prediction": right.prediction, "controls": right.controls | controls}
    result = exercise.run(parameters(exercise, given, key, said), runtime)
    shown = result.model_dump(mode="json")["shown"]
    run = SimpleNamespace(pk=7)
    return shown, render_to_string(exercise.template, {"shown": shown, "run": run})


def column(runtime: Runtime, slug: str, text: str) -> dict[str, Any]:
    return column_of(runtime, slug, text).model_dump(mode="json")


def test_there_is_one_box_per_id_and_one_strip_per_vocabulary(runtime: Runtime) -> None:
    show = {"tekken": True, "spm32k": True, "bytes": True, "chars": True}
    shown, html = drawn(token_surgeon.exercise, runtime, show=show, first_text=" hi\tthere")
    columns = [column for strip in shown["strips"] for column in strip["columns"]]
    assert len(columns) == 9 * 4
    assert html.count("<ol ") == len(columns)
    assert html.count("<li") == sum(column["n"] for column in columns)
    assert html.count('lang="hi"') == 4
    assert "Your first text" in html


def test_the_table_holds_every_count(runtime: Runtime) -> None:
    shown, html = drawn(token_surgeon.exercise, runtime)
    table = html[html.index("<tbody") : html.index("</tbody>")]
    rows = re.findall(r"<tr>.*?</tr>", table, re.S)
    columns = [column for strip in shown["strips"] for column in strip["columns"]]
    assert len(rows) == len(columns)
    for row, column in zip(rows, columns, strict=True):
        cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
        assert cells[:2] == [column["slug"], f"{column['n']}"]


@pytest.mark.parametrize("text", [TRAP, "'\" onmouseover=x", "{{ run }}{% now %}", "</ol>"])
def test_what_a_learner_typed_is_never_markup(text: str, runtime: Runtime) -> None:
    show = {"tekken": False, "spm32k": False, "chars": True}
    shown, html = drawn(token_surgeon.exercise, runtime, first_text=text, show=show)
    assert "<script" not in html
    assert "<b hx" not in html
    assert html.count("<ol ") == html.count("</ol>") == 9
    typed = re.findall(r"<li[^>]*>(.*?)</li>", html)[-len(text) :]
    assert "".join(map(unescape, typed)) == text.replace(" ", "␣")
    assert shown["strips"][8]["text"] == text
    section = html[html.index("<token-columns") :]
    assert section.startswith("<token-columns hx-disable>")


def test_half_a_character_is_shown_as_bytes_of_a_whole_one(runtime: Runtime) -> None:
    found = boxes(column(runtime, "bytes", "a€"), "a€")
    assert [box.text for box in found] == ["a", "⟨E2⟩", "⟨82⟩", "⟨AC⟩"]
    assert found[2].spoken == "bytes 82, part of €"
    assert (found[2].start, found[2].end) == (2, 3)


def test_what_cannot_be_seen_has_a_name(runtime: Runtime) -> None:
    joiner = boxes(column(runtime, "chars", FAMILY), FAMILY)[1]
    assert (joiner.text, joiner.spoken) == ("⟨U+200D⟩", "invisible zero width joiner")
    assert joiner.is_special
    front = boxes(column(runtime, "spm32k", "7"), "7")[0]
    assert (front.text, front.end, front.is_special) == ("▁", 0, True)
    assert "not in the text" in front.spoken


def test_white_space_has_marks_and_words(runtime: Runtime) -> None:
    text = "    if\n\tx"
    found = boxes(column(runtime, "tekken", text), text)
    assert "".join(box.text for box in found) == "␣␣␣␣if⏎⇥x"
    assert found[0].spoken == "3 spaces"
    assert {"line end", "tab"} <= {
        word for box in found for word in re.split(r" (?!e)", box.spoken)
    }
    assert boxes(column(runtime, "tekken", " trail"), " trail")[0].spoken == "space trail"


def test_a_vowel_sign_alone_stands_on_a_circle(runtime: Runtime) -> None:
    assert boxes(column(runtime, "chars", "का"), "का")[1].text == "◌ा"


def test_pieces_are_one_line(runtime: Runtime) -> None:
    assert pieces(column(runtime, "tekken", "strawberry"), "strawberry") == "st · raw · berry"


def test_shares_are_round_only_where_they_are_exact() -> None:
    assert [share(n, 1_000_000) for n in (0, 1, 999_999, 1_000_000)] == [
        "0 %",
        "0.1 %",
        "99.9 %",
        "100 %",
    ]
    assert share(0, 0) == "0 %"
    assert per(3, 2) == "1.50"
    assert per(3, 0) == "none"


def test_the_finding_is_a_sentence() -> None:
    strip = {"columns": [{"slug": "tekken", "n": 1_200}, {"slug": "chars", "n": 5}]}
    assert finding([strip, strip]) == (
        "The same 2 texts cost 2,400 tokens in tekken and 10 tokens in chars."
    )
    assert finding([{"columns": strip["columns"][:1]}]) == (
        "The same 1 text costs 1,200 tokens in tekken."
    )


def test_the_ledger_shows_both_sides_and_their_sums(runtime: Runtime) -> None:
    shown, html = drawn(bill_shock.exercise, runtime)
    assert shown["bill"]["equal"]
    before = sum(row["before"] for row in shown["ledger"])
    after = sum(row["after"] for row in shown["ledger"])
    assert (before, after) == (2_182, shown["bill"]["tokens"]["tekken"])
    foot = html[html.index("<tfoot>") : html.index("</tfoot>")]
    assert f'<td class="num">{before:,}</td>' in foot
    assert f'<td class="num">{after:,}</td>' in foot
    assert html.count("<ol ") == 2
    assert "user0" in html


def test_a_ledger_says_what_was_lost(runtime: Runtime) -> None:
    _, html = drawn(bill_shock.exercise, runtime, format="json2", booleans="digits")
    assert "not equal: record 1, active: true became 1" in html


@pytest.mark.parametrize("exercise", [token_surgeon.exercise, bill_shock.exercise])
def test_a_picture_has_one_root_with_its_id(exercise: Any, runtime: Runtime) -> None:
    _, html = drawn(exercise, runtime)
    word = exercise.template.rpartition("/_")[2].removesuffix(".html").replace("_", "-")
    assert html.strip().startswith("<figure") or html.strip().startswith("{#")
    assert f'id="{word}-7"' in html.split(">", 1)[0]
    assert html.strip().endswith("</figure>")
    assert "style=" not in html
