"""An export holds every row of a person and no key; erasing leaves nothing of them."""

import json

from django.apps import apps
from django.db.models import ForeignKey

from accounts.models import User
from roadmap import privacy
from roadmap.models import Activity, Attempt, Question
from roadmap.services import answer_check, answer_item, finish_attempt, open_attempt
from tests.roadmap.conftest import right_answer


def work(user: User, quiz: Activity) -> Attempt:
    attempt = open_attempt(user=user, activity=quiz)
    for item in attempt.items.select_related("version"):
        answer_item(item=item, payload=right_answer(item.version.content["type"]))
    version = Question.objects.get(key="cut-it").live
    assert version is not None
    answer_check(user=user, version=version, payload={"choice": "one"})
    return finish_attempt(attempt=attempt)


def personal_tables() -> set[str]:
    """Tables with a path of foreign keys to a person."""
    models = list(apps.get_app_config("roadmap").get_models())
    found: set[type] = {User}
    for _ in models:
        found |= {
            model
            for model in models
            for field in model._meta.get_fields()
            if isinstance(field, ForeignKey) and field.related_model in found
        }
    return {model._meta.db_table for model in models if model in found}


def test_every_personal_table_is_exported(ada: User, exam: Activity) -> None:
    assert set(privacy.export(ada)) == personal_tables()


def test_an_export_holds_the_work_and_is_json(ada: User, grace: User, exam: Activity) -> None:
    work(ada, exam)
    work(grace, exam)
    rows = json.loads(json.dumps(privacy.export(ada)))
    assert {table: len(found) for table, found in rows.items()} == {
        "roadmap_attempt": 1,
        "roadmap_attemptitem": 8,
        "roadmap_response": 8,
        "roadmap_checkanswer": 1,
        "roadmap_activityprogress": 1,
    }


def test_an_open_attempt_is_exported_without_its_answers(ada: User, exam: Activity) -> None:
    open_attempt(user=ada, activity=exam)
    assert "canary" not in json.dumps(privacy.export(ada))


def test_erasing_removes_one_person_and_nobody_else(ada: User, grace: User, exam: Activity) -> None:
    work(ada, exam)
    work(grace, exam)
    privacy.erase(ada)
    assert not any(privacy.export(ada).values())
    assert all(privacy.export(grace).values())
