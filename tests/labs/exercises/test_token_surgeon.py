"""Token surgeon: what it draws, what it asks, and both sides of each boundary."""

import json
import time
from functools import cache
from typing import Any

import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st
from pydantic import ValidationError

from labs.contract import Ask, LabError, Stage, Verdict
from labs.exercises.token_surgeon import exercise, run
from labs.exercises.token_surgeon.drawing import ALIKE, by_threes, calibrate, instance, reference
from labs.exercises.token_surgeon.drawing import mutants as planted
from labs.exercises.token_surgeon.grading import f1, grade, grade_transfer, marked
from labs.exercises.token_surgeon.parts import ASCII, Given, Key, SurgeonParams
from labs.exercises.token_surgeon.pools import FAMILIES
from labs.management.commands.try_lab import parameters, trials
from labs.runtime import Runtime
from labs.runtime.fake import FakeRuntime

SEEDS = range(30)
STAGES: tuple[Stage, ...] = ("prediction", "controls", "answers", "transfer")


@cache
def calibrated() -> dict[str, Any]:
    return calibrate(FakeRuntime())


@pytest.fixture
def cal() -> dict[str, Any]:
    return calibrated()


def submission(cal: dict[str, Any], seed: int = 1) -> dict[str, Any]:
    """The parts of a run that must pass."""
    drawn, key = instance(seed, cal)
    right = reference(drawn, key, cal)
    parts = {"prediction": right.prediction, "answers": right.answers, "given": drawn, "key": key}
    plain: dict[str, Any] = json.loads(
        json.dumps(parts, default=lambda part: part.model_dump(mode="json"))
    )
    return plain


def verdict_on(parts: dict[str, Any], runtime: Runtime) -> Verdict:
    params = SurgeonParams.model_validate(parts)
    return grade(params, run(params, runtime))


def failed(verdict: Verdict) -> list[str]:
    return [check.id for check in verdict.checks if not check.passed]


@pytest.mark.parametrize("seed", SEEDS)
def test_the_reference_passes_and_every_mutant_fails_on_its_check(
    seed: int, cal: dict[str, Any], runtime: Runtime
) -> None:
    rows = list(trials(exercise, seed, cal, runtime))
    assert len(rows) == 6
    assert [row.name for row in rows if not row.is_right] == []


def test_all_six_misconceptions_are_planted_somewhere(cal: dict[str, Any]) -> None:
    drawn = [instance(seed, cal) for seed in SEEDS]
    names = {mutant.name for given, key in drawn for mutant in planted(given, key, cal)}
    assert len(names) == 6


def test_the_same_seed_draws_the_same_strings(cal: dict[str, Any]) -> None:
    assert instance(7, cal) == instance(7, cal)
    assert instance(7, cal) != instance(8, cal)


@pytest.mark.parametrize("seed", SEEDS)
def test_new_strings_are_new_and_cost_about_what_the_shown_ones_do(
    seed: int, cal: dict[str, Any]
) -> None:
    given, key = instance(seed, cal)
    assert [s.family for s in given.first] == [s.family for s in given.second] == [*FAMILIES]
    for shown, asked in zip(given.first, given.second, strict=True):
        assert shown.text.strip() != asked.text.strip()
    for shown, asked, n in list(zip(given.first, given.second, key.counts, strict=True))[ASCII:]:
        before = cal[asked.vocabulary][shown.text]["n"] / len(shown.text.encode())
        assert n / len(asked.text.encode()) / before == pytest.approx(1, abs=ALIKE)


def test_the_calibrated_truth_is_what_the_run_measures(
    cal: dict[str, Any], runtime: Runtime
) -> None:
    for seed in SEEDS:
        parts = submission(cal, seed)
        result = run(SurgeonParams.model_validate(parts), runtime)
        assert result.hidden.counts == parts["key"]["counts"]
        assert result.hidden.cuts == parts["key"]["cuts"]


def test_an_instance_without_a_calibration_says_what_to_do() -> None:
    with pytest.raises(LookupError, match="Publish the pack"):
        instance(1, {})


def test_pools_hold_what_their_families_say() -> None:
    for family, pool in FAMILIES.items():
        assert len(set(pool)) == len(pool) >= 20
        assert all(text.isascii() for text in pool) == (family not in ("hindi", "emoji"))
    assert all(40 <= len(text) <= 80 for text in FAMILIES["hindi"])
    assert all("\u200d" in text for text in FAMILIES["emoji"])
    assert all(text.isdigit() and 3 <= len(text) <= 8 for text in FAMILIES["digits"])


# The boundaries, one step inside and one outside.


@pytest.mark.parametrize(("off", "passed"), [(5, True), (6, True), (7, False)])
def test_six_counts_may_be_off_by_six_tokens_in_all(
    off: int, *, passed: bool, cal: dict[str, Any], runtime: Runtime
) -> None:
    parts = submission(cal)
    parts["answers"]["counts"]["t4"] += off
    verdict = verdict_on(parts, runtime)
    assert failed(verdict) == ([] if passed else ["count"])
    assert verdict.checks[0].measured == pytest.approx(off / 6, abs=1e-6)


@pytest.mark.parametrize(("wrong", "passed"), [(["t3"], True), (["t3", "t4"], False)])
def test_cuts_of_one_string_may_be_wrong(
    wrong: list[str], *, passed: bool, cal: dict[str, Any], runtime: Runtime
) -> None:
    parts = submission(cal)
    for place in wrong:
        parts["answers"]["cuts"][place] = []
    assert failed(verdict_on(parts, runtime)) == ([] if passed else ["cuts"])


def test_a_date_agrees_with_three_borders_missing_but_not_with_four(
    cal: dict[str, Any], runtime: Runtime
) -> None:
    parts = submission(cal)
    borders = parts["answers"]["cuts"]["t4"]
    assert len(borders) == 9  # every digit stands alone
    parts["answers"]["cuts"]["t3"] = []  # the one that may be wrong
    parts["answers"]["cuts"]["t4"] = borders[3:]  # F1 = 12 / 15 = 0.8
    assert failed(verdict_on(parts, runtime)) == []
    parts["answers"]["cuts"]["t4"] = borders[4:]  # F1 = 10 / 14
    assert failed(verdict_on(parts, runtime)) == ["cuts"]


@pytest.mark.parametrize("place", [6, 7])
def test_a_multibyte_count_may_be_off_by_a_quarter(
    place: int, cal: dict[str, Any], runtime: Runtime
) -> None:
    parts = submission(cal)
    truth = parts["key"]["counts"][place]
    for said in (truth - truth // 4, truth + truth // 4):
        parts["answers"]["counts"][f"t{place + 1}"] = said
        assert failed(verdict_on(parts, runtime)) == []
    for said in (truth - truth // 4 - 1, truth + truth // 4 + 1):
        parts["answers"]["counts"][f"t{place + 1}"] = said
        assert failed(verdict_on(parts, runtime)) == ["multibyte"]


def test_answers_left_out_are_wrong_not_a_crash(cal: dict[str, Any], runtime: Runtime) -> None:
    parts = submission(cal)
    parts["answers"] = {}
    assert {"count", "multibyte"} <= set(failed(verdict_on(parts, runtime)))


def test_two_empty_sets_of_cuts_agree() -> None:
    assert f1([], []) == 1
    assert f1([1], []) == f1([], [1]) == f1([2], [1]) == 0
    assert f1([1, 2, 2], [2, 3]) == pytest.approx(1 / 2)


def test_groups_of_three_start_at_the_left() -> None:
    assert by_threes("1234567") == [3, 6]
    assert by_threes("2026-11-23") == [3, 4, 5, 7, 8]


# Predictions and the transfer question.


def test_a_right_prediction_earns_every_point_and_one_token_costs_a_sixth(
    cal: dict[str, Any], runtime: Runtime
) -> None:
    parts = submission(cal)
    guesses = verdict_on(parts, runtime).guesses
    assert len(guesses) == 16 + 6
    assert {guess.points for guess in guesses} == {1.0}
    parts["prediction"]["counts"]["s1"]["tekken"] += 1
    assert verdict_on(parts, runtime).guesses[0].points == pytest.approx(5 / 6)


def test_a_wrong_prediction_cannot_fail_a_run(cal: dict[str, Any], runtime: Runtime) -> None:
    parts = submission(cal)
    parts["prediction"] = {
        "counts": {f"s{n}": {"tekken": 999, "spm32k": 0} for n in range(1, 9)},
        "cuts": {},
    }
    verdict = verdict_on(parts, runtime)
    assert verdict.passed
    assert all(0 <= guess.points <= 1 for guess in verdict.guesses)


def test_cuts_are_shown_between_the_pieces() -> None:
    assert marked("strawberry", [2, 5]) == "st·raw·berry"
    assert marked(" pepper", [99]) == "␣pepper"


def test_the_reference_knows_the_transfer(cal: dict[str, Any]) -> None:
    for seed in SEEDS:
        drawn, key = instance(seed, cal)
        right = reference(drawn, key, cal).transfer
        given, hidden = drawn.model_dump(mode="json"), key.model_dump(mode="json")
        assert all(check.passed for check in grade_transfer(right, given, hidden))
        swap = {"tekken": "spm32k", "spm32k": "tekken"}
        wrong = {name: swap[slug] for name, slug in right.items()}
        assert not any(check.passed for check in grade_transfer(wrong, given, hidden))
        assert not any(check.passed for check in grade_transfer({}, given, hidden))


def test_the_transfer_is_true_of_every_string_it_speaks_of(cal: dict[str, Any]) -> None:
    for family in ("hindi", "digits"):
        for text in FAMILIES[family]:
            assert cal["tekken"][text]["n"] < cal["spm32k"][text]["n"]


# Forms, secrets and limits.


def asked(stage: Stage, given: Given) -> tuple[Ask, ...]:
    return exercise.asks(stage, given.model_dump(mode="json"))


def test_every_string_has_its_own_group_of_fields(cal: dict[str, Any]) -> None:
    given, _ = instance(3, cal)
    assert len(asked("prediction", given)) == 16 + 6
    assert len({ask.group for ask in asked("prediction", given)}) == 8
    assert len(asked("answers", given)) == 8 + 6
    assert len(asked("transfer", given)) == 3
    for stage in STAGES:
        names = [ask.name for ask in asked(stage, given)]
        assert len(set(names)) == len(names)
        assert all(ask.text.isascii() for ask in asked(stage, given) if ask.kind == "cuts")


def test_answers_of_the_forms_fit_the_parameters(cal: dict[str, Any], runtime: Runtime) -> None:
    """Each field, filled with its simplest value, makes parameters that run."""
    given, key = instance(3, cal)
    parts: dict[str, Any] = {}
    for stage in ("prediction", "controls", "answers"):
        for ask in asked(stage, given):
            place = parts.setdefault(stage, {})
            *path, last = ask.name.split(".")
            for step in path:
                place = place.setdefault(step, {})
            place[last] = {"integer": 3, "cuts": [1], "text": "a b", "flag": True}[ask.kind]
    params = parameters(exercise, given, key, parts)
    assert isinstance(params, SurgeonParams)
    shown = run(params, runtime).shown
    assert [strip.label for strip in shown.strips[8:]] == ["Your first text", "Your second text"]
    assert [vocabulary.slug for vocabulary in shown.vocabularies] == [
        "tekken",
        "spm32k",
        "bytes",
        "chars",
    ]


def test_nothing_of_the_second_set_is_shown(cal: dict[str, Any], runtime: Runtime) -> None:
    for seed in SEEDS:
        params = SurgeonParams.model_validate(submission(cal, seed))
        shown = json.loads(run(params, runtime).shown.model_dump_json())
        texts = {strip["text"] for strip in shown["strips"]}
        assert texts == {string.text for string in params.given.first}


def test_what_is_given_holds_no_count_and_no_cut(cal: dict[str, Any]) -> None:
    given, key = instance(5, cal)
    fields = {name for asked in given.second for name in asked.model_dump()}
    assert fields == {"id", "family", "text", "vocabulary"}
    assert not set(type(key).model_fields) & set(type(given).model_fields)


def test_without_a_vocabulary_there_is_nothing_to_see(
    cal: dict[str, Any], runtime: Runtime
) -> None:
    show = dict.fromkeys(["tekken", "spm32k", "bytes", "chars"], False)
    params = SurgeonParams.model_validate({**submission(cal), "controls": {"show": show}})
    with pytest.raises(LabError, match="Choose at least one"):
        run(params, runtime)


@pytest.mark.parametrize(
    "controls",
    [{"first_text": "x" * 201}, {"second_text": "a\0b"}, {"first_text": "\ud800"}, {"other": 1}],
)
def test_a_text_that_cannot_be_kept_is_refused(
    controls: dict[str, Any], cal: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        SurgeonParams.model_validate({**submission(cal), "controls": controls})


LOOSE = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2_000) | st.text(max_size=210),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@examples(
    counts=st.dictionaries(st.sampled_from(["t1", "t8", "t9"]), st.integers(-1, 1_001) | LOOSE),
    cuts=st.dictionaries(st.sampled_from(["t1", "t6", "s1"]), st.lists(st.integers(0, 1_001))),
    text=st.text(max_size=210),
    extra=LOOSE,
)
def test_no_input_does_more_than_be_refused(
    counts: dict[str, Any], cuts: dict[str, Any], text: str, extra: Any
) -> None:
    parts = submission(calibrated())
    parts["answers"] = {"counts": counts, "cuts": cuts}
    parts["controls"] = {"first_text": text, "show": extra}
    try:
        verdict = verdict_on(parts, FakeRuntime())
    except (LabError, ValidationError):
        return
    assert len(verdict.checks) == 3


def test_a_result_is_small_and_quick(cal: dict[str, Any], runtime: Runtime) -> None:
    parts = submission(cal)
    parts["controls"] = {"first_text": "👩‍🚀" * 66, "second_text": "ह" * 200}
    parts["controls"]["show"] = dict.fromkeys(["tekken", "spm32k", "bytes", "chars"], True)
    params = SurgeonParams.model_validate(parts)
    start = time.process_time()
    result = run(params, runtime)
    assert time.process_time() - start < 4 * exercise.cpu_seconds
    assert len(result.model_dump_json()) < 64_000  # bytes; a result may have 256 kB
    assert isinstance(params.key, Key)
