"""Bill shock: write a payload for less than half the tokens, and lose nothing.

Predict: what fifty records cost as indented JSON, as compact JSON and as CSV.
Run: one pipeline of formats and switches, seen on a shown payload, applied to a hidden one.
Pass: the hidden payload comes back equal, costs at most 45 % of indented JSON in both
vocabularies, and its values can still be read.
"""

from labs.contract import Exercise
from labs.exercises.bill_shock.billing import BASELINE, bill_of, ledger_of
from labs.exercises.bill_shock.drawing import instance, mutants, reference
from labs.exercises.bill_shock.forms import asks
from labs.exercises.bill_shock.grading import grade, grade_transfer
from labs.exercises.bill_shock.parts import (
    PARTS,
    BillParams,
    BillResult,
    Controls,
    Entry,
    Hidden,
    Shown,
)
from labs.exercises.bill_shock.payloads import Row, hidden_payload, shown_payload
from labs.exercises.bill_shock.writing import joined, written
from labs.runtime import Runtime
from labs.runtime.strips import strip_of, vocabulary_of

STRIP, SAMPLE = 240, 600  # characters of a text that are shown as tokens, and as text


def run(params: BillParams, runtime: Runtime) -> BillResult:
    """Bill the shown payload for the learner and the hidden one for the grader."""
    return BillResult(
        shown=shown(shown_payload(), params.controls, runtime),
        hidden=Hidden(
            bill=bill_of(hidden_payload(params.key.seed), params.controls, runtime),
            predicted={
                "json2": cost("json2", runtime),
                "compact": cost("compact", runtime),
                "csv": cost("csv", runtime),
            },
        ),
    )


def shown(rows: list[Row], controls: Controls, runtime: Runtime) -> Shown:
    slug = controls.vocabulary
    before, after = written(rows, BASELINE), written(rows, controls)
    ledgers = [ledger_of(fragments, runtime.tokenizer(slug)) for fragments in (before, after)]
    texts = {"Before": joined(before), "After": joined(after)}
    strips = [strip_of(runtime, [slug], text[:STRIP], label=label) for label, text in texts.items()]
    return Shown(
        records=len(rows),
        bill=bill_of(rows, controls, runtime),
        vocabulary=vocabulary_of(runtime, slug),
        ledger=[
            Entry(part=part, before=ledgers[0][part], after=ledgers[1][part]) for part in PARTS
        ],
        before=strips[0],
        after=strips[1],
        sample=texts["After"][:SAMPLE],
    )


def cost(name: str, runtime: Runtime) -> int:
    """`tekken` tokens of the shown payload, which a prediction is compared with."""
    controls = Controls.model_validate({"format": name})
    return len(runtime.tokenizer("tekken").encode(joined(written(shown_payload(), controls))))


exercise = Exercise(
    title="Bill shock",
    kind="configure",
    params=BillParams,
    result=BillResult,
    instance=instance,
    asks=asks,
    run=run,
    grade=grade,
    grade_transfer=grade_transfer,
    reference=reference,
    mutants=mutants,
    template="labs/results/_bill_ledger.html",
    vocabularies=("tekken", "spm32k"),
    cpu_seconds=0.5,
)
