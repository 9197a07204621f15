"""Words planted in every key; everything a person can reach is read, and none may turn up."""

import re
from collections import deque
from io import BytesIO
from typing import Any
from uuid import uuid4
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client

from accounts.models import User
from labs.models import LabRun, RunOutput
from labs.services import open_lab_attempt, predict, submit_run
from roadmap.append_only import drop_trigger
from roadmap.models import Activity, LabVersion, LessonVersion, QuestionVersion
from roadmap.models.keys import AnswerKey, LabKey
from roadmap.services import open_attempt
from tests.labs.answers import exploring, prediction_for

pytestmark = pytest.mark.django_db

WORD = "zqxcanaryqxz"
NUMBER = 7_351_924_680_113
LINK = re.compile(r'(?:href|hx-get|src)="(/[^"#]*)"')
NOT_PAGES = ("/static/", "/accounts/logout/", "/admin/")


def planted(value: Any, count: list[int]) -> Any:
    """The same shape with the word in every text."""
    if isinstance(value, dict):
        return {key: planted(inner, count) for key, inner in value.items()}
    if isinstance(value, list):
        return [planted(inner, count) for inner in value]
    if isinstance(value, str):
        count[0] += 1
        return f"{value} {WORD}{count[0]}"
    return value


@pytest.fixture
def canaries(published: None) -> int:
    """Plant a word in every explanation and a number in a lab's key. Returns how many words."""
    count = [0]
    with connection.cursor() as cursor:
        for model in (AnswerKey, LabKey):
            for statement in drop_trigger(connection.vendor, model._meta.db_table):
                cursor.execute(statement)
    for key in AnswerKey.objects.all():
        explanations = planted(key.explanations, count)
        AnswerKey.objects.filter(pk=key.pk).update(explanations=explanations)
    lab_keys = LabKey.objects.filter(version__exercise="bill-shock")
    assert lab_keys.update(hidden={"seed": NUMBER}) == 1
    return count[0]


@pytest.fixture
def in_the_middle(canaries: int, ada: User) -> User:
    """Ada with an open attempt and a queued run, nothing graded."""
    attempt = open_lab_attempt(user=ada, activity=Activity.objects.get(key="bill-shock"))
    predict(attempt=attempt, prediction=prediction_for(attempt))
    submit_run(attempt=attempt, purpose="explore", idem_key=uuid4(), **exploring(attempt))
    open_lab_attempt(user=ada, activity=Activity.objects.get(key="token-surgeon"))
    open_attempt(user=ada, activity=Activity.objects.live().get(kind="quiz"))
    return ada


def crawl(client: Client, extra: list[str]) -> dict[str, str]:
    """Every page that can be reached by links from the front page, and those given."""
    waiting, seen = deque(["/", "/trail/", "/progress/", "/settings/", *extra]), {}
    while waiting:
        path = waiting.popleft()
        if path in seen or path.startswith(NOT_PAGES):
            continue
        response = client.get(path)
        assert response.status_code < 500, path
        seen[path] = "" if response.streaming else response.content.decode(errors="replace")
        waiting.extend(LINK.findall(seen[path].replace("&amp;", "&")))
        if location := response.get("Location", ""):
            waiting.append(location.removeprefix("http://testserver"))
    return seen


def own_pages(user: User) -> list[str]:
    attempt = user.attempts.get()
    runs = LabRun.objects.filter(user=user)
    return [
        *[item.get_absolute_url() for item in attempt.items.all()],
        attempt.get_absolute_url(),
        *[f"/runs/{run.pk}/{part}" for run in runs for part in ("", "status/", "data.json")],
    ]


def test_no_key_reaches_a_page_before_the_grade(in_the_middle: User, canaries: int) -> None:
    client = Client()
    client.force_login(in_the_middle)

    pages = crawl(client, own_pages(in_the_middle))

    assert canaries >= 100
    assert len(pages) >= 40
    assert [path for path, text in pages.items() if WORD in text or str(NUMBER) in text] == []


def test_an_export_in_the_middle_of_an_attempt_tells_no_key(in_the_middle: User) -> None:
    client = Client()
    client.force_login(in_the_middle)
    attempt = in_the_middle.attempts.get()
    seeds = [attempt.seed, *in_the_middle.lab_attempts.values_list("seed", flat=True)]
    tokens = [token for item in attempt.items.all() for token in item.option_tokens]

    with ZipFile(BytesIO(client.post("/settings/export/").content)) as archive:
        text = "".join(archive.read(name).decode() for name in archive.namelist())

    assert in_the_middle.email in text
    assert tokens
    assert not [one for one in (WORD, NUMBER, *seeds, *tokens) if str(one) in text]


@pytest.mark.parametrize("role", ["anonymous", "staff", "authors", "instructors"])
def test_no_role_reads_a_key_on_the_learners_side(in_the_middle: User, role: str) -> None:
    client = Client()
    if role != "anonymous":
        person = User.objects.create_user("p@example.org", is_staff=role == "staff")
        person.groups.add(Group.objects.get_or_create(name=role)[0])
        client.force_login(person)

    pages = crawl(client, own_pages(in_the_middle))

    assert [path for path, text in pages.items() if WORD in text] == []


def test_an_empty_or_wrong_submission_shows_no_key(in_the_middle: User) -> None:
    client = Client()
    client.force_login(in_the_middle)

    for item in in_the_middle.attempts.get().items.all():
        path = f"{item.get_absolute_url()}responses/"
        for posted in ({}, {"choice": "nonsense", "value": "x", "text": ""}):
            response = client.post(path, posted)
            assert response.status_code in {303, 422}
            assert WORD not in response.content.decode()


def test_digests_stay_on_the_server(in_the_middle: User) -> None:
    client = Client()
    client.force_login(in_the_middle)
    digests = {
        digest
        for model in (QuestionVersion, LessonVersion, LabVersion)
        for digest in model.objects.values_list("digest", flat=True)
    }

    pages = crawl(client, own_pages(in_the_middle))

    assert digests
    assert not any(digest in text for text in pages.values() for digest in digests)


def test_the_hidden_part_of_a_result_stays_on_the_server(in_the_middle: User) -> None:
    run = LabRun.objects.get(user=in_the_middle)
    result = {"shown": {}, "hidden": {"word": WORD}}
    LabRun.objects.filter(pk=run.pk).update(state="done")
    RunOutput.objects.create(run=run, result=result, receipt={})
    client = Client(raise_request_exception=False)
    client.force_login(in_the_middle)

    for part in ("", "status/", "data.json", "data.csv"):
        assert WORD not in client.get(f"/runs/{run.pk}/{part}").content.decode()


def test_the_seeds_of_an_instance_stay_on_the_server(in_the_middle: User) -> None:
    """The code is public: whoever knows a seed can draw the hidden part at home."""
    client = Client()
    client.force_login(in_the_middle)
    pages = crawl(client, own_pages(in_the_middle))
    tries = list(in_the_middle.lab_attempts.all())
    seeds = {str(attempt.seed) for attempt in tries}
    seeds |= {str(seed) for attempt in tries if (seed := getattr(attempt.instance()[1], "seed", 0))}

    assert len(seeds) >= 3
    assert [path for path, text in pages.items() if any(seed in text for seed in seeds)] == []
