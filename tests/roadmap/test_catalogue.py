"""Where the catalogue's rows lead."""

import pytest
from django.test import Client
from django.utils.timezone import now

from accounts.models import User
from roadmap.models import Activity
from roadmap.services import finish_attempt, open_attempt

pytestmark = pytest.mark.django_db


def test_a_page_on_the_trail_has_an_address_of_its_own(quiz: Activity) -> None:
    assert quiz.get_absolute_url() == f"/quizzes/{quiz.key}/"


def test_results_of_a_retired_quiz_lead_to_its_step_and_nowhere_else(
    quiz: Activity, ada: User, ada_client: Client
) -> None:
    attempt = finish_attempt(attempt=open_attempt(user=ada, activity=quiz))
    Activity.objects.filter(pk=quiz.pk).update(retired_at=now())

    for path in ("/progress/", attempt.get_absolute_url(), quiz.step.get_absolute_url()):
        page = ada_client.get(path)
        assert page.status_code == 200
        assert f'href="/quizzes/{quiz.key}/"' not in page.text
