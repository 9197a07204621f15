import re
from unittest.mock import patch

import pytest
from allauth.core.context import request_context
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from accounts.adapters import AccountAdapter
from accounts.models import User
from tests.accounts.conftest import PASSWORD, Manage

WRONG = "not the password of anybody"
REFUSED = "Too many wrong tries"
MISMATCH = "do not go together"


def guess(email: str, address: str = "192.0.2.1", **headers: str) -> str:
    answer = Client().post(
        "/accounts/login/",
        {"login": email, "password": WRONG},
        REMOTE_ADDR=address,
        headers=headers,
    )
    return answer.content.decode()


@pytest.mark.django_db
def test_the_eleventh_guess_from_one_address_is_refused() -> None:
    pages = [guess(f"person{n}@example.org") for n in range(11)]
    assert all(MISMATCH in page for page in pages[:10])
    assert REFUSED in pages[10]


def test_guesses_at_one_account_count_together_wherever_they_come_from(member: User) -> None:
    pages = [guess(member.email, address=f"192.0.2.{n}") for n in range(1, 7)]
    assert all(MISMATCH in page for page in pages[:5])
    assert REFUSED in pages[5]


def test_another_name_of_the_host_does_not_start_a_new_count(member: User) -> None:
    ports = [f"testserver:{port}" for port in range(8000, 8006)]
    pages = [guess(member.email, f"192.0.2.{n}", host=host) for n, host in enumerate(ports, 1)]
    assert REFUSED in pages[5]


def test_guesses_at_other_names_in_between_do_not_reset_the_count(member: User) -> None:
    for n in range(1, 6):
        guess(member.email, f"192.0.2.{n}")
        guess(f"other{n}@example.org", f"198.51.100.{n}")
    assert REFUSED in guess(member.email, "192.0.2.9")


def test_a_refused_guess_never_reaches_the_hasher(member: User) -> None:
    for n in range(1, 6):
        guess(member.email, f"192.0.2.{n}")
    with patch.object(User, "check_password") as hasher:
        guess(member.email, "192.0.2.9")
    assert not hasher.called


def test_the_right_password_is_refused_too_while_the_limit_holds(member: User) -> None:
    for n in range(1, 6):
        guess(member.email, f"192.0.2.{n}")
    answer = Client().post("/accounts/login/", {"login": member.email, "password": PASSWORD})
    assert REFUSED in answer.content.decode()


def test_unknown_people_look_the_same(member: User) -> None:
    def bare(page: str, email: str) -> str:
        return re.sub(r'value="\w{64}"|"X-CSRFToken": "\w+"', "", page).replace(email, "")

    known, unknown = guess(member.email), guess("nobody@example.org", "192.0.2.2")
    assert bare(known, member.email) == bare(unknown, "nobody@example.org")


def test_an_unknown_person_costs_one_hash_as_a_known_one_does(member: User) -> None:
    with patch("django.contrib.auth.hashers.MD5PasswordHasher.encode", return_value="md5$x") as one:
        guess("nobody@example.org")
    assert one.call_count == 1


@pytest.mark.django_db
def test_a_flood_of_posts_gets_a_page_with_words_and_a_time() -> None:
    client = Client()
    for _ in range(30):
        client.post("/accounts/login/", {})
    answer = client.post("/accounts/login/", {})
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0
    assert "<h1" in answer.content.decode()


GUESS = """
from django.test import Client
for _ in range(3):
    page = Client().post("/accounts/login/", {"login": "mary@example.org", "password": "wrong one"},
        secure=True, headers={"host": "learn.example.org"}).content.decode()
    print("refused" if "Too many wrong tries" in page else "taken")
"""


def test_two_processes_share_one_count(manage: Manage) -> None:
    for command in (("migrate", "-v0"), ("createcachetable",)):
        done = manage(*command)
        assert done.returncode == 0, done.stderr
    plain = {"DJANGO_SETTINGS_MODULE": "tests.settings"}  # static files without their manifest
    words = [manage("shell", "-v0", "-c", GUESS, **plain).stdout.split() for _ in range(2)]
    assert words == [["taken"] * 3, ["taken", "taken", "refused"]]


def request_from(**meta: str) -> HttpRequest:
    return RequestFactory().get("/", **meta)  # type: ignore[arg-type]  # headers by name


@pytest.mark.parametrize(
    ("proxies", "header", "address"),
    [
        (0, None, "192.0.2.1"),
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "1.2.3.4, 203.0.113.9", "203.0.113.9"),
        (2, "1.2.3.4, 203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (1, None, "192.0.2.1"),
    ],
)
def test_a_forged_address_is_believed_from_no_one_but_our_proxies(
    settings: Settings, proxies: int, header: str | None, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    meta = {"REMOTE_ADDR": "192.0.2.1"} | ({"HTTP_X_FORWARDED_FOR": header} if header else {})
    request = request_from(**meta)
    with request_context(request):
        assert AccountAdapter().get_client_ip(request) == address


@pytest.mark.parametrize(("proxies", "header"), [(2, "203.0.113.9"), (1, "rubbish")])
def test_a_request_that_went_around_a_proxy_is_refused_not_a_crash(
    settings: Settings, proxies: int, header: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    request = request_from(HTTP_X_FORWARDED_FOR=header)
    with request_context(request), pytest.raises(PermissionDenied):
        AccountAdapter().get_client_ip(request)


@pytest.mark.django_db
def test_forged_addresses_do_not_escape_the_limit_behind_one_proxy(
    settings: Settings,
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    forged = [f"10.9.8.{n}, 203.0.113.9" for n in range(11)]
    pages = [guess(f"p{n}@example.org", **{"x-forwarded-for": xff}) for n, xff in enumerate(forged)]
    assert REFUSED in pages[10]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("signup", "opens"), [("open", True), ("invite", False), ("closed", False)]
)
def test_signup_says_who_may_come_in(settings: Settings, signup: str, *, opens: bool) -> None:
    settings.SIGNUP = signup
    request = request_from()
    request.session = SessionStore()
    with request_context(request):
        assert AccountAdapter().is_open_for_signup(request) is opens
