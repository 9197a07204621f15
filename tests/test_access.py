"""Every route asked as every kind of person. A route that is not listed here fails."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from accounts.models import User
from labs.services import open_lab_attempt, predict, submit_run
from roadmap.models import Activity
from roadmap.services import open_attempt
from tests.labs.answers import exploring, prediction_for

pytestmark = pytest.mark.django_db

PUBLIC = {
    "roadmap:landing", "roadmap:about-detail", "authoring:asset-detail", "accounts:theme-edit",
    "accounts:invite-detail", "accounts:invite-accept", "health-live", "health-ready",
    "security-txt",
}  # fmt: skip
# A page of the catalogue: anybody who is signed in.
SIGNED_IN = {
    "roadmap:trail", "roadmap:progress", "roadmap:step-detail", "roadmap:lesson-detail",
    "roadmap:lesson-read", "roadmap:check-answer", "roadmap:quiz-detail", "roadmap:attempt-create",
    "labs:lab-detail", "labs:run-list", "labs:queue-status",
    "accounts:settings", "accounts:preference-edit", "accounts:export-create",
    "accounts:account-delete",
}  # fmt: skip
# What a person does in their own open try. Who has none is told that it is not there.
OWN_TRY = {
    "labs:prediction-create", "labs:final-open", "labs:run-create", "labs:try-create",
    "labs:reconcile-create",
}  # fmt: skip
# A row of Ada's: hers alone. Everybody else is told that it is not there.
OWNED = {
    "roadmap:attempt-detail", "roadmap:attempt-finish", "roadmap:item-detail",
    "roadmap:response-create", "labs:run-detail", "labs:run-status", "labs:run-cancel",
    "labs:run-data",
}  # fmt: skip
POST_ONLY = ("-create", "-edit", "-read", "-answer", "-finish", "-cancel", "-accept", "-delete")
OPENS = {"labs:final-open"}  # a verb too
# allauth's pages keep allauth's own rules, which its own tests hold; here: none of them fails.
LIBRARIES = ("account_", "mfa_", "admin:", "usersessions_", "socialaccount_")


def routes(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield f"{prefix}{entry.name}"
        else:
            inner = f"{prefix}{entry.namespace}:" if entry.namespace else prefix
            yield from routes(entry, inner)


ALL = sorted(set(routes()))
OURS = [name for name in ALL if not name.startswith(LIBRARIES) and name != "account_login"]


@dataclass
class Cast:
    """Who asks, and the rows that are Ada's."""

    clients: dict[str, Client]
    arguments: dict[str, dict[str, Any]]

    def path(self, name: str) -> str:
        return reverse(name, kwargs=self.arguments.get(name, {}))


@pytest.fixture
def cast(published: None, ada: User, grace: User, boss: User) -> Cast:
    people = {"ada": ada, "grace": grace, "boss": boss}
    for group in ("authors", "instructors"):
        person = User.objects.create_user(f"{group}@example.org")
        person.groups.add(Group.objects.get_or_create(name=group)[0])
        people[group] = person
    clients = {"anonymous": Client()}
    for name, person in people.items():
        clients[name] = Client()
        clients[name].force_login(person)
    return Cast(clients, arguments(ada))


def arguments(ada: User) -> dict[str, dict[str, Any]]:
    live = Activity.objects.live()
    lesson, quiz = live.filter(kind="lesson")[0], live.get(kind="quiz")
    lab = live.get(key="bill-shock")
    check = lesson.questions.all()[0].key
    attempt = open_attempt(user=ada, activity=quiz)
    lab_attempt = open_lab_attempt(user=ada, activity=lab)
    predict(attempt=lab_attempt, prediction=prediction_for(lab_attempt))
    run = submit_run(
        attempt=lab_attempt, purpose="explore", idem_key=uuid4(), **exploring(lab_attempt)
    )
    by_key = {"lesson": lesson.key, "quiz": quiz.key, "lab": lab.key}
    item = {"pk": attempt.pk, "n": 1}
    labs = ("lab-detail", "prediction-create", "final-open", "run-create", "try-create")
    return {
        "roadmap:about-detail": {"page": "privacy"},
        "roadmap:step-detail": {"key": lesson.step.key},
        "roadmap:lesson-detail": {"key": by_key["lesson"]},
        "roadmap:lesson-read": {"key": by_key["lesson"]},
        "roadmap:check-answer": {"key": by_key["lesson"], "check": check},
        "roadmap:quiz-detail": {"key": by_key["quiz"]},
        "roadmap:attempt-create": {"key": by_key["quiz"]},
        "roadmap:attempt-detail": {"pk": attempt.pk},
        "roadmap:attempt-finish": {"pk": attempt.pk},
        "roadmap:item-detail": item,
        "roadmap:response-create": item,
        **{f"labs:{name}": {"key": lab.key} for name in labs},
        "labs:reconcile-create": {"key": lab.key},
        "labs:run-list": {"key": lab.key},
        "labs:run-detail": {"pk": run.pk},
        "labs:run-status": {"pk": run.pk},
        "labs:run-cancel": {"pk": run.pk},
        "labs:run-data": {"pk": run.pk, "form": "json"},
        "accounts:invite-detail": {"token": "no-such-token"},
        "accounts:invite-accept": {"token": "no-such-token"},
        "authoring:asset-detail": {"sha256": "0" * 64},
    }


def is_post(name: str) -> bool:
    return name.endswith(POST_ONLY) or name in OPENS


def ask(client: Client, cast: Cast, name: str) -> Any:
    path = cast.path(name)
    return client.post(path) if is_post(name) else client.get(path)


def test_every_route_of_ours_is_listed_and_no_other() -> None:
    assert set(OURS) == PUBLIC | SIGNED_IN | OWN_TRY | OWNED


def statuses(cast: Cast, person: str, names: set[str]) -> dict[str, int]:
    return {name: ask(cast.clients[person], cast, name).status_code for name in sorted(names)}


def surprises(found: dict[str, int], *expected: int) -> dict[str, int]:
    return {name: status for name, status in found.items() if status not in expected}


def test_a_public_page_asks_nobody_to_log_in(cast: Cast) -> None:
    for name in sorted(PUBLIC):
        response = ask(cast.clients["anonymous"], cast, name)
        assert "/accounts/login/" not in response.get("Location", ""), name
        assert response.status_code < 500, name


def test_a_stranger_is_sent_to_the_login(cast: Cast) -> None:
    for name in sorted(SIGNED_IN | OWN_TRY | OWNED):
        response = ask(cast.clients["anonymous"], cast, name)
        assert response.status_code == 302, name
        assert "/accounts/login/" in response["Location"], name


@pytest.mark.parametrize("person", ["ada", "grace", "boss", "authors", "instructors"])
def test_a_signed_in_person_is_served(cast: Cast, person: str) -> None:
    ask(cast.clients[person], cast, "labs:lab-detail")  # the first visit opens a try
    found = statuses(cast, person, SIGNED_IN)

    assert surprises(found, 200, 204, 303, 409, 422, 429) == {}


@pytest.mark.parametrize("person", ["grace", "boss", "authors", "instructors"])
def test_what_is_anothers_is_not_there(cast: Cast, person: str) -> None:
    assert surprises(statuses(cast, person, OWNED | OWN_TRY), 404) == {}


def test_what_is_ones_own_is_there(cast: Cast) -> None:
    found = statuses(cast, "ada", (OWNED | OWN_TRY) - {"labs:run-data"})

    assert surprises(found, 200, 204, 303, 409, 422) == {}


def test_a_number_that_never_was_looks_the_same_as_somebody_elses(cast: Cast) -> None:
    for name in sorted(OWNED):
        foreign = ask(cast.clients["grace"], cast, name)
        cast.arguments[name] = {**cast.arguments[name], "pk": 987_654_321}
        missing = ask(cast.clients["grace"], cast, name)
        assert missing.status_code == foreign.status_code == 404, name
        assert without_token(missing) == without_token(foreign), name


def without_token(response: Any) -> str:
    """Every answer carries a CSRF token of its own."""
    return re.sub(r'"X-CSRFToken": "[^"]*"|value="[A-Za-z0-9]{64}"', "", response.content.decode())


def test_what_changes_something_refuses_to_be_read(cast: Cast) -> None:
    posts = [name for name in OURS if is_post(name)]
    found = {name: cast.clients["ada"].get(cast.path(name)).status_code for name in posts}

    assert len(posts) >= 16
    assert surprises(found, 405) == {}


def test_a_post_without_its_token_is_refused(cast: Cast, ada: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada)
    posts = [name for name in OURS if is_post(name)]

    assert surprises({n: strict.post(cast.path(n)).status_code for n in posts}, 403) == {}


@pytest.mark.parametrize("person", ["anonymous", "ada", "authors", "instructors"])
def test_the_admin_is_for_staff(cast: Cast, person: str) -> None:
    found = {}
    for name in (n for n in ALL if n.startswith("admin:")):
        with suppress(NoReverseMatch):  # a page of one row; its list stands beside it
            found[name] = cast.clients[person].get(reverse(name)).status_code

    assert len(found) >= 20
    assert surprises(found, 302, 403, 404, 405) == {}
