"""A process that plays the web's part: one JSON command per line in, one JSON answer out."""

import json
import sys
from time import perf_counter
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import Count, F, FloatField, Func, Max, Min
from django.db.models.functions import Cast

from accounts.models import User
from labs.models import LabRun, RunEvent, Worker
from labs.services import open_lab_attempt, predict, show_final, submit_run
from roadmap.models import Activity
from tests.labs.conftest import make_lab
from tests.labs.rehearsal import SLUG
from tests.system.runtimes import install


def people(number: int) -> int:
    """Learners who have predicted and seen the graded set."""
    lab = make_lab()
    for n in range(number):
        user = User.objects.create_user(f"learner{n}@example.org")
        attempt = open_lab_attempt(user=user, activity=lab)
        predict(attempt=attempt, prediction={"count": 3})
        show_final(attempt=attempt)
    return number


def submit(who: int, text: str = "abc", steps: int = 1) -> dict[str, Any]:
    """A graded run. Its answer is right."""
    user = User.objects.get(email=f"learner{who}@example.org")
    attempt = open_lab_attempt(user=user, activity=Activity.objects.get(key=SLUG))
    start = perf_counter()
    run = submit_run(
        attempt=attempt,
        purpose="submit",
        controls={"text": text, "steps": steps},
        answers={"number": attempt.given["start"] + 1},
        idem_key=uuid4(),
    )
    return {"run": run.pk, "submit_s": perf_counter() - start}


def runs() -> list[dict[str, Any]]:
    """Every run: how it stands, how long it waited by the database's clock, its grades."""
    rows = LabRun.objects.annotate(n=Count("grades"), waited=seconds("created_at", "claimed_at"))
    names = ("pk", "state", "claims", "infra_failures", "worker", "n", "waited", "error")
    return [dict(zip(names, row, strict=True)) for row in rows.order_by("pk").values_list(*names)]


def seconds(start: str, end: str) -> Any:
    if connection.vendor == "postgresql":
        difference = F(end) - F(start)
        return Func(
            difference,
            function="EXTRACT",
            template="EXTRACT(EPOCH FROM %(expressions)s)::float",
            output_field=FloatField(),
        )
    return Cast(
        (
            Func(F(end), function="julianday", output_field=FloatField())
            - Func(F(start), function="julianday", output_field=FloatField())
        )
        * 86400.0,
        FloatField(),
    )


def span() -> float:
    """Seconds from the first claim to the last finish."""
    ends = LabRun.objects.aggregate(first=Min("claimed_at"), last=Max("finished_at"))
    return float((ends["last"] - ends["first"]).total_seconds())


def events(run: int) -> list[str]:
    return list(RunEvent.objects.filter(run=run).values_list("kind", flat=True))


def workers() -> list[str]:
    return list(Worker.objects.values_list("name", flat=True))


COMMANDS = {f.__name__: f for f in (people, submit, runs, span, events, workers)}


def main() -> None:
    install()
    for line in sys.stdin:
        command = json.loads(line)
        answer = COMMANDS[command.pop("do")](**command)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
    connection.close()  # SQLite moves its log into the file
