"""The shape of a content pack: what each file may say, and the whole. Pure."""

from authoring.pack.base import Problem, Source
from authoring.pack.files import Fact, LabFile, LessonHead, PackFile, QuizFile, StepFile
from authoring.pack.questions import Question, misconceptions_of, texts_of
from authoring.pack.whole import Activity, Calibration, Lab, Lesson, Pack, Picture, Quiz, Step

__all__ = [
    "Activity",
    "Calibration",
    "Fact",
    "Lab",
    "LabFile",
    "Lesson",
    "LessonHead",
    "Pack",
    "PackFile",
    "Picture",
    "Problem",
    "Question",
    "Quiz",
    "QuizFile",
    "Source",
    "Step",
    "StepFile",
    "misconceptions_of",
    "texts_of",
]
