"""Token surgeon: say how many tokens a text becomes and where the cuts fall.

Predict: counts of eight strings in two vocabularies, and the cuts of the six ASCII ones.
Run: the same strings, and up to two of the learner's own, cut by the vocabularies themselves.
Pass: eight new strings, six within one token on average, cuts right for five of six, and the
two that are not ASCII within a quarter.
"""

from labs.contract import Exercise, LabError
from labs.exercises.token_surgeon.drawing import calibrate, instance, mutants, reference
from labs.exercises.token_surgeon.forms import asks
from labs.exercises.token_surgeon.grading import grade, grade_transfer
from labs.exercises.token_surgeon.parts import (
    ASCII,
    ASKED,
    LABELS,
    OFFERED,
    Hidden,
    Pair,
    Shown,
    SurgeonParams,
    SurgeonResult,
)
from labs.runtime import Runtime
from labs.runtime.strips import column_of, strip_of, vocabulary_of


def run(params: SurgeonParams, runtime: Runtime) -> SurgeonResult:
    """Cut every string; the second set goes to the grader alone."""
    return SurgeonResult(shown=shown(params, runtime), hidden=hidden(params, runtime))


def shown(params: SurgeonParams, runtime: Runtime) -> Shown:
    controls = params.controls
    slugs = [slug for slug in OFFERED if getattr(controls.show, slug)]
    if not slugs:
        raise LabError("No vocabulary is chosen. Choose at least one to see a strip.")
    strips = [
        strip_of(runtime, slugs, string.text, label=LABELS[string.family], lang=string.lang)
        for string in params.given.first
    ]
    own = {"Your first text": controls.first_text, "Your second text": controls.second_text}
    strips += [strip_of(runtime, slugs, text, label=label) for label, text in own.items() if text]
    return Shown(strips=strips, vocabularies=[vocabulary_of(runtime, slug) for slug in slugs])


def hidden(params: SurgeonParams, runtime: Runtime) -> Hidden:
    given = params.given
    first = {s.id: {slug: column_of(runtime, slug, s.text) for slug in ASKED} for s in given.first}
    second = [column_of(runtime, asked.vocabulary, asked.text) for asked in given.second]
    return Hidden(
        first_counts={
            place: Pair(tekken=columns["tekken"].n, spm32k=columns["spm32k"].n)
            for place, columns in first.items()
        },
        first_cuts={s.id: first[s.id]["tekken"].cuts for s in given.first[:ASCII]},
        counts=[column.n for column in second],
        cuts=[column.cuts for column in second[:ASCII]],
    )


exercise = Exercise(
    title="Token surgeon",
    kind="predict",
    params=SurgeonParams,
    result=SurgeonResult,
    instance=instance,
    asks=asks,
    run=run,
    grade=grade,
    grade_transfer=grade_transfer,
    reference=reference,
    mutants=mutants,
    calibrate=calibrate,
    template="labs/results/_token_columns.html",
    vocabularies=("tekken", "spm32k", "bytes", "chars"),
    cpu_seconds=0.5,
)
