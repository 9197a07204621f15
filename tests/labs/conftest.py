"""A small lab, a try at it and a way to queue runs: what the tests of the queue need."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import pytest
from django.db import connection
from django.utils.timezone import now
from pytest_django import Settings

from accounts.models import User
from labs import registry
from labs.models import LabAttempt, LabRun, Worker
from labs.services import open_lab_attempt, predict, show_final, submit_run
from labs.worker.execution import compute, write
from labs.worker.runtime_view import RuntimeView
from roadmap.models import Activity, LabVersion, Step
from tests.labs import rehearsal

Try = Callable[[User], LabAttempt]


class Queue(Protocol):
    def __call__(
        self, attempt: LabAttempt, *, purpose: str = ..., text: str = ..., steps: int = ...
    ) -> LabRun: ...


@pytest.fixture
def rehearsal_lab(db: None, monkeypatch: pytest.MonkeyPatch) -> Activity:
    """A published lab whose exercise counts bytes."""
    monkeypatch.setattr(registry, "all_exercises", lambda: {rehearsal.SLUG: rehearsal.exercise})
    return make_lab()


@pytest.fixture
def rehearsal_pages(settings: Settings) -> None:
    """Pages find the picture of the rehearsal's result."""
    [engine] = settings.TEMPLATES
    settings.TEMPLATES = [
        {**engine, "DIRS": [*engine["DIRS"], Path(__file__).parent / "templates"]}
    ]


def make_lab() -> Activity:
    step = Step.objects.create(key="rehearsals", pack="tests", title="Rehearsals", position=1)
    lab = Activity.objects.create(
        key=rehearsal.SLUG, step=step, kind="lab", title="Rehearsal", position=1
    )
    lab.live_lab = LabVersion.objects.create(
        activity=lab, digest="0" * 64, content={}, exercise=rehearsal.SLUG, html={}
    )
    lab.save(update_fields=["live_lab"])
    return lab


@pytest.fixture
def open_try(rehearsal_lab: Activity) -> Try:
    """Opens a try and locks a prediction."""

    def opened(user: User) -> LabAttempt:
        attempt = open_lab_attempt(user=user, activity=rehearsal_lab)
        return predict(attempt=attempt, prediction={"count": 3})

    return opened


@pytest.fixture
def ada_try(ada: User, open_try: Try) -> LabAttempt:
    return open_try(ada)


@pytest.fixture
def queue_run() -> Queue:
    def queued(
        attempt: LabAttempt, *, purpose: str = "explore", text: str = "abc", steps: int = 1
    ) -> LabRun:
        answers: dict[str, Any] = {}
        if purpose == "submit":
            show_final(attempt=attempt)
            answers = {"number": attempt.given["start"] + 1}
        return submit_run(
            attempt=attempt,
            purpose=purpose,
            controls={"text": text, "steps": steps},
            answers=answers,
            idem_key=uuid4(),
        )

    return queued


@pytest.fixture
def queued_run(ada_try: LabAttempt, queue_run: Queue) -> LabRun:
    """Ada's graded run, waiting; its answer is right."""
    return queue_run(ada_try, purpose="submit")


@pytest.fixture
def people(db: None) -> Callable[[int], list[User]]:
    def made(number: int) -> list[User]:
        return [User.objects.create_user(f"learner{n}@example.org") for n in range(number)]

    return made


@pytest.fixture
def real_database(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """A database that several threads may use. SQLite's usual one for tests lives in memory.

    Ask for it first: what was made before is not in it.
    """
    if connection.vendor != "sqlite":
        yield
        return
    path = tmp_path / "threads.sqlite3"
    with connection.cursor() as cursor:
        cursor.execute("VACUUM INTO %s", [str(path)])
    # Threads open connections by these settings, so they find the file; ours is put aside.
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = in_memory, name


def graded(run: LabRun) -> LabRun:
    """Ends a run the way its worker would, without the threads."""
    [claimed] = LabRun.objects.filter(pk=run.pk).claim("test", at_most=1)
    view = RuntimeView(claimed.limit_s)
    assert write(claimed, view, compute(claimed, view)) == "done"
    claimed.refresh_from_db()
    return claimed


@pytest.fixture
def graded_run(queued_run: LabRun) -> LabRun:
    """Ada's graded run; its answer is right."""
    return graded(queued_run)


@pytest.fixture
def worker(db: None) -> Worker:
    return Worker.objects.create(name="here:1", last_seen=now())
