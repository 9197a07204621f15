from typing import Any

import pytest
from django.http import QueryDict

from labs.contract import Ask
from labs.forms import NoteForm, RunKeyForm, StageForm

KINDS = {
    "integer": Ask(name="n", label="Count", kind="integer", minimum=0, maximum=9, unit="tokens"),
    "number": Ask(name="n", label="Share", kind="number", minimum=0, maximum=1, step=0.1),
    "interval": Ask(name="n", label="Rate", kind="interval", minimum=0, maximum=100, unit="%"),
    "choice": Ask(name="n", label="Pick", kind="choice", choices=(("a", "A"), ("b", "B"))),
    "select": Ask(
        name="n", label="Pick", kind="choice", choices=tuple((c, c.upper()) for c in "abcdefg")
    ),
    "flag": Ask(name="n", label="Loud", kind="flag"),
    "text": Ask(name="n", label="Text", kind="text", maximum=10),
    "long": Ask(name="n", label="Text", kind="text"),
    "cuts": Ask(name="n", label="Cuts", kind="cuts", text="añb"),
    "order": Ask(
        name="n", label="Order", kind="order", choices=(("x", "X"), ("y", "Y"), ("z", "Z"))
    ),
}


def sent(kind: str, data: dict[str, Any]) -> StageForm:
    """The form of one ask as a browser would post it."""
    posted = QueryDict(mutable=True)
    for name, value in data.items():
        posted.setlist(f"controls-{name}", value if isinstance(value, list) else [value])
    return StageForm("controls", [KINDS[kind]], posted)


@pytest.mark.parametrize(
    ("kind", "data", "value"),
    [
        ("integer", {"n": "4"}, 4),
        ("number", {"n": "0.25"}, 0.25),
        ("interval", {"n_0": "3", "n_1": "4.5"}, [3.0, 4.5]),
        ("interval", {"n_0": "3", "n_1": "3"}, [3.0, 3.0]),
        ("choice", {"n": "b"}, "b"),
        ("select", {"n": "g"}, "g"),
        ("flag", {"n": "on"}, True),
        ("flag", {}, False),
        ("text", {"n": " two"}, " two"),
        ("cuts", {"n": ["3", "1", "3"]}, [1, 3]),
        ("cuts", {}, []),
        ("order", {"n_0": "2", "n_1": "3", "n_2": "1"}, ["z", "x", "y"]),
    ],
)
def test_each_kind_of_ask_has_one_shape_of_answer(
    kind: str, data: dict[str, Any], value: object
) -> None:
    form = sent(kind, data)

    assert form.is_valid(), form.errors
    assert form.answer == {"n": value}
    assert type(form.answer["n"]) is type(value)


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("integer", {"n": "four"}, "Write a whole number"),
        ("integer", {"n": "4.5"}, "Write a whole number"),
        ("integer", {"n": "1" * 5_000}, "Write a whole number"),
        ("integer", {"n": "9" * 4_000}, "the most is 9 tokens"),
        ("integer", {"n": "-1"}, "the least is 0 tokens"),
        ("integer", {"n": ""}, "Fill this in"),
        ("integer", {"n": "1\0"}, "Write a whole number"),
        ("number", {"n": "nan"}, "Write a number"),
        ("number", {"n": "inf"}, "Write a number"),
        ("number", {"n": "-Infinity"}, "Write a number"),
        ("number", {"n": "1e999"}, "Write a number"),
        ("number", {"n": "1e300"}, "the most is 1"),
        ("number", {"n": "\ud800"}, "Write a number"),
        ("interval", {"n_0": "9", "n_1": "2"}, "The low end, 9, is above the high end, 2"),
        ("interval", {"n_0": "9"}, "Fill in every part"),
        ("interval", {"n_0": "nan", "n_1": "2"}, "Write a number"),
        ("interval", {"n_0": "0", "n_1": "101"}, "the most is 100 %"),
        ("interval", {}, "Fill in every part"),
        ("choice", {"n": "c"}, "Choose one of the entries"),
        ("choice", {"n": "\ud800"}, "Choose one of the entries"),
        ("choice", {}, "Choose one"),
        ("select", {"n": "a\0"}, "Choose one of the entries"),
        ("text", {"n": "elevenchars"}, "Too long: 11 characters; the most is 10"),
        ("text", {"n": "a\0b"}, "null character"),
        ("text", {"n": "a\ud800"}, "half of a character"),
        ("text", {"n": ""}, "Fill this in"),
        ("long", {"n": "x" * 2_001}, "Too long: 2001 characters; the most is 2000"),
        ("cuts", {"n": ["2"]}, "A cut lies outside the text"),
        ("cuts", {"n": ["4"]}, "A cut lies outside the text"),
        ("cuts", {"n": ["0"]}, "A cut lies outside the text"),
        ("order", {"n_0": "1", "n_1": "1", "n_2": "2"}, "More than one entry stands at place 1"),
        ("order", {"n_0": "1", "n_1": "2", "n_2": "4"}, "a number from 1 to 3"),
        ("order", {"n_0": "1", "n_1": "2"}, "Fill in every part"),
    ],
)
def test_what_does_not_fit_is_told_in_a_sentence(
    kind: str, data: dict[str, Any], words: str
) -> None:
    form = sent(kind, data)

    assert not form.is_valid()
    [sentences] = form.errors.values()
    assert words in str(sentences[0])
    assert str(sentences[0]).endswith(".")


@pytest.mark.parametrize("kind", KINDS)
def test_every_form_shows_its_label_and_keeps_what_was_typed(kind: str) -> None:
    data = {"n": "abc", "n_0": "1", "n_1": "1", "n_2": "2"}
    form = sent(kind, data)
    html = str(form["n"])

    assert KINDS[kind].label in str(form)
    kept = {"interval": 'value="1"', "order": "selected", "text": "abc", "long": "abc"}
    assert kept.get(kind, "") in html


def test_a_dotted_name_becomes_a_nested_dictionary() -> None:
    asks = [Ask(name=name, label=name, kind="integer") for name in ("a.s1.x", "a.s1.y", "b")]
    data = {"controls-a.s1.x": "1", "controls-a.s1.y": "2", "controls-b": "3"}
    form = StageForm("controls", asks, data)

    assert form.is_valid()
    assert form.answer == {"a": {"s1": {"x": 1, "y": 2}}, "b": 3}


def test_a_field_left_empty_is_left_out_so_that_its_default_holds() -> None:
    asks = [
        Ask(name="text", label="Text", kind="text", required=False),
        Ask(name="rate", label="Rate", kind="interval", required=False),
        Ask(name="order", label="Order", kind="order", choices=(("a", "A"),), required=False),
    ]
    form = StageForm("controls", asks, {})

    assert form.is_valid(), form.errors
    assert form.answer == {}


def test_cuts_count_bytes_and_show_what_has_no_shape() -> None:
    ask = Ask(name="n", label="Cuts", kind="cuts", text="é \u200d!", lang="fr")
    html = str(StageForm("answers", [ask])["n"])

    assert [f'value="{offset}"' in html for offset in (1, 2, 3, 6)] == [False, True, True, True]
    assert 'lang="fr"' in html
    assert "␣" in html
    assert "⟨U+200D⟩" in html
    assert 'aria-label="Cut between é and ␣"' in html


def test_a_text_of_another_person_stays_text() -> None:
    hostile = '"><script>alert(1)</script>'
    asks = [
        Ask(name="c", label=hostile, kind="cuts", text=hostile, help=hostile),
        Ask(name="o", label=hostile, kind="order", choices=((hostile, hostile),)),
        Ask(name="r", label=hostile, kind="choice", choices=((hostile, hostile),)),
    ]
    form = StageForm("controls", asks, {"controls-o_0": hostile, "controls-r": hostile})

    assert "<script" not in "".join(str(field) for field in form)


def test_limits_and_help_are_tied_to_the_control() -> None:
    field = StageForm("controls", [KINDS["integer"]])["n"]

    assert field.help_text == "0 to 9 tokens"
    assert 'aria-describedby="id_controls-n_helptext"' in str(field)
    assert 'min="0"' in str(field)
    assert 'max="9"' in str(field)


def test_a_number_without_limits_tells_the_browser_none_and_still_has_some() -> None:
    ask = Ask(name="n", label="Count", kind="integer")

    assert "max=" not in str(StageForm("controls", [ask])["n"])
    assert not StageForm("controls", [ask], {"controls-n": "9" * 30}).is_valid()


def test_fields_of_one_group_stand_together_in_the_order_of_the_exercise() -> None:
    asks = [
        Ask(name="a", label="A", kind="flag", group="First"),
        Ask(name="b", label="B", kind="flag", group="Second"),
        Ask(name="c", label="C", kind="flag", group="First"),
    ]
    form = StageForm("controls", asks)

    assert [(group.heading, [f.name for f in group.fields]) for group in form.groups] == [
        ("First", ["a", "c"]),
        ("Second", ["b"]),
    ]


def test_a_form_starts_from_the_settings_used_last_and_else_from_the_exercises_own() -> None:
    asks = [
        Ask(name="a.x", label="X", kind="integer", initial=1),
        Ask(name="a.y", label="Y", kind="order", choices=(("p", "P"), ("q", "Q"))),
        Ask(name="z", label="Z", kind="interval", initial=[1, 2]),
    ]
    form = StageForm("controls", asks, before={"a": {"x": 7, "y": ["q", "p"]}})

    assert form["a.x"].initial == 7
    assert form["z"].initial == [1, 2]
    assert str(form["a.y"]).count("selected") == 2
    assert 'value="1"' in str(form["z"])


def test_what_a_service_finds_wrong_stands_beside_its_field() -> None:
    asks = [
        Ask(name="a.x", label="X", kind="integer"),
        Ask(name="o", label="O", kind="text"),
    ]
    form = StageForm("controls", asks, {"controls-a.x": "1", "controls-o": "p"})
    assert form.is_valid()

    form.add_problems(
        {
            "controls.a.x": ["Found 1. At least 2."],
            "controls.o.3": ["Found 'p'."],
            "controls": ["The two do not go together."],
            "answers.a.x": ["Not about this form."],
        }
    )

    assert form.errors["a.x"] == ["Found 1. At least 2."]
    assert form.errors["o"] == ["Found 'p'."]
    assert form.non_field_errors() == ["The two do not go together."]
    assert "Not about" not in str(form.errors)


@pytest.mark.parametrize("key", ["", "no-uuid", "\0", "1" * 200])
def test_a_run_needs_its_key(key: str) -> None:
    form = RunKeyForm({"idem_key": key, "purpose": "explore"})

    assert not form.is_valid()
    assert "Press the button again." in form.errors["idem_key"][0]


def test_a_run_without_a_purpose_explores() -> None:
    form = RunKeyForm({"idem_key": "682d02c6-d01f-40e9-9ebc-3e6def3d093f"})

    assert form.is_valid()
    assert form.cleaned_data["purpose"] == "explore"
    assert not RunKeyForm({"idem_key": form["idem_key"].value(), "purpose": "win"}).is_valid()


def test_each_page_has_a_key_of_its_own() -> None:
    assert RunKeyForm()["idem_key"].value() != RunKeyForm()["idem_key"].value()


def test_a_note_is_one_short_sentence() -> None:
    assert NoteForm({"note": ""}).is_valid()
    assert not NoteForm({"note": "x" * 501}).is_valid()
    assert not NoteForm({"note": "\ud800"}).is_valid()
