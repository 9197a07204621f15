"""Open, answer and finish an attempt at a quiz."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.timezone import now

from accounts.models import User
from roadmap.drawing import Asked, Candidate, asked, draw_items
from roadmap.models import Activity, Attempt, AttemptItem, Question, Response
from roadmap.models.keys import AnswerKey
from roadmap.policy import Policy
from roadmap.registry import draw_variant
from roadmap.scoring import attempt_score, best_of_last, credit, passes
from roadmap.services.progress import keep, lock_progress


class NotNow(Exception):
    """What a learner asked for cannot be done; the text says why and what to do."""


class NothingToAsk(NotNow):
    """The quiz has no live question."""


class TooSoon(NotNow):
    """The free attempts are used, and the last one is too recent."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        super().__init__("The next attempt opens later. Use the time to review what you missed.")


class AttemptIsFinished(NotNow):
    """An answer came after the end."""


def opens_at(policy: Policy, finished: Sequence[datetime]) -> datetime | None:
    """When the next attempt may open, or None if it may now. `finished`: newest first."""
    if len(finished) < policy.free_attempts:
        return None
    until = finished[0] + timedelta(minutes=policy.wait_minutes)
    return until if until > now() else None


def open_attempt(*, user: User, activity: Activity) -> Attempt:
    """Resume the learner's open attempt, or draw a new one.

    The lock on the progress row makes two clicks wait for each other; where a database has no
    row locks, the constraint refuses the second row and its maker gets the first.

    Raises:
        NothingToAsk: no question of this quiz is live.
        TooSoon: the policy asks to wait.
    """
    open_ones = Attempt.objects.filter(user=user, activity=activity, finished_at=None)
    try:
        with transaction.atomic():
            lock_progress(user, activity)
            return open_ones.first() or draw_attempt(user, activity)
    except IntegrityError:
        twin = open_ones.first()
        if twin is None:
            raise
        return twin


def draw_attempt(user: User, activity: Activity) -> Attempt:
    policy = Policy.model_validate(activity.policy)
    earlier = list(Attempt.objects.filter(user=user, activity=activity).order_by("-number"))
    until = opens_at(policy, [one.finished_at for one in earlier if one.finished_at])
    if until:
        raise TooSoon(until)
    seed = secrets.randbits(63)
    drawn = draw_items(
        seed=seed, bank=live_bank(activity), count=policy.draw, draw_variant=variant_as_json
    )
    if not drawn:
        raise NothingToAsk("This quiz has no questions yet. Come back when it has been published.")
    attempt = Attempt.objects.create(
        user=user,
        activity=activity,
        number=earlier[0].number + 1 if earlier else 1,
        seed=seed,
        policy=policy.model_dump(),
    )
    AttemptItem.objects.bulk_create(
        AttemptItem(
            attempt=attempt,
            position=position,
            version_id=item.version,
            option_tokens=item.option_tokens,
            variant=item.variant,
        )
        for position, item in enumerate(drawn, start=1)
    )
    return attempt


def live_bank(activity: Activity) -> list[Candidate]:
    questions = Question.objects.filter(
        activity=activity, retired_at=None, live__isnull=False
    ).select_related("live")
    return [
        Candidate(version=question.live.pk, content=question.live.content)
        for question in questions
        if question.live
    ]


def variant_as_json(name: str, args: Mapping[str, Any], seed: int) -> dict[str, Any]:
    return draw_variant(name, args, seed).model_dump(mode="json")


def asked_of_item(item: AttemptItem) -> Asked:
    """What a learner may see of an item before the answer."""
    return asked(item.version.content, item.version.html, item.option_tokens, item.variant)


@transaction.atomic
def answer_item(*, item: AttemptItem, payload: dict[str, Any], confidence: str = "") -> Response:
    """Add an answer. The same post twice is one answer.

    Where the verdict is shown after each item, the first answer is graded at once and stands.
    Where it is shown at the end, answers may follow each other until the attempt is finished.

    Raises:
        AttemptIsFinished: there is no answer yet, and none can be added any more.
    """
    attempt = Attempt.objects.select_for_update().get(pk=item.attempt_id)
    last = item.responses.order_by("-number").first()
    if last and (last.final or (last.payload == payload and last.confidence == confidence)):
        return last
    if attempt.finished_at:
        raise AttemptIsFinished(
            "This attempt is finished, so nothing can be added. Start a new one."
        )
    final = attempt.policy["reveal"] == "each"
    return Response.objects.create(
        item=item,
        number=last.number + 1 if last else 1,
        payload=payload,
        confidence=confidence,
        credit=grade(item, payload, key_of(item)) if final else None,
        final=final,
    )


def key_of(item: AttemptItem) -> dict[str, Any]:
    key: dict[str, Any] = AnswerKey.objects.get(version_id=item.version_id).key
    return key


def grade(item: AttemptItem, payload: dict[str, Any], key: dict[str, Any]) -> float:
    content = item.version.content
    return credit(content["type"], content, key, payload, item.variant)


@transaction.atomic
def finish_attempt(*, attempt: Attempt) -> Attempt:
    """Grade what was answered, write the score once, and keep the best that counts."""
    locked = Attempt.objects.select_for_update(of=("self",)).select_related("activity", "user")
    attempt = locked.get(pk=attempt.pk)
    if attempt.finished_at:
        return attempt
    policy = Policy.model_validate(attempt.policy)
    attempt.score = attempt_score(final_credits(attempt))
    attempt.finished_at = now()
    attempt.save(update_fields=["score", "finished_at"])
    finished = Attempt.objects.filter(user=attempt.user, activity=attempt.activity).exclude(
        finished_at=None
    )
    scores = [score or 0.0 for score in finished.order_by("number").values_list("score", flat=True)]
    keep(
        lock_progress(attempt.user, attempt.activity),
        score=best_of_last(scores, policy.counts_best_of),
        passed=passes(attempt.score, policy.pass_mark),
    )
    return attempt


def final_credits(attempt: Attempt) -> list[tuple[float, float]]:
    """Points and credit of every item; no answer is no credit.

    An answer is never changed, so where grading waited for the end, the last answer of each item
    is written once more: graded, and final.
    """
    items = list(attempt.items.select_related("version").prefetch_related("responses"))
    keys = {
        key.version_id: key.key
        for key in AnswerKey.objects.filter(version__in=[item.version_id for item in items])
    }
    graded = []
    for item in items:
        last = max(item.responses.all(), key=lambda one: one.number, default=None)
        if last and not last.final:
            last = Response.objects.create(
                item=item,
                number=last.number + 1,
                payload=last.payload,
                confidence=last.confidence,
                credit=grade(item, last.payload, keys[item.version_id]),
                final=True,
            )
        graded.append((item.points, last.credit or 0.0 if last else 0.0))
    return graded
