"""The learner's side of a lab: everything a page may change."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import now
from pydantic import ValidationError

from accounts.models import User
from labs import bell
from labs.contract import Ask
from labs.models import Calibration, LabAttempt, LabRun, Quota, Reconciliation, RunEvent
from labs.models.attempts import part_of, sentence
from labs.scoring import check_share, score_with_transfer
from labs.seeds import draw_seed
from roadmap.models import Activity
from roadmap.services import record_score

OWN_WAIT_S, HOUSE_WAIT_S = 10, 60  # when to come back: a run or two later; a queue later


class Refused(Exception):
    """Something a learner may not do now. Its text is a sentence for them."""

    sentence = ""

    def __init__(self, sentence: str = "") -> None:
        super().__init__(sentence or self.sentence)


class TryClosed(Refused):
    sentence = "This try is closed. Open the lab again to start a new one."


class AlreadyPredicted(Refused):
    sentence = "This prediction is locked. A new try lets you predict again."


class NotPredicted(Refused):
    sentence = "Predict first. Your prediction is locked before the first run."


class AlreadySubmitted(Refused):
    sentence = "This try has its one graded run. Start a new try for another."


class NoExploreLeft(Refused):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"All {limit} explore runs of this try are used. Submit, or start a new try."
        )


class FinalShown(Refused):
    sentence = "The graded set is on the page, so exploring is over for this try."


class FinalNotShown(Refused):
    sentence = "Open the graded set first, then answer it and submit."


class RunNotOver(Refused):
    sentence = "A run of this try has not ended. Wait for it or cancel it first."


class NotGraded(Refused):
    sentence = "This question comes after a graded run. Submit a run first."


class AlreadyReconciled(Refused):
    sentence = "This question was answered. There is one answer per try."


class NoTransfer(Refused):
    sentence = "This lab has no question after the run."


class QueueFull(Refused):
    """Too much is waiting. A page answers 429 with `retry_after_s` in Retry-After."""

    def __init__(self, reason: str, *, retry_after_s: int) -> None:
        super().__init__(f"{reason} Try again in {retry_after_s} s; nothing was lost.")
        self.retry_after_s = retry_after_s


class InvalidParams(Refused):
    """Input that does not fit.

    Attributes:
        errors: "stage.field name" → sentences, such as "controls.temperature"; "" is the whole.
    """

    def __init__(self, errors: dict[str, list[str]]) -> None:
        super().__init__("Some answers do not fit. Each one says what is wanted.")
        self.errors = errors


class Request(TypedDict):
    """What the learner asks a run to do."""

    controls: dict[str, Any]
    answers: dict[str, Any]


@transaction.atomic
def open_lab_attempt(*, user: User, activity: Activity) -> LabAttempt:
    """The learner's open try at a lab, or a new one with an instance of its own."""
    lock_quota(user.pk)
    tries = LabAttempt.objects.filter(user=user, activity=activity)
    opened = tries.select_related("version", "calibration", "activity").filter(closed_at=None)
    return opened.first() or draw_attempt(user, activity, number=tries.count() + 1)


def draw_attempt(user: User, activity: Activity, *, number: int) -> LabAttempt:
    version = activity.live_lab
    if version is None:
        raise LookupError(f"The lab {activity.key!r} has no published version.")
    seed = draw_seed(
        settings.LAB_SEED_SECRET,
        user=user.pk,
        version=version.pk,
        number=number,
        stream="instance",
    )
    attempt = LabAttempt(
        user=user,
        activity=activity,
        version=version,
        number=number,
        seed=seed,
        calibration=Calibration.objects.filter(exercise=version.exercise).first(),
    )
    given, _ = attempt.instance()
    attempt.given = given.model_dump(mode="json")
    attempt.save(force_insert=True)
    return attempt


@transaction.atomic
def predict(*, attempt: LabAttempt, prediction: dict[str, Any]) -> LabAttempt:
    """Lock a prediction. The same form posted twice is the same prediction.

    Raises:
        InvalidParams: the prediction does not fit the exercise.
        AlreadyPredicted: the try has another prediction.
        TryClosed: the try is over.
    """
    lock_attempt(attempt)
    if attempt.predicted_at is not None:
        if attempt.prediction != prediction:
            raise AlreadyPredicted
        return attempt
    check_prediction(attempt, prediction)
    attempt.prediction = prediction
    attempt.predicted_at = now()
    attempt.save(update_fields=["prediction", "predicted_at"])
    return attempt


@transaction.atomic
def show_final(*, attempt: LabAttempt) -> LabAttempt:
    """Show the graded set. From here on exploring is over."""
    lock_attempt(attempt)
    require_prediction(attempt)
    if attempt.final_seen_at is None:
        attempt.final_seen_at = now()
        attempt.save(update_fields=["final_seen_at"])
    return attempt


def submit_run(
    *,
    attempt: LabAttempt,
    purpose: str,
    idem_key: UUID,
    request_id: str = "",
    **asked: Unpack[Request],
) -> LabRun:
    """Queue a run. When this returns, the run is on disk and will end; the bell is a courtesy.

    Posting the same form twice gives the same run.

    Raises:
        InvalidParams: controls or answers do not fit the exercise.
        NotPredicted, FinalNotShown, FinalShown: the stages come in order.
        AlreadySubmitted, NoExploreLeft, TryClosed: the try has no run left of this kind.
        QueueFull: the learner or the whole house has too much waiting.
    """
    with transaction.atomic():
        lock_quota(attempt.user_id)
        twins = LabRun.objects.filter(user=attempt.user_id, activity=attempt.activity_id)
        twin = twins.filter(idem_key=idem_key).first()
        if twin is not None:
            return twin
        refresh(attempt)
        check_stages(attempt, purpose)
        check_runs_left(attempt, purpose)
        check_params(attempt, purpose, asked)
        check_queue(attempt.user_id)
        run = LabRun.objects.create(
            user_id=attempt.user_id,
            activity_id=attempt.activity_id,
            attempt=attempt,
            purpose=purpose,
            idem_key=idem_key,
            request_id=request_id[:64],
            batch_key=batch_key(attempt),
            limit_s=min(attempt.exercise.limit_s, settings.LAB_TIME_LIMIT),
            **asked,
        )
        RunEvent.objects.create(run=run, kind="queued")
        transaction.on_commit(bell.ring, robust=True)
    return LabRun.objects.select_related("attempt__version", "activity").get(pk=run.pk)


@transaction.atomic
def cancel_run(*, run: LabRun) -> bool:
    """Cancel a run. False if it had ended already: then its result stands.

    A queued run is cancelled here. A running one is asked to stop; its worker writes the end,
    and the database refuses a grade from now on.
    """
    row = LabRun.objects.select_for_update().get(pk=run.pk)
    if row.is_finished:
        return False
    if row.cancel_requested_at is None:
        row.cancel_requested_at = now()
        row.save(update_fields=["cancel_requested_at"])
        RunEvent.objects.create(run=row, kind="cancel-asked", claim=row.claims)
    if row.state == LabRun.State.QUEUED:
        row.state = LabRun.State.CANCELLED
        row.finished_at = now()
        row.save(update_fields=["state", "finished_at"])
        RunEvent.objects.create(run=row, kind="cancelled", claim=row.claims)
    return True


@transaction.atomic
def reconcile(*, attempt: LabAttempt, answer: dict[str, Any], note: str = "") -> Reconciliation:
    """Grade the one answer to a try's transfer question. The run's grade stays as it is.

    Raises:
        NotGraded: the try has no graded run yet.
        NoTransfer: the exercise asks nothing after the run.
        AlreadyReconciled: the question was answered.
        InvalidParams: an answer is missing.
    """
    lock_attempt(attempt)
    run = attempt.runs.filter(purpose="submit", state="done").first()
    grade = run.grades.first() if run else None
    grade_transfer = attempt.exercise.grade_transfer
    if grade_transfer is None:
        raise NoTransfer
    if grade is None:
        raise NotGraded
    if Reconciliation.objects.filter(attempt=attempt).exists():
        raise AlreadyReconciled
    check_answered(attempt.exercise.asks("transfer", attempt.given), answer)
    _, key = attempt.instance()
    checks = grade_transfer(answer, attempt.given, key.model_dump(mode="json"))
    share = check_share(checks)
    record_score(
        user=attempt.user,
        activity=attempt.activity,
        score=score_with_transfer(grade.score, share),
        passed=grade.passed,
    )
    return Reconciliation.objects.create(
        attempt=attempt,
        answer=answer,
        checks=[asdict(check) for check in checks],
        score=share,
        note=note,
    )


@transaction.atomic
def start_new_try(*, attempt: LabAttempt) -> LabAttempt:
    """Close a try and open the next, with another instance. The same click twice is one try."""
    lock_quota(attempt.user_id)
    refresh(attempt)
    if attempt.runs.filter(state__in=["queued", "running"]).exists():
        raise RunNotOver
    if attempt.closed_at is None:
        attempt.closed_at = now()
        attempt.save(update_fields=["closed_at"])
    return open_lab_attempt(user=attempt.user, activity=attempt.activity)


def lock_quota(user: int) -> None:
    """Let one change at a time through for each learner, so that limits and caps are exact."""
    Quota.objects.select_for_update().get_or_create(user_id=user)


def lock_attempt(attempt: LabAttempt) -> None:
    lock_quota(attempt.user_id)
    refresh(attempt)
    if attempt.closed_at is not None:
        raise TryClosed


def refresh(attempt: LabAttempt) -> None:
    """Read again, under the lock, what another tab may have changed."""
    attempt.refresh_from_db(fields=["prediction", "predicted_at", "final_seen_at", "closed_at"])


def batch_key(attempt: LabAttempt) -> str:
    """Runs that need the same models and have the same limit may share a claim."""
    exercise = attempt.exercise
    return f"{'+'.join(exercise.roles) or 'no-model'}/{exercise.limit_s}"[:100]


def check_stages(attempt: LabAttempt, purpose: str) -> None:
    if attempt.closed_at is not None:
        raise TryClosed
    require_prediction(attempt)
    if not attempt.exercise.asks("answers", attempt.given):
        return
    if purpose == LabRun.Purpose.EXPLORE and attempt.final_seen_at is not None:
        raise FinalShown
    if purpose == LabRun.Purpose.SUBMIT and attempt.final_seen_at is None:
        raise FinalNotShown


def require_prediction(attempt: LabAttempt) -> None:
    if attempt.predicted_at is None and attempt.exercise.asks("prediction", attempt.given):
        raise NotPredicted


def check_runs_left(attempt: LabAttempt, purpose: str) -> None:
    """A run that failed, was cancelled or was set aside has used nothing."""
    counted = attempt.runs.filter(purpose=purpose, state__in=["queued", "running", "done"]).count()
    if purpose == LabRun.Purpose.SUBMIT and counted:
        raise AlreadySubmitted
    limit = attempt.exercise.explore_limit
    if purpose == LabRun.Purpose.EXPLORE and counted >= limit:
        raise NoExploreLeft(limit)


def check_queue(user: int) -> None:
    queued = LabRun.objects.filter(state="queued")
    own = settings.LAB_QUEUED_PER_USER
    if queued.filter(user=user).count() >= own:
        raise QueueFull(
            f"You have {own} runs waiting, the most one person may have.", retry_after_s=OWN_WAIT_S
        )
    if queued.count() >= settings.LAB_QUEUED_IN_ALL:
        raise QueueFull("The labs are full at the moment.", retry_after_s=HOUSE_WAIT_S)


def check_params(attempt: LabAttempt, purpose: str, asked: Request) -> None:
    """Ask of the input what the worker will ask again."""
    asks = attempt.exercise.asks("answers", attempt.given)
    if purpose == LabRun.Purpose.SUBMIT and asks and not asked["answers"]:
        raise InvalidParams({"answers": ["Answer the graded set before you submit."]})
    try:
        attempt.params(asked["controls"], asked["answers"])
    except ValidationError as error:
        raise InvalidParams(by_name(error)) from None


def check_prediction(attempt: LabAttempt, prediction: dict[str, Any]) -> None:
    try:
        part_of(attempt.exercise.params, "prediction", prediction)
    except ValidationError as error:
        raise InvalidParams(by_name(error)) from None


def check_answered(asks: Sequence[Ask], answer: dict[str, Any]) -> None:
    missing = [ask.name for ask in asks if ask.required and found(answer, ask.name) is None]
    if missing:
        raise InvalidParams({f"transfer.{name}": ["An answer is needed here."] for name in missing})


def found(answer: Any, name: str) -> Any:
    """The value under a dotted name, or None."""
    for word in name.split("."):
        answer = answer.get(word) if isinstance(answer, dict) else None
    return answer


def by_name(error: ValidationError) -> dict[str, list[str]]:
    """Sentences by "stage.field name"."""
    errors: dict[str, list[str]] = {}
    for line in error.errors():
        name = ".".join(str(word) for word in line["loc"])
        text = line["msg"] if line["type"] == "part" else sentence(line)
        errors.setdefault(name, []).append(text)
    return errors
