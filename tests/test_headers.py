"""What stands on every answer of each kind. The policy is parsed, since its order varies."""

from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponsePermanentRedirect,
    HttpResponseRedirect,
)
from django.test import Client
from django.urls import include, path
from pytest_django.fixtures import Settings

from accounts.models import User

STRICT = {
    "default-src": {"'none'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "font-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
}
ADMIN = STRICT | {
    "script-src": {"'self'", "'unsafe-eval'"},
    "style-src": {"'self'", "'unsafe-inline'"},
}
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a private detail")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [
    path("try/200/", lambda request: HttpResponse("fine")),
    path("try/204/", lambda request: HttpResponse(status=204)),
    path("try/301/", lambda request: HttpResponsePermanentRedirect("/")),
    path("try/302/", lambda request: HttpResponseRedirect("/")),
    path("try/403/", lambda request: HttpResponse(status=403)),
    path("try/404/", missing),
    path("try/429/", lambda request: HttpResponse(status=429)),
    path("try/500/", broken),
    path("try/503/", lambda request: HttpResponse(status=503)),
    path("", include("config.urls")),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.test_headers")]


def policy(answer: HttpResponseBase) -> dict[str, set[str]]:
    parts = [part.split() for part in answer["Content-Security-Policy"].split(";")]
    return {name: set(sources) for name, *sources in parts}


@pytest.mark.parametrize("status", [200, 204, 301, 302, 403, 404, 429, 500, 503])
def test_every_answer_carries_the_policy(status: int) -> None:
    answer = Client(raise_request_exception=False).get(f"/try/{status}/")
    assert answer.status_code == status
    assert policy(answer) == STRICT
    for name, value in EVERYWHERE.items():
        assert answer[name] == value
    assert answer["X-Frame-Options"] == "DENY"
    assert "camera=()" in answer["Permissions-Policy"]


def test_a_form_without_its_token_is_refused_under_the_policy() -> None:
    answer = Client(enforce_csrf_checks=True).post("/settings/theme/", {"theme": "day"})
    assert answer.status_code == 403
    assert policy(answer) == STRICT


def test_static_files_carry_the_policy(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("body {}")
    settings.STATIC_ROOT = str(tmp_path)
    settings.WHITENOISE_AUTOREFRESH = True
    answer = Client().get("/static/a.css")
    answer.close()
    assert answer.status_code == 200
    assert policy(answer) == STRICT
    for name, value in EVERYWHERE.items():
        assert answer[name] == value


def test_only_the_admin_has_a_looser_policy(boss: User, settings: Settings) -> None:
    settings.STAFF_NEEDS_MFA = False
    client = Client()
    client.force_login(boss)
    assert policy(client.get("/admin/")) == ADMIN
    assert policy(client.get("/settings/")) == STRICT
    assert policy(client.get("/administrator/")) == STRICT


@pytest.mark.parametrize("page", ["/settings/", "/accounts/email/", "/try/200/", "/try/404/"])
def test_what_a_person_sees_is_stored_nowhere(ada_client: Client, page: str) -> None:
    assert "no-store" in ada_client.get(page)["Cache-Control"]


@pytest.mark.parametrize("page", ["/accounts/login/", "/accounts/signup/"])
def test_pages_with_a_password_are_stored_nowhere(page: str) -> None:
    assert "no-store" in Client().get(page)["Cache-Control"]


def test_no_answer_allows_another_origin(ada_client: Client) -> None:
    for page in ("/settings/", "/try/404/"):
        answer = ada_client.get(page, headers={"origin": "https://evil.example"})
        assert "Access-Control-Allow-Origin" not in answer


def test_cookies_are_for_this_site_alone() -> None:
    person = User.objects.create_user("mary@example.org", "a quiet lamp on the hill")
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    client = Client()
    typed = {"login": person.email, "password": "a quiet lamp on the hill"}
    client.post("/accounts/login/", typed)
    assert set(client.cookies) == {"__Host-session", "__Host-csrf"}
    for cookie in client.cookies.values():
        assert (cookie["samesite"], cookie["path"], cookie["domain"]) == ("Lax", "/", "")
        assert cookie["httponly"]
        assert cookie["secure"]
