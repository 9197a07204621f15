"""What the trail knows of a person: what an export holds, what erasing removes."""

from datetime import datetime
from typing import Any

from accounts.models import User
from roadmap.models import ActivityProgress, Attempt, AttemptItem, CheckAnswer, Response

Rows = list[dict[str, Any]]


def export(user: User) -> dict[str, Rows]:
    """Everything of a person, JSON-ready. What they have not answered yet is not told here."""
    return {
        "roadmap_attempt": attempts(user),
        "roadmap_attemptitem": items(user),
        "roadmap_response": responses(user),
        "roadmap_checkanswer": check_answers(user),
        "roadmap_activityprogress": progress(user),
    }


def erase(user: User) -> None:
    """Remove all of it. Items and answers go with their attempt."""
    Attempt.objects.filter(user=user).delete()
    CheckAnswer.objects.filter(user=user).delete()
    ActivityProgress.objects.filter(user=user).delete()


def when(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def attempts(user: User) -> Rows:
    rows = Attempt.objects.filter(user=user).select_related("activity").order_by("pk")
    return [
        {
            "id": row.pk,
            "activity": row.activity.key,
            "number": row.number,
            "policy": row.policy,
            "opened_at": when(row.opened_at),
            "finished_at": when(row.finished_at),
            "score": row.score,
        }
        for row in rows
    ]


def items(user: User) -> Rows:
    """Of a variant only what was shown: the rest is the key."""
    rows = AttemptItem.objects.filter(attempt__user=user).select_related("version__question")
    return [
        {
            "id": row.pk,
            "attempt": row.attempt_id,
            "position": row.position,
            "question": row.version.question.key,
            "values": row.variant.get("values", {}),
            "points": row.points,
        }
        for row in rows.order_by("pk")
    ]


def responses(user: User) -> Rows:
    rows = Response.objects.filter(item__attempt__user=user).order_by("pk")
    return [
        {
            "item": row.item_id,
            "number": row.number,
            "payload": row.payload,
            "confidence": row.confidence,
            "credit": row.credit,
            "final": row.final,
            "answered_at": when(row.answered_at),
        }
        for row in rows
    ]


def check_answers(user: User) -> Rows:
    rows = CheckAnswer.objects.filter(user=user).select_related("version__question")
    return [
        {
            "question": row.version.question.key,
            "payload": row.payload,
            "credit": row.credit,
            "answered_at": when(row.answered_at),
        }
        for row in rows.order_by("pk")
    ]


def progress(user: User) -> Rows:
    rows = ActivityProgress.objects.filter(user=user).select_related("activity").order_by("pk")
    return [
        {
            "activity": row.activity.key,
            "score": row.score,
            "passed_at": when(row.passed_at),
            "place": row.place,
            "updated_at": when(row.updated_at),
        }
        for row in rows
    ]
