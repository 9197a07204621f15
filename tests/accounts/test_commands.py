import re
import stat
from io import StringIO
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Invite, User
from tests.accounts.conftest import sign_in

pytestmark = pytest.mark.django_db


def output(*args: str) -> str:
    out = StringIO()
    call_command(*args, stdout=out)
    return out.getvalue()


@pytest.fixture
def demo(settings: Settings) -> None:
    settings.DEMO = True


def test_the_demo_cast_can_sign_in_with_what_was_printed(demo: None) -> None:
    lines = dict(line.split() for line in output("create_demo").splitlines())
    assert sorted(lines) == [
        f"{name}@demo.localhost" for name in ("admin", "author", "instructor", "learner")
    ]
    assert len(set(lines.values())) == 4
    for email, password in lines.items():
        assert len(password) >= 16
        sign_in(Client(), email, password)
    assert User.objects.filter(is_demo=True).count() == 4
    assert EmailAddress.objects.filter(verified=True, primary=True).count() == 4
    roles = {u.email.partition("@")[0]: list(u.groups.all()) for u in User.objects.all()}
    assert [str(group) for group in roles["author"]] == ["authors"]
    assert [str(group) for group in roles["instructor"]] == ["instructors"]
    assert [user.email for user in User.objects.filter(is_staff=True)] == ["admin@demo.localhost"]
    assert not User.objects.filter(is_superuser=True).exists()


def test_a_second_start_keeps_accounts_and_says_nothing(demo: None, tmp_path: Path) -> None:
    path = tmp_path / "run" / "credentials.txt"
    first = output("create_demo", "--credentials", str(path))
    hashes = sorted(User.objects.values_list("password", flat=True))
    assert not output("create_demo", "--credentials", str(path))
    assert sorted(User.objects.values_list("password", flat=True)) == hashes
    assert path.read_text() == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_file_that_others_could_read_is_closed_to_them(demo: None, tmp_path: Path) -> None:
    path = tmp_path / "credentials.txt"
    path.touch(mode=0o644)
    output("create_demo", "--credentials", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_nobody_gets_demo_accounts_outside_demo_mode(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO is not on"):
        output("create_demo")
    assert not User.objects.exists()


def test_an_invite_is_printed_once_and_works(settings: Settings) -> None:
    settings.SIGNUP = "invite"
    text = output("invite", "new@example.org", "--site", "https://learn.example.org/")
    [token] = re.findall(r"https://learn\.example\.org/join/(\S+)/", text)
    assert "You are invited" in Client().get(f"/join/{token}/").content.decode()
    assert "new@example.org" in text


@pytest.mark.parametrize(
    ("hosts", "origins", "link"),
    [
        (["learn.example.org"], [], "https://learn.example.org/join/"),
        (["*"], ["https://a.example.org"], "https://a.example.org/join/"),
    ],
)
def test_the_link_has_the_sites_address(
    settings: Settings, hosts: list[str], origins: list[str], link: str
) -> None:
    settings.SIGNUP = "invite"
    settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = hosts, origins
    assert link in output("invite", "new@example.org")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (["rubbish"], "is no e-mail address"),
        (["new@example.org", "--days", "8"], "Ask for 1 to 7"),
        (["ada@example.org"], "has an account already"),
    ],
)
def test_an_invite_that_cannot_be_is_refused_with_a_reason(
    settings: Settings, ada: User, args: list[str], words: str
) -> None:
    settings.SIGNUP = "invite"
    with pytest.raises(CommandError, match=words):
        output("invite", *args, "--site", "https://learn.example.org")
    assert not Invite.objects.exists()


def test_a_closed_site_gives_no_invites(settings: Settings) -> None:
    settings.SIGNUP = "closed"
    with pytest.raises(CommandError, match="Set SIGNUP=invite"):
        output("invite", "new@example.org")


def test_an_unknown_address_of_the_site_is_asked_for(settings: Settings) -> None:
    settings.SIGNUP, settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS = "invite", ["*"], []
    with pytest.raises(CommandError, match="--site"):
        output("invite", "new@example.org")
    assert not Invite.objects.exists()


def test_an_account_is_erased_only_with_a_yes(ada: User, grace: User) -> None:
    asked = output("erase_account", "Ada@example.org")
    assert "accounts_user" in asked
    assert "Nothing was erased" in asked
    assert User.objects.count() == 2
    assert "Erased." in output("erase_account", ada.email, "--yes")
    assert list(User.objects.all()) == [grace]


def test_nobody_is_erased_by_a_wrong_address(ada: User) -> None:
    with pytest.raises(CommandError, match="Nobody has the address"):
        output("erase_account", "adda@example.org", "--yes")
    assert User.objects.count() == 1
