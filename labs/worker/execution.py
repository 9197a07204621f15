"""One run, from claimed to written down."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from pydantic import ValidationError

from labs.contract import LabError, Params, Verdict
from labs.models import Grade, LabRun, RunOutput
from labs.runtime import ContextTooLong, NoRoom, Stopped
from labs.runtime.loading import get_runtime
from labs.scoring import run_score
from labs.worker.leases import Fenced, finish, hand_back, put_back
from labs.worker.receipt import make_receipt
from labs.worker.runtime_view import RuntimeView
from roadmap.models.keys import LabKey
from roadmap.services import record_score

LARGEST_RESULT = 256_000  # bytes of JSON


class ResultTooLargeError(Exception):
    """An exercise returned more than a page can show. A bug of the exercise, not of the learner."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A run that came to its end, not yet written down."""

    result: dict[str, Any]
    verdict: Verdict | None = None  # of a submit run
    vocabularies: Mapping[str, str] = field(default_factory=dict)  # slug → sha256


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A run that the learner can mend. The sentence says how."""

    error: str


@dataclass(frozen=True, kw_only=True)
class Halt:
    """A run that had to stop before its end."""


@dataclass(frozen=True, kw_only=True)
class Crash:
    """A failure of ours."""

    why: str
    note: str = ""


Outcome = Finding | Failure | Halt | Crash


def compute(run: LabRun, view: RuntimeView) -> Outcome:
    """Run and grade. Writes nothing but the time of the start.

    Whatever is not the learner's to mend and no order to stop is left to the caller's edge.
    """
    LabRun.objects.held(run.lease_token).filter(pk=run.pk).update(started_at=Now())
    try:
        return find(run, view)
    except (LabError, ContextTooLong, NoRoom) as error:
        return Failure(error=str(error))
    except Stopped:
        return Halt()


def find(run: LabRun, view: RuntimeView) -> Finding:
    exercise = run.exercise
    params = parameters(run)
    result = exercise.run(params, view)
    if len(result.model_dump_json()) > LARGEST_RESULT:
        raise ResultTooLargeError(run.attempt.version.exercise)
    return Finding(
        result=result.model_dump(mode="json"),
        verdict=exercise.grade(params, result) if run.purpose == LabRun.Purpose.SUBMIT else None,
        vocabularies={slug: get_runtime().tokenizer(slug).sha256 for slug in exercise.vocabularies},
    )


def parameters(run: LabRun) -> Params:
    """The learner's parts joined with the parts only the server knows.

    Raises:
        LabError: the exercise has changed since the try was opened.
    """
    key = LabKey.objects.filter(version=run.attempt.version).first()
    try:
        params = run.attempt.params(run.controls, run.answers, key.hidden if key else None)
    except ValidationError as error:
        raise changed() from error
    if params.model_dump(mode="json", include={"given"})["given"] != run.attempt.given:
        raise changed()
    return params


def changed() -> LabError:
    return LabError(
        "This lab was renewed after you opened this try, so the run cannot be graded fairly. "
        "Start a new try. This one was not used up."
    )


def write(run: LabRun, view: RuntimeView, outcome: Outcome) -> str:
    """Write down how a run ended, under its token. Returns one word for the log.

    Raises:
        Fenced: somebody else holds the run, or the learner has cancelled it.
    """
    match outcome:
        case Finding():
            return record_result(run, outcome)
        case Failure():
            return "failed" if finish(run, state="failed", error=outcome.error) else "echo"
        case Halt():
            return write_halt(run, view)
        case Crash():
            put_back(run, why=outcome.why, note=outcome.note)
            return "crashed"


@transaction.atomic
def record_result(run: LabRun, finding: Finding) -> str:
    """Write what a run found and, for a submit run, its grade and the progress: all or nothing."""
    if not finish(run, state="done"):
        return "echo"
    receipt = make_receipt(run, finding.vocabularies)
    RunOutput.objects.create(run=run, result=finding.result, receipt=receipt)
    if finding.verdict is not None:
        record_grade(run, finding.verdict)
    return "done"


def record_grade(run: LabRun, verdict: Verdict) -> None:
    score = run_score(verdict, has_transfer=run.exercise.grade_transfer is not None)
    Grade.objects.create(
        run=run,
        rubric=run.rubric,
        score=score,
        passed=verdict.passed,
        checks=[asdict(check) for check in verdict.checks],
        guesses=[asdict(guess) for guess in verdict.guesses],
    )
    record_score(user=run.user, activity=run.activity, score=score, passed=verdict.passed)


def write_halt(run: LabRun, view: RuntimeView) -> str:
    """Why a run stopped decides where it goes."""
    if view.why == "lost":
        raise Fenced
    if view.why == "cancelled":
        return "cancelled" if finish(run, state="cancelled") else "echo"
    if view.why == "late":
        return write_late(run, view)
    hand_back(run)
    return "handed-back"


def write_late(run: LabRun, view: RuntimeView) -> str:
    """The limit counts for a run that had the machine to itself; else it gets that chance."""
    if view.shares:
        put_back(run, why=f"over {run.limit_s} s beside other runs")
        return "requeued"
    error = (
        f"The run reached its limit of {run.limit_s} s. Ask for less work and run it again. "
        "Your try was not used up."
    )
    return "failed" if finish(run, state="failed", error=error) else "echo"
