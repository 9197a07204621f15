import io
import json
from datetime import timedelta
from zipfile import ZipFile

import pytest
from allauth.account.models import EmailAddress
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from accounts.models import Invite, User
from accounts.services import create_invite
from tests.accounts.conftest import PASSWORD, session_cookie, sign_in

CHOICES = {"name": "Ada L.", "time_zone": "Europe/Paris", "theme": "night", "has_shortcuts": ""}
GOOD = {"email": "new@example.org", "password1": PASSWORD}


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["preferences", "export", "delete"])
def test_nobody_changes_settings_without_signing_in(path: str) -> None:
    answer = Client().post(f"/settings/{path}/", CHOICES)
    assert answer["Location"] == f"/accounts/login/?next=/settings/{path}/"


@pytest.mark.parametrize("path", ["preferences", "theme", "export", "delete"])
def test_reading_an_address_changes_nothing(ada_client: Client, path: str) -> None:
    assert ada_client.get(f"/settings/{path}/").status_code == 405


def test_settings_show_what_is_chosen_and_lead_to_the_rest(ada_client: Client) -> None:
    page = ada_client.get("/settings/").content.decode()
    assert 'value="Ada"' in page
    assert "ada@example.org" in page
    for way in ("/accounts/password/change/", "/accounts/2fa/", "/accounts/sessions/"):
        assert way in page


def test_preferences_are_kept_and_count_at_once(ada: User, ada_client: Client) -> None:
    answer = ada_client.post("/settings/preferences/", CHOICES)
    assert (answer.status_code, answer["Location"]) == (303, "/settings/")
    ada.refresh_from_db()
    assert (ada.name, ada.time_zone, ada.theme) == ("Ada L.", "Europe/Paris", "night")
    assert not ada.has_shortcuts
    page = ada_client.get("/settings/").content.decode()
    assert "Your settings are saved." in page
    assert 'data-theme="night"' in page
    assert 'data-shortcuts="off"' in page


@pytest.mark.parametrize(
    ("field", "typed"),
    [("time_zone", "Mars/Olympus"), ("theme", "neon"), ("name", "x" * 151), ("time_zone", "")],
)
def test_a_refused_setting_keeps_what_was_typed_and_changes_nothing(
    ada: User, ada_client: Client, field: str, typed: str
) -> None:
    answer = ada_client.post("/settings/preferences/", CHOICES | {"name": "Typed"} | {field: typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "to change" in page
    assert 'value="Typed"' in page or field == "name"
    ada.refresh_from_db()
    assert (ada.name, ada.time_zone) == ("Ada", "UTC")


def test_no_other_column_can_be_posted(ada: User, ada_client: Client) -> None:
    more = {"is_staff": "on", "is_superuser": "on", "email": "evil@example.org", "is_demo": "on"}
    ada_client.post("/settings/preferences/", CHOICES | more)
    ada.refresh_from_db()
    assert (ada.email, ada.is_staff, ada.is_superuser) == ("ada@example.org", False, False)


@pytest.mark.django_db
def test_anybody_may_choose_a_theme() -> None:
    client = Client()
    answer = client.post("/settings/theme/", {"theme": "night", "next": "/accounts/login/"})
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    cookie = answer.cookies["theme"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("night", 31536000, "Lax")
    assert cookie["httponly"]
    assert 'data-theme="night"' in client.get("/accounts/login/").content.decode()


def test_a_theme_follows_its_person_to_another_browser(ada: User, ada_client: Client) -> None:
    ada_client.post("/settings/theme/", {"theme": "day"})
    other = Client()
    other.force_login(ada)
    assert 'data-theme="day"' in other.get("/settings/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("theme", ["neon", "", '"><script>'])
def test_a_word_that_is_no_theme_changes_nothing(theme: str) -> None:
    client = Client()
    answer = client.post("/settings/theme/", {"theme": theme})
    assert answer.status_code == 303
    assert "theme" not in answer.cookies
    client.cookies["theme"] = "neon"
    assert 'data-theme="system"' in client.get("/accounts/login/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/",
        "//evil.example/",
        "javascript:1",
        "",
        "x",
        "accounts:settings",
        "\0",
    ],
)
def test_a_theme_leads_to_a_page_of_this_site_alone(page: str) -> None:
    answer = Client().post("/settings/theme/", {"theme": "day", "next": page})
    assert answer["Location"] == "/trail/"


def test_the_export_is_one_file_with_everything_and_no_secret(
    member: User, member_client: Client, ada: User
) -> None:
    answer = member_client.post("/settings/export/")
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="cairn-export-')
    archive = ZipFile(io.BytesIO(answer.content))
    tables = json.loads(archive.read("everything.json"))
    assert tables["accounts_user"][0]["email"] == member.email
    assert tables["account_emailaddress"][0]["verified"] is True
    assert tables["usersessions_usersession"][0]["ip"] == "127.0.0.1"
    everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    for secret in (member.password, session_cookie(member_client), ada.email):
        assert secret not in everything


@pytest.mark.parametrize(
    ("phrase", "password", "words"),
    [
        ("delete", PASSWORD, "You typed “delete”"),
        ("delete my account", "wrong", "That is not your password. Nothing was deleted."),
        ("", "", "This field is required"),
    ],
)
def test_an_account_is_not_deleted_by_half(
    member: User, member_client: Client, phrase: str, password: str, words: str
) -> None:
    answer = member_client.post("/settings/delete/", {"phrase": phrase, "password": password})
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert User.objects.filter(pk=member.pk).exists()


def test_a_deleted_account_is_gone_everywhere(member: User, member_client: Client) -> None:
    elsewhere = Client()
    sign_in(elsewhere, member.email)
    create_invite(email=member.email)
    proofs = {"phrase": "Delete my account", "password": PASSWORD}
    answer = member_client.post("/settings/delete/", proofs)
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert not User.objects.filter(email=member.email).exists()
    assert not EmailAddress.objects.filter(email=member.email).exists()
    assert not Invite.objects.filter(email=member.email).exists()
    kept = [session.get_decoded() for session in Session.objects.all()]
    assert member.email not in json.dumps(kept)
    assert elsewhere.get("/settings/").status_code == 302
    page = member_client.get("/").content.decode()
    assert "Your account is deleted." in page
    assert "5 rows in 4 tables" in page


def test_guesses_at_the_password_of_an_open_browser_are_counted(member_client: Client) -> None:
    wrong = {"phrase": "delete my account", "password": "wrong"}
    answers = [member_client.post("/settings/delete/", wrong).status_code for _ in range(11)]
    assert answers == [422] * 9 + [429, 429]  # ten a minute, and one was right: signing in


@pytest.fixture
def token(db: None, settings: Settings) -> str:
    settings.SIGNUP = "invite"
    return create_invite(email="new@example.org").token


def test_looking_at_an_invite_spends_nothing(token: str) -> None:
    for client in (Client(), Client(), Client()):
        page = client.get(f"/join/{token}/")
        assert "You are invited" in page.content.decode()
        assert client.head(f"/join/{token}/").status_code == 405
        assert client.get("/accounts/signup/").content.decode().count("By invitation")
    assert Invite.objects.get().used_at is None


def test_an_invite_lets_its_address_in_once(token: str) -> None:
    client = Client()
    answer = client.post(f"/join/{token}/accept/")
    assert (answer.status_code, answer["Location"]) == (303, "/accounts/signup/")
    assert 'value="new@example.org"' in client.get("/accounts/signup/").content.decode()
    assert client.post("/accounts/signup/", GOOD).status_code == 302
    assert User.objects.get(email="new@example.org").check_password(PASSWORD)
    assert Invite.objects.get().used_at is not None

    late = Client()
    assert "This invite has been used" in late.get(f"/join/{token}/").content.decode()
    assert late.post(f"/join/{token}/accept/")["Location"] == f"/join/{token}/"
    assert "By invitation" in late.get("/accounts/signup/").content.decode()


def test_an_invite_is_for_no_other_address(token: str) -> None:
    client = Client()
    client.post(f"/join/{token}/accept/")
    page = client.post("/accounts/signup/", GOOD | {"email": "other@example.org"}).content.decode()
    assert "The invite is for new@example.org." in page
    assert not User.objects.filter(email="other@example.org").exists()


def test_an_accepted_invite_does_not_stand_in_the_way_of_a_reset(token: str) -> None:
    client = Client()
    client.post(f"/join/{token}/accept/")
    answer = client.post("/accounts/password/reset/", {"email": "other@example.org"})
    assert answer["Location"] == "/accounts/password/reset/done/"


def test_on_an_open_site_an_invite_binds_nobody(token: str, settings: Settings) -> None:
    settings.SIGNUP = "open"
    client = Client()
    client.post(f"/join/{token}/accept/")
    assert client.post("/accounts/signup/", GOOD | {"email": "a@example.org"}).status_code == 302
    assert Invite.objects.get().used_at is None


def test_two_browsers_cannot_share_an_invite(token: str) -> None:
    first, second = Client(), Client()
    for client in (first, second):
        client.post(f"/join/{token}/accept/")
    first.post("/accounts/signup/", GOOD)
    assert "By invitation" in second.post("/accounts/signup/", GOOD).content.decode()
    assert User.objects.count() == 1


def test_an_invite_that_ran_out_says_so(token: str) -> None:
    Invite.objects.update(expires_at=now() - timedelta(seconds=1))
    assert "This invite has run out" in Client().get(f"/join/{token}/").content.decode()
    client = Client()
    client.post(f"/join/{token}/accept/")
    assert "By invitation" in client.get("/accounts/signup/").content.decode()


def test_somebody_signed_in_is_asked_to_sign_out_first(token: str, ada_client: Client) -> None:
    assert "You have an account already" in ada_client.get(f"/join/{token}/").content.decode()
    assert ada_client.post(f"/join/{token}/accept/")["Location"] == f"/join/{token}/"


@pytest.mark.django_db
def test_guessed_invites_are_not_found_and_soon_refused() -> None:
    answers = [Client().get(f"/join/{'x' * n}/").status_code for n in range(1, 32)]
    assert answers == [404] * 30 + [429]
    assert Client().post("/join/xyz/accept/").status_code == 429


@pytest.mark.django_db
def test_a_closed_site_says_so_in_words(settings: Settings) -> None:
    settings.SIGNUP = "closed"
    assert "No new accounts" in Client().get("/accounts/signup/").content.decode()
    assert "No new accounts" in Client().post("/accounts/signup/", GOOD).content.decode()
    assert not User.objects.exists()
