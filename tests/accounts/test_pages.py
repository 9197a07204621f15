"""Every page of the login library, as each person meets it: ours in looks, held by the policy."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.conf import settings
from django.core import mail
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)

from accounts.models import User
from tests.accounts.conftest import PASSWORD, prove, session_cookie, sign_in

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NO_PAGE = {  # answers that are no pages, with the test that covers what they do
    "mfa_login_webauthn",  # JSON for the passkey script
    "mfa_download_recovery_codes",  # a text file
    "account_confirm_email",  # visited below, with a key
    "account_reset_password_from_key",  # visited below, with a key
    "mfa_authenticate",  # visited below, between password and code
    "account_confirm_login_code",  # codes by mail are not switched on: leads to the login
}

OF_CODES = {"mfa_deactivate_totp", "mfa_view_recovery_codes"}  # there only with codes set up


class Held(HTMLParser):
    """Collects what the content policy would refuse."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []
        self.headings = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.headings += tag == "h1"
        inline = tag == "script" and not values.get("src")
        if tag == "style" or (inline and values.get("type") != "application/json"):
            self.refused.append(f"<{tag}>")
        for name, value in values.items():
            foreign = name in ("src", "action") and re.match(r"(https?:)?//", value or "")
            if name == "style" or name.startswith("on") or foreign:
                self.refused.append(f"{tag} {name}={value}")


def assert_held(page: str, *, where: str) -> None:
    held = Held()
    held.feed(page)
    assert held.refused == [], where
    assert held.headings == 1, where
    assert "css/tokens.css" in page, where


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[tuple[str, str]]:
    """Name and address of every page of the library, with a key's number where one is asked."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from (
                (name, str(pattern.pattern) + rest) for name, rest in names(pattern.url_patterns)
            )
        elif pattern.name:
            yield pattern.name, str(pattern.pattern)


LIBRARY = [
    (name, "/" + path)
    for name, path in names(get_resolver().url_patterns)
    if path.startswith("accounts/") and name not in NO_PAGE
]


def code(steps_ahead: int = 0) -> str:
    counter = next(iter(yield_hotp_counters_from_time())) + steps_ahead
    return str(format_hotp_value(hotp_value(SECRET, counter)))


@pytest.fixture
def key(member: User) -> Authenticator:
    """A passkey, as a browser would have registered it."""
    public = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    credential = AttestedCredentialData.create(b"\0" * 16, b"the-id", public)
    flags = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP
    proof = AuthenticatorData.create(b"\0" * 32, flags, 0, credential)
    client = CollectedClientData.create("webauthn.create", b"challenge", "https://testserver")
    response = RegistrationResponse(
        raw_id=b"the-id",
        response=AuthenticatorAttestationResponse(
            client_data=client, attestation_object=AttestationObject.create("none", proof, {})
        ),
    )
    registered = dict(response) | {"clientExtensionResults": {"credProps": {"rk": True}}}
    data = {"name": "My key", "credential": registered}
    return Authenticator.objects.create(user=member, type=Authenticator.Type.WEBAUTHN, data=data)


def test_the_crawl_knows_the_whole_library() -> None:
    found = {name for name, _ in LIBRARY}
    assert len(found) >= 20
    assert {"account_login", "mfa_index", "usersessions_list", "mfa_edit_webauthn"} <= found


@pytest.mark.parametrize(("name", "path"), LIBRARY, ids=[name for name, _ in LIBRARY])
@pytest.mark.parametrize("who", ["nobody", "member", "guarded"])
def test_no_page_has_a_script_or_a_style_in_it(
    member: User, key: Authenticator, who: str, name: str, path: str
) -> None:
    client = Client()
    if who != "nobody":
        sign_in_without_key(client, member, key)
    if who == "guarded":
        TOTP.activate(member, SECRET)
        RecoveryCodes.activate(member)
    answer = client.get(path.replace("<int:pk>", str(key.pk)), follow=True)
    if who == "member" and name in OF_CODES:
        assert answer.status_code == 404
    else:
        assert answer.status_code == 200, answer.redirect_chain
        assert_held(answer.content.decode(), where=f"{name} as {who}")


def sign_in_without_key(client: Client, member: User, key: Authenticator) -> None:
    """The key would be asked for; it comes back when the person is in."""
    Authenticator.objects.all().delete()
    sign_in(client, member.email)
    prove(client)
    key.save(force_insert=True)


@pytest.mark.parametrize("page", ["login", "signup", "password/reset"])
@pytest.mark.django_db
def test_pages_before_sign_in_need_no_script_of_ours(page: str) -> None:
    text = Client().get(f"/accounts/{page}/").content.decode()
    assert "htmx" not in text
    assert "cairn.js" not in text
    assert "autocomplete=" in text


@pytest.mark.django_db
def test_passkeys_say_that_they_need_a_script() -> None:
    text = Client().get("/accounts/login/").content.decode()
    [said] = re.findall(r"<noscript>(.*?)</noscript>", text, re.DOTALL)
    assert "Passkeys and security keys need JavaScript" in said


@pytest.mark.django_db
def test_the_password_rules_stand_there_before_the_error() -> None:
    text = Client().get("/accounts/signup/").content.decode()
    assert "at least 8 characters" in text
    assert "commonly used" in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("password", "taken"),
    [
        ("short77", False),
        ("password", False),
        ("iloveyou1", False),
        ("new.person@example", False),
        ("lamp hill quiet tree", True),
        ("ÿ€ lämp öf hill", True),
        ("x9 " * 40, True),
        ("quietlamp", True),
    ],
)
def test_what_makes_a_password(password: str, *, taken: bool) -> None:
    typed = {"email": "new.person@example.org", "password1": password}
    Client().post("/accounts/signup/", typed)
    assert User.objects.filter(email="new.person@example.org").exists() is taken


@pytest.mark.django_db
def test_sign_up_confirm_sign_in_without_a_script() -> None:
    client = Client()
    typed = {"email": "new@example.org", "password1": PASSWORD}
    sent = client.post("/accounts/signup/", typed, follow=True)
    assert sent.redirect_chain[-1][0] == "/accounts/confirm-email/"
    assert_held(sent.content.decode(), where="confirm-email")
    link = found_link("/accounts/confirm-email/")
    page = client.get(link)
    assert_held(page.content.decode(), where="confirm-email by key")
    assert not EmailAddress.objects.get().verified  # a scanner that opens links confirms nothing
    client.post(link)
    assert EmailAddress.objects.get().verified
    sign_in(Client(), "new@example.org")


def found_link(part: str) -> str:
    body = mail.outbox[-1].body
    assert isinstance(body, str)
    return str(re.findall(rf"https?://testserver({part}\S+)", body)[0])


def test_a_known_address_signs_up_to_the_same_page_as_an_unknown_one(member: User) -> None:
    pages = [
        Client().post("/accounts/signup/", {"email": email, "password1": PASSWORD}, follow=True)
        for email in (member.email, "new@example.org")
    ]
    assert pages[0].redirect_chain == pages[1].redirect_chain
    assert User.objects.filter(email=member.email).count() == 1


def test_a_reset_works_once_and_ends_every_session(member: User, member_client: Client) -> None:
    client = Client()
    client.post("/accounts/password/reset/", {"email": member.email})
    link = found_link("/accounts/password/reset/key/")
    page = client.get(link, follow=True)
    assert_held(page.content.decode(), where="reset by key")
    fresh = {"password1": "another lamp on a hill", "password2": "another lamp on a hill"}
    client.post(page.request["PATH_INFO"], fresh)
    member.refresh_from_db()
    assert member.check_password("another lamp on a hill")
    assert member_client.get("/settings/").status_code == 302
    again = Client().get(link, follow=True).content.decode()
    assert 'name="password1"' not in again


@pytest.mark.django_db
def test_a_reset_for_nobody_looks_like_a_reset() -> None:
    answer = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert answer["Location"] == "/accounts/password/reset/done/"


def test_a_new_password_ends_the_other_sessions_and_keeps_this_one(
    member: User, member_client: Client
) -> None:
    elsewhere = Client()
    sign_in(elsewhere, member.email)
    assert elsewhere.get("/settings/").status_code == 200
    fresh = "another lamp on a hill"
    typed = {"oldpassword": PASSWORD, "password1": fresh, "password2": fresh}
    before = session_cookie(member_client)
    member_client.post("/accounts/password/change/", typed)
    assert elsewhere.get("/settings/").status_code == 302
    assert member_client.get("/settings/").status_code == 200
    assert session_cookie(member_client) != before
    assert mail.outbox[-1].to == [member.email]  # and its owner is told


def test_signing_in_makes_a_new_session(member: User) -> None:
    client = Client()
    client.get("/accounts/login/")
    client.session.save()
    planted = client.session.session_key
    client.cookies[settings.SESSION_COOKIE_NAME] = str(planted)
    sign_in(client, member.email)
    assert client.session.session_key != planted


def test_a_code_is_asked_for_and_counts_once(member: User) -> None:
    TOTP.activate(member, SECRET)
    first = Client()
    first.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert first.get("/settings/").status_code == 302
    assert_held(first.get("/accounts/2fa/authenticate/").content.decode(), where="authenticate")
    used = code()
    assert first.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 302
    assert first.get("/settings/").status_code == 200

    replay = Client()
    replay.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert replay.post("/accounts/2fa/authenticate/", {"code": used}).status_code == 200
    assert replay.get("/settings/").status_code == 302


def test_a_recovery_code_counts_once(member: User) -> None:
    TOTP.activate(member, SECRET)
    spare = RecoveryCodes.activate(member).get_unused_codes()[0]
    for status in (302, 200):
        client = Client()
        client.post("/accounts/login/", {"login": member.email, "password": PASSWORD})
        assert client.post("/accounts/2fa/authenticate/", {"code": spare}).status_code == status


def test_a_second_factor_is_set_up_with_a_typed_secret_and_no_script(
    member: User, member_client: Client
) -> None:
    page = member_client.get("/accounts/2fa/totp/activate/").content.decode()
    assert "data:image/svg+xml" in page
    secret = member_client.session["mfa.totp.secret"]
    assert secret in page
    counter = next(iter(yield_hotp_counters_from_time()))
    typed = format_hotp_value(hotp_value(secret, counter))
    assert member_client.post("/accounts/2fa/totp/activate/", {"code": typed}).status_code == 302
    kinds = set(Authenticator.objects.filter(user=member).values_list("type", flat=True))
    assert kinds == {"totp", "recovery_codes"}


def test_an_old_sign_in_does_not_change_the_address(member: User) -> None:
    client = Client()
    client.force_login(member)  # a session that nobody proved a password for lately
    answer = client.post("/accounts/email/", {"email": "evil@example.org", "action_add": ""})
    assert answer["Location"].startswith("/accounts/reauthenticate/")


def test_an_address_changes_when_the_new_one_is_confirmed(
    member: User, member_client: Client
) -> None:
    member_client.post("/accounts/email/", {"email": "mary@new.example", "action_add": ""})
    page = member_client.get("/accounts/email/").content.decode()
    assert "Waiting to be confirmed" in page
    assert_held(page, where="email")
    member.refresh_from_db()
    assert member.email == "mary@example.org"
    member_client.post(found_link("/accounts/confirm-email/"))
    member.refresh_from_db()
    assert member.email == "mary@new.example"


def test_sessions_are_listed_and_the_others_ended(member: User, member_client: Client) -> None:
    elsewhere = Client(headers={"user-agent": "Another browser"})
    sign_in(elsewhere, member.email)
    assert "Another browser" in member_client.get("/accounts/sessions/").content.decode()
    member_client.post("/accounts/sessions/")
    assert elsewhere.get("/settings/").status_code == 302
    assert member_client.get("/settings/").status_code == 200


def test_nobody_is_signed_out_by_a_link(member_client: Client) -> None:
    assert member_client.get("/accounts/logout/").status_code == 200
    assert member_client.get("/settings/").status_code == 200
    member_client.post("/accounts/logout/")
    assert member_client.get("/settings/").status_code == 302


def test_nobody_is_sent_to_another_site_after_the_login(member: User) -> None:
    typed = {"login": member.email, "password": PASSWORD, "next": "https://evil.example/"}
    answer = Client().post("/accounts/login/", typed)
    assert answer["Location"] == "/trail/"
