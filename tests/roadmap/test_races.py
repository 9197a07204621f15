"""Eight clicks at once, each on a connection of its own."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import pytest
from django.core.management import call_command
from django.db import connection, connections

from accounts.models import User
from roadmap.models import Activity, ActivityProgress, Attempt, Response, Step
from roadmap.services import answer_item, finish_attempt, open_attempt
from tests.roadmap.conftest import POLICY, publish_question, right_answer

CLICKS = 8
T = TypeVar("T")


def apart(work: Callable[[], T]) -> T:
    """Run in a thread, so on a new connection, and close it."""
    try:
        return work()
    finally:
        connection.close()


def together(work: Callable[[], T]) -> list[T]:
    """The same call from all threads at the same moment."""
    start = Barrier(CLICKS)

    def one() -> T:
        start.wait()
        return work()

    with ThreadPoolExecutor(CLICKS) as pool:
        return [click.result() for click in [pool.submit(apart, one) for _ in range(CLICKS)]]


def alone(work: Callable[[], T]) -> T:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(apart, work).result()


@pytest.fixture
def shared_database(tmp_path: Path, transactional_db: None) -> Iterator[None]:
    """A database that all threads see. SQLite's test database is in memory; it gets a file."""
    if connection.vendor != "sqlite":
        yield
        return
    settings = connections.settings["default"]
    name = settings["NAME"]
    settings["NAME"] = str(tmp_path / "race.sqlite3")
    try:
        alone(lambda: call_command("migrate", verbosity=0))
        yield
    finally:
        settings["NAME"] = name


def make_quiz() -> tuple[User, Activity]:
    step = Step.objects.create(key="s", pack="p", title="S", promise="You can.", position=1)
    quiz = Activity.objects.create(
        key="exam", step=step, kind="quiz", title="Quiz", position=1, policy=POLICY
    )
    for kind in ("single", "predict"):
        publish_question(quiz, kind, kind)
    return User.objects.create_user("ada@example.org"), quiz


def test_eight_clicks_open_one_attempt_add_one_answer_and_finish_once(
    shared_database: None,
) -> None:
    ada, quiz = alone(make_quiz)

    opened = together(lambda: open_attempt(user=ada, activity=quiz))
    item = alone(lambda: opened[0].items.select_related("version").earliest("position"))
    kind = item.version.content["type"]
    answers = together(lambda: answer_item(item=item, payload=right_answer(kind)))
    finished = together(lambda: finish_attempt(attempt=opened[0]))

    assert len({attempt.pk for attempt in opened}) == 1
    assert len({answer.pk for answer in answers}) == 1
    assert {attempt.score for attempt in finished} == {0.5}
    assert len({attempt.finished_at for attempt in finished}) == 1
    assert alone(
        lambda: [model.objects.count() for model in (Attempt, Response, ActivityProgress)]
    ) == [1, 1, 1]
