"""Bill shock: what is drawn, that writing loses nothing, and both sides of each boundary."""

import json
import time
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError

from labs.contract import LabError, Verdict
from labs.exercises.bill_shock import exercise, run
from labs.exercises.bill_shock.billing import bill_of, ledger_of, literal_share
from labs.exercises.bill_shock.drawing import BEST, instance, reference, with_
from labs.exercises.bill_shock.forms import asks
from labs.exercises.bill_shock.grading import grade, grade_transfer
from labs.exercises.bill_shock.nested import CHEAPEST_FIRST, texts
from labs.exercises.bill_shock.parts import PARTS, TABLES, Bill, BillParams, BillResult, Controls
from labs.exercises.bill_shock.payloads import COLUMNS, Row, hidden_payload, shown_payload
from labs.exercises.bill_shock.reading import first_difference, read
from labs.exercises.bill_shock.writing import joined, written
from labs.management.commands.try_lab import parameters, trials
from labs.runtime import Runtime
from labs.runtime.fake import FakeRuntime
from labs.scoring import check_share

SEEDS = range(20)
FORMATS = ("json4", "json2", "json0", "compact", "csv", "tsv", "columns")


def parts(seed: int = 1, **controls: Any) -> dict[str, Any]:
    """The parts of a run; with no change, of one that must pass."""
    drawn, key = instance(seed, {})
    right = reference(drawn, key, {})
    return {
        "prediction": right.prediction,
        "controls": right.controls | controls,
        "given": drawn.model_dump(mode="json"),
        "key": key.model_dump(mode="json"),
    }


def verdict_on(submission: dict[str, Any], runtime: Runtime) -> Verdict:
    params = BillParams.model_validate(submission)
    return grade(params, run(params, runtime))


def failed(verdict: Verdict) -> list[str]:
    return [check.id for check in verdict.checks if not check.passed]


def text_of(rows: list[Row], **controls: Any) -> str:
    return joined(written(rows, Controls.model_validate(controls)))


def count(runtime: Runtime, text: str) -> tuple[int, int]:
    return len(runtime.tokenizer("tekken").encode(text)), len(
        runtime.tokenizer("spm32k").encode(text)
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_passes_and_every_mutant_fails_on_its_check(
    seed: int, runtime: Runtime
) -> None:
    rows = list(trials(exercise, seed, {}, runtime))
    assert len(rows) == 8
    assert [row.name for row in rows if not row.is_right] == []


# The numbers of the design, measured again.


@pytest.mark.parametrize(
    ("controls", "tokens", "n_bytes"),
    [
        ({"format": "json2"}, (2_182, 2_583), 4_832),
        ({"format": "compact"}, (1_482, 1_582), 3_331),
        ({"format": "csv"}, (887, 990), 1_306),
        ({"format": "csv", "lift_constants": True}, (838, 892), 1_061),
    ],
)
def test_the_shown_payload_costs_what_the_design_says(
    controls: dict[str, Any], tokens: tuple[int, int], n_bytes: int, runtime: Runtime
) -> None:
    text = text_of(shown_payload(), **controls)
    assert count(runtime, text) == tokens
    assert len(text.encode()) == len(text) == n_bytes


def test_compression_looks_like_a_bargain(runtime: Runtime) -> None:
    tekken, spm32k = count(runtime, text_of(shown_payload(), format="compact", pack=True))
    assert tekken == pytest.approx(430, abs=15)  # compressors differ a little
    assert spm32k == pytest.approx(450, abs=15)


def test_line_ends_and_capitals_cost_tokens_too(runtime: Runtime) -> None:
    csv = text_of(shown_payload(), format="csv")
    assert count(runtime, csv.replace("\n", "\r\n")) == (937, 1_040)
    assert count(runtime, csv.replace("true", "True")) == (937, 990)


def test_two_hundred_hidden_payloads_can_be_won_by_a_table_and_not_by_json(
    runtime: Runtime,
) -> None:
    """So `instance` needs no redraw, and the web process no vocabulary."""
    best_json = Controls(
        format="compact",
        key_map=", ".join(f"{name}={chr(97 + n)}" for n, name in enumerate(COLUMNS)),
        lift_constants=True,
    )
    for seed in range(200):
        _, key = instance(seed, {})
        rows = hidden_payload(key.seed)
        cheap = max(ratios(rows, BEST, runtime))
        dear = max(ratios(rows, best_json, runtime))
        assert cheap <= 0.42
        assert dear >= 0.48
        if seed < 10:
            assert max(ratios(rows, Controls(format="csv"), runtime)) <= 0.45
            assert max(ratios(rows, Controls(format="tsv"), runtime)) <= 0.45


def ratios(rows: list[Row], controls: Controls, runtime: Runtime) -> list[float]:
    before = count(runtime, json.dumps(rows, indent=2, ensure_ascii=False))
    after = count(runtime, joined(written(rows, controls)))
    return [new / old for new, old in zip(after, before, strict=True)]


# What is drawn.


def test_the_same_seed_draws_the_same_payload() -> None:
    assert instance(4, {}) == instance(4, {})
    assert hidden_payload(4) == hidden_payload(4) != hidden_payload(5)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_hidden_payload_holds_every_trap(seed: int) -> None:
    rows = hidden_payload(seed)
    assert len(rows) == 60
    assert all(list(row) == list(COLUMNS) for row in rows)
    text = json.dumps(rows, ensure_ascii=False)
    assert '"00417"' in text
    assert '"note": ""' in text
    assert '"note": null' in text
    assert "Köln, Süd" in text
    assert '\\"Anna\\"' in text
    assert len({row["currency"] for row in rows}) == 1
    floats = [str(row["total_amount"]) for row in rows]
    assert max(len(text.replace(".", "")) for text in floats) == 8


def test_the_learner_is_told_the_columns_and_no_value() -> None:
    given, key = instance(3, {})
    told = json.dumps(given.model_dump(mode="json"), ensure_ascii=False)
    assert key.model_dump() == {"seed": key.seed}
    assert str(key.seed) not in told
    for row in hidden_payload(key.seed):
        for name in ("order_number", "customer", "total_amount"):
            assert str(row[name]) not in told


def test_nothing_of_the_hidden_payload_is_shown(runtime: Runtime) -> None:
    params = BillParams.model_validate(parts())
    shown = run(params, runtime).shown.model_dump_json()
    for row in hidden_payload(params.key.seed):
        assert row["customer"] not in shown
        assert str(row["total_amount"]) not in shown


# Writing and reading.


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("json4", {"indent": 4}),
        ("json2", {"indent": 2}),
        ("json0", {"indent": 0}),
        ("compact", {"separators": (",", ":")}),
    ],
)
def test_json_is_written_as_the_library_writes_it(name: str, layout: dict[str, Any]) -> None:
    for rows in (shown_payload(), hidden_payload(1)):
        assert text_of(rows, format=name) == json.dumps(rows, ensure_ascii=False, **layout)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("booleans", ["words", "digits", "default"])
def test_lossless_settings_lose_nothing(name: str, booleans: str) -> None:
    controls = Controls.model_validate(
        {
            "format": name,
            "key_map": "order_number=o, paid=p\nnote=n",
            "first_columns": "note, paid",
            "lift_constants": True,
            "booleans": booleans,
            "numbers": "exponent",
            "pack": True,
        }
    )
    rows = hidden_payload(2)
    same = first_difference(rows, read(joined(written(rows, controls)), controls)) == ""
    assert same == (name in TABLES or booleans == "words")  # JSON cannot declare a flag


def test_a_table_says_by_marks_and_quotes_what_its_cells_cannot() -> None:
    rows: list[Row] = [
        {"code": "007", "say": 'a "b", c', "none": None, "empty": "", "yes": True, "n": 1.5},
        {"code": "1e5", "say": "true", "none": "x", "empty": "y", "yes": True, "n": 2},
        {"code": None, "say": "\n", "none": "x", "empty": "y", "yes": False, "n": -3},
    ]
    assert text_of(rows, format="csv", booleans="default") == (
        "code:text,say:text,none,empty,yes:flag1,n\n"
        '007,"a ""b"", c",,"",,1.5\n'
        "1e5,true,x,y,,2\n"
        ',"\n",x,y,0,-3'
    )


def test_columns_are_one_line_each() -> None:
    rows: list[Row] = [{"a": 1, "b": "x"}, {"a": 2, "b": "x"}]
    assert text_of(rows, format="columns") == "a,1,2\nb,x,x"
    assert text_of(rows, format="columns", lift_constants=True) == "b=x\na,1,2"
    assert text_of(rows, format="tsv", first_columns="") == "a\tb\n1\tx\n2\tx"


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**12), 10**12)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=6)
    | st.sampled_from(["", "0", "00", "true", "1e5", '"', ",", "\t", "\n", "a=b", "-0", "null"])
)


@settings(max_examples=200, deadline=None)
@examples(
    rows=st.lists(st.tuples(SCALARS, SCALARS, st.booleans()), min_size=1, max_size=6),
    name=st.sampled_from(FORMATS),
    lift=st.booleans(),
    booleans=st.sampled_from(["words", "digits", "default"]),
    numbers=st.sampled_from(["plain", "exponent"]),
)
def test_any_table_of_values_comes_back(
    rows: list[tuple[Any, Any, bool]], *, name: str, lift: bool, booleans: str, numbers: str
) -> None:
    payload = [{"id": n, "a": a, "b": b, "c": c} for n, (a, b, c) in enumerate(rows)]
    payload.append({"id": -1, "a": "end", "b": None, "c": True})  # so that `id` never is constant
    controls = Controls.model_validate(
        {
            "format": name,
            "lift_constants": lift,
            "booleans": booleans if name in TABLES else "words",
            "numbers": numbers,
        }
    )
    assert first_difference(payload, read(joined(written(payload, controls)), controls)) == ""


def test_a_difference_names_record_column_and_values() -> None:
    assert first_difference([{"a": 1}], [{"a": True}]) == "record 1, a: 1 became true"
    assert first_difference([{"a": ""}], [{"a": None}]) == 'record 1, a: "" became null'
    assert first_difference([{"a": 2}], [{}]) == "record 1 lost a, which was 2"
    assert first_difference([{}], [{"b": 2}]) == "record 1 has a new key, b"
    assert first_difference([{}], []) == "1 records became 0"
    assert first_difference([{"a": 1, "b": 2}], [{"b": 2, "a": 1}]) == ""


def test_a_value_counts_as_readable_only_where_it_stands_alone() -> None:
    rows: list[Row] = [{"n": 12, "t": "2012", "flag": True, "none": None, "empty": ""}]
    assert literal_share(rows, "n,t\n12,2012") == 1
    assert literal_share(rows, "2012") == 1 / 2
    assert literal_share([{"t": 'a "b"'}], '"a ""b"""') == 1
    assert literal_share([{"flag": False}], "") == 1


@pytest.mark.parametrize("slug", ["tekken", "spm32k"])
def test_the_ledger_adds_up(slug: str, runtime: Runtime) -> None:
    for name in FORMATS:
        fragments = written(hidden_payload(1), Controls.model_validate({"format": name}))
        ledger = ledger_of(fragments, runtime.tokenizer(slug))
        assert ledger.total() == len(runtime.tokenizer(slug).encode(joined(fragments)))
        assert set(ledger) <= set(PARTS)
    packed = ledger_of(written(shown_payload(), with_(BEST, pack=True)), runtime.tokenizer(slug))
    assert packed["packed"] >= packed.total() - 1  # the space in front is nobody's


# The boundaries, one step inside and one outside.


def graded(runtime: Runtime, **changes: Any) -> Verdict:
    params = BillParams.model_validate(parts())
    result = run(params, runtime)
    bill = result.hidden.bill.model_copy(update=changes)
    hidden = result.hidden.model_copy(update={"bill": bill})
    return grade(params, result.model_copy(update={"hidden": hidden}))


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"ratio": {"tekken": 0.45, "spm32k": 0.2}}, []),
        ({"ratio": {"tekken": 0.450001, "spm32k": 0.2}}, ["ratio"]),
        ({"ratio": {"tekken": 0.2, "spm32k": 0.450001}}, ["ratio"]),
        ({"literal_share": 0.95}, []),
        ({"literal_share": 0.949999}, ["readable"]),
        ({"equal": False}, ["equal"]),
    ],
)
def test_the_line_between_pass_and_fail(
    changes: dict[str, Any], names: list[str], runtime: Runtime
) -> None:
    assert failed(graded(runtime, **changes)) == names


@pytest.mark.parametrize("switch", ["drop_nulls", "round_floats", "trim_zeros"])
def test_every_tempting_switch_loses_something(switch: str, runtime: Runtime) -> None:
    verdict = verdict_on(parts(lossy={switch: True}), runtime)
    check = next(check for check in verdict.checks if check.id == "equal")
    assert not check.passed
    assert "record" in check.hint
    assert "Which switch removed information?" in check.hint


def test_a_number_with_an_exponent_cannot_be_found_again(runtime: Runtime) -> None:
    assert failed(verdict_on(parts(numbers="exponent"), runtime)) == ["readable"]


# Predictions and the transfer question.


def test_a_narrow_right_interval_earns_more_than_a_wide_one(runtime: Runtime) -> None:
    submission = parts()
    submission["prediction"] = {"json2": [2_182, 2_182], "compact": [1_082, 1_882], "csv": [0, 10]}
    points = [guess.points for guess in verdict_on(submission, runtime).guesses]
    assert points == [1, 0, 0]
    submission["prediction"]["json2"] = [1_982, 2_382]
    assert verdict_on(submission, runtime).guesses[0].points == pytest.approx(1 / 2)


@pytest.mark.parametrize("lines", list(CHEAPEST_FIRST))
@pytest.mark.parametrize("slug", ["tekken", "spm32k"])
def test_the_ranking_of_formats_is_what_the_vocabularies_say(
    lines: int, slug: str, runtime: Runtime
) -> None:
    tokens = {
        name: len(runtime.tokenizer(slug).encode(text)) for name, text in texts(lines).items()
    }
    costs = [tokens[name] for name in CHEAPEST_FIRST[lines]]
    assert all(dear / cheap >= 1.1 for cheap, dear in pairwise(costs))


@pytest.mark.parametrize("seed", SEEDS)
def test_a_ranking_is_worth_its_pairs(seed: int) -> None:
    given, key = instance(seed, {})
    right = reference(given, key, {}).transfer["order"]
    shape = given.model_dump(mode="json")
    pairs = len(right) * (len(right) - 1) / 2
    swapped = [right[1], right[0], *right[2:]]
    for order, share in ((right, 1), (right[::-1], 0), (swapped, 1 - 1 / pairs)):
        checks = grade_transfer({"order": order}, shape, {})
        assert check_share(checks) == pytest.approx(share)
    assert check_share(grade_transfer({}, shape, {})) == 0
    assert check_share(grade_transfer({"order": ["csv"]}, shape, {})) == 0


# Forms and limits.


def test_answers_of_the_forms_fit_the_parameters(runtime: Runtime) -> None:
    given, key = instance(3, {})
    simple = {"interval": [1, 2], "text": "", "flag": False}
    filled = {}
    for stage in ("prediction", "controls"):
        place: dict[str, Any] = {}
        for ask in asks(stage, given.model_dump(mode="json")):
            *path, last = ask.name.split(".")
            inner = place.setdefault(path[0], {}) if path else place
            inner[last] = ask.choices[-1][0] if ask.kind == "choice" else simple[ask.kind]
        filled[stage] = place
    params = parameters(exercise, given, key, filled)
    assert isinstance(params, BillParams)
    assert run(params, runtime).shown.vocabulary.slug == "spm32k"
    assert not asks("answers", given.model_dump(mode="json"))


@pytest.mark.parametrize("name", ["format", "booleans", "numbers", "vocabulary"])
def test_every_choice_is_a_setting(name: str) -> None:
    given, _ = instance(3, {})
    (ask,) = [a for a in asks("controls", given.model_dump(mode="json")) if a.name == name]
    for value, _ in ask.choices:
        assert getattr(Controls.model_validate({name: value}), name) == value
    assert ask.initial == getattr(Controls(), name)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("id", "“id” has no equals sign"),
        ("colour=c", "No column is called “colour”. There are: id, name"),
        ("id=a, id=b", "“id” is renamed twice"),
        ("id=2x", "“2x” cannot be a name"),
        ("id=", "“” cannot be a name"),
        ("id=a=b", "“a=b” cannot be a name"),
    ],
)
def test_a_key_map_that_cannot_be_read_says_why(text: str, sentence: str) -> None:
    with pytest.raises(ValidationError, match=sentence):
        Controls(key_map=text)


def test_a_column_that_does_not_exist_cannot_come_first() -> None:
    with pytest.raises(ValidationError, match="No column is called “colour”"):
        Controls(first_columns="id, colour")


@settings(max_examples=60, deadline=None)
@examples(
    controls=st.fixed_dictionaries(
        {},
        optional={
            "format": st.sampled_from([*FORMATS, "xml"]),
            "key_map": st.text(max_size=40)
            | st.sampled_from(["id=a, name=a", "paid=p,note=p,customer=note", "id=name"]),
            "first_columns": st.sampled_from(["", "paid, note", "note,,note", "x"]),
            "lift_constants": st.booleans(),
            "booleans": st.sampled_from(["words", "digits", "default", ""]),
            "numbers": st.sampled_from(["plain", "exponent"]),
            "lossy": st.fixed_dictionaries(
                {},
                optional={
                    "drop_nulls": st.booleans(),
                    "round_floats": st.booleans(),
                    "trim_zeros": st.booleans(),
                },
            ),
            "pack": st.booleans(),
            "vocabulary": st.sampled_from(["tekken", "spm32k", "bytes"]),
        },
    )
)
def test_no_setting_does_more_than_be_refused(controls: dict[str, Any]) -> None:
    submission = parts()
    submission["controls"] = controls
    try:
        verdict = verdict_on(submission, FakeRuntime())
    except (LabError, ValidationError):
        return
    assert [check.id for check in verdict.checks] == ["equal", "ratio", "readable"]


def test_a_result_is_small_and_quick(runtime: Runtime) -> None:
    params = BillParams.model_validate(parts(format="json4"))
    run(params, runtime)
    start = time.process_time()
    result: BillResult = run(params, runtime)
    assert time.process_time() - start < 4 * exercise.cpu_seconds
    assert len(result.model_dump_json()) < 16_000  # bytes
    assert isinstance(result.hidden.bill, Bill)
    assert bill_of(shown_payload(), params.controls, runtime) == result.shown.bill
