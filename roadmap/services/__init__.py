"""Everything that changes a learner's progress, and what may be said once an answer is in."""

from roadmap.services.attempts import (
    AttemptIsFinished,
    NothingToAsk,
    NotNow,
    TooSoon,
    answer_item,
    asked_of_item,
    finish_attempt,
    open_attempt,
    opens_at,
)
from roadmap.services.checks import answer_check, asked_of_check
from roadmap.services.explaining import Line
from roadmap.services.feedback import (
    Feedback,
    Remedy,
    feedback_on_attempt,
    feedback_on_checks,
    feedback_on_item,
)
from roadmap.services.progress import read_lesson, record_score

__all__ = [
    "AttemptIsFinished",
    "Feedback",
    "Line",
    "NotNow",
    "NothingToAsk",
    "Remedy",
    "TooSoon",
    "answer_check",
    "answer_item",
    "asked_of_check",
    "asked_of_item",
    "feedback_on_attempt",
    "feedback_on_checks",
    "feedback_on_item",
    "finish_attempt",
    "open_attempt",
    "opens_at",
    "read_lesson",
    "record_score",
]
