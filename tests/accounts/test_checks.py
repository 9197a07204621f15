import pytest
from pytest_django.fixtures import Settings

from accounts.checks import no_demo_in_production
from accounts.models import User
from tests.accounts.conftest import Manage

CHECK = ("check", "--deploy", "--fail-level", "WARNING")


@pytest.mark.django_db
def test_a_site_without_demo_people_is_fine() -> None:
    assert no_demo_in_production() == []


@pytest.mark.django_db
def test_a_demo_account_is_named() -> None:
    User.objects.create_user("learner@demo.localhost", is_demo=True)
    [error] = no_demo_in_production()
    assert error.id == "accounts.E003"
    assert "learner@demo.localhost" in error.msg


def test_demo_mode_is_refused(settings: Settings) -> None:
    settings.DEMO = True
    assert [error.id for error in no_demo_in_production()] == ["accounts.E001"]


def test_a_real_site_passes_the_deploy_check_until_a_demo_account_is_there(manage: Manage) -> None:
    unmigrated = manage(*CHECK)
    assert unmigrated.returncode == 1
    assert "accounts.W002" in unmigrated.stderr

    assert manage("migrate", "-v0").returncode == 0
    clean = manage(*CHECK)
    assert clean.returncode == 0, clean.stderr

    assert manage("create_demo").returncode == 1
    assert manage("create_demo", DEMO="true").returncode == 0
    red = manage(*CHECK)
    assert red.returncode == 1
    assert "learner@demo.localhost" in red.stderr
