"""How far a learner has come, written down."""

from django.db import transaction
from django.utils.timezone import now

from accounts.models import User
from roadmap.models import Activity, ActivityProgress


def lock_progress(user: User, activity: Activity) -> ActivityProgress:
    """The learner's row on an activity, made if missing, locked until the transaction ends."""
    progress, _ = ActivityProgress.objects.select_for_update().get_or_create(
        user=user, activity=activity
    )
    return progress


@transaction.atomic
def record_score(*, user: User, activity: Activity, score: float, passed: bool) -> ActivityProgress:
    """Keep the learner's best score on an activity, and the first time they passed it."""
    progress = lock_progress(user, activity)
    return keep(progress, score=max(progress.score, score), passed=passed)


def keep(progress: ActivityProgress, *, score: float, passed: bool) -> ActivityProgress:
    """Write the score that counts. A pass is never taken back."""
    progress.score = score
    if passed and progress.passed_at is None:
        progress.passed_at = now()
    progress.save(update_fields=["score", "passed_at", "updated_at"])
    return progress


@transaction.atomic
def read_lesson(
    *, user: User, activity: Activity, place: str = "", done: bool = False
) -> ActivityProgress:
    """Remember the version a learner reads, where they are in it, and that they came to its end."""
    progress = lock_progress(user, activity)
    progress.seen_version = activity.live_lesson
    progress.place = place or progress.place
    if done:
        progress.score = 1.0
        progress.passed_at = progress.passed_at or now()
    progress.save(update_fields=["seen_version", "place", "score", "passed_at", "updated_at"])
    return progress
