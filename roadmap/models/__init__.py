from roadmap.models import keys  # noqa: F401  registers the tables; nobody imports them from here
from roadmap.models.attempts import Attempt, AttemptItem, CheckAnswer, Response
from roadmap.models.catalogue import Activity, Step
from roadmap.models.progress import ActivityProgress
from roadmap.models.versions import LabVersion, LessonVersion, Question, QuestionVersion

__all__ = [
    "Activity",
    "ActivityProgress",
    "Attempt",
    "AttemptItem",
    "CheckAnswer",
    "LabVersion",
    "LessonVersion",
    "Question",
    "QuestionVersion",
    "Response",
    "Step",
]
