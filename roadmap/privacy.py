"""What the trail knows of a person: what an export holds, what erasing removes."""

from typing import Any

from accounts.models import User
from roadmap.models import ActivityProgress, Attempt, AttemptItem, CheckAnswer, Response


def export(user: User) -> dict[str, list[dict[str, Any]]]:
    """Everything of a person, JSON-ready. Answers that are not given yet are not in it."""
    attempts = Attempt.objects.filter(user=user).order_by("pk")
    items = AttemptItem.objects.filter(attempt__user=user).order_by("pk")
    responses = Response.objects.filter(item__attempt__user=user).order_by("pk")
    checks = CheckAnswer.objects.filter(user=user).order_by("pk")
    progress = ActivityProgress.objects.filter(user=user).order_by("pk")
    return {
        "roadmap_attempt": [
            {
                "id": one.pk,
                "activity": one.activity.key,
                "number": one.number,
                "policy": one.policy,
                "opened_at": one.opened_at.isoformat(),
                "finished_at": one.finished_at and one.finished_at.isoformat(),
                "score": one.score,
            }
            for one in attempts.select_related("activity")
        ],
        "roadmap_attemptitem": [
            {
                "id": one.pk,
                "attempt": one.attempt_id,
                "position": one.position,
                "question": one.version.question.key,
                "values": one.variant.get("values", {}),
                "points": one.points,
            }
            for one in items.select_related("version__question")
        ],
        "roadmap_response": [
            {
                "item": one.item_id,
                "number": one.number,
                "payload": one.payload,
                "confidence": one.confidence,
                "credit": one.credit,
                "final": one.final,
                "answered_at": one.answered_at.isoformat(),
            }
            for one in responses
        ],
        "roadmap_checkanswer": [
            {
                "question": one.version.question.key,
                "payload": one.payload,
                "credit": one.credit,
                "answered_at": one.answered_at.isoformat(),
            }
            for one in checks.select_related("version__question")
        ],
        "roadmap_activityprogress": [
            {
                "activity": one.activity.key,
                "score": one.score,
                "passed_at": one.passed_at and one.passed_at.isoformat(),
                "place": one.place,
                "updated_at": one.updated_at.isoformat(),
            }
            for one in progress.select_related("activity")
        ],
    }


def erase(user: User) -> None:
    """Remove all of it. Items and answers go with their attempt."""
    Attempt.objects.filter(user=user).delete()
    CheckAnswer.objects.filter(user=user).delete()
    ActivityProgress.objects.filter(user=user).delete()
