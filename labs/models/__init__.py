from labs.models.attempts import LabAttempt, Reconciliation
from labs.models.grades import Calibration, Grade, RunOutput
from labs.models.history import RunClaim, RunEvent
from labs.models.runs import LabRun
from labs.models.workers import Quota, Worker

__all__ = [
    "Calibration",
    "Grade",
    "LabAttempt",
    "LabRun",
    "Quota",
    "Reconciliation",
    "RunClaim",
    "RunEvent",
    "RunOutput",
    "Worker",
]
