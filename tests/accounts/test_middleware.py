import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path

from accounts.models import User

HTMX = {"HX-Request": "true", "HX-Current-URL": "http://testserver/trail/?page=2"}
LONG = "<!doctype html><title>Too many</title>"


def gone(request: HttpRequest) -> HttpResponse:
    raise Http404


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a private detail")


urlpatterns = [
    path("", include("config.urls")),
    path("try/404/", gone),
    path("try/500/", broken),
    path("try/400/", lambda request: HttpResponse("<p>what?</p>", status=400)),
    path("try/403/", lambda request: HttpResponse("<p>no</p>", status=403)),
    path("try/429/page/", lambda request: HttpResponse(LONG, status=429)),
    path("try/429/part/", lambda request: HttpResponse("<form>again</form>", status=429)),
    path("try/zone/", lambda request: HttpResponse("kept", headers={"Cache-Control": "private"})),
]


@pytest.mark.django_db
def test_a_part_asked_for_without_a_session_leads_to_the_login_and_back_to_the_page() -> None:
    answer = Client().get("/settings/", headers=HTMX)
    assert answer.status_code == 200
    assert not answer.content
    assert answer["HX-Redirect"] == "/accounts/login/?next=%2Ftrail%2F%3Fpage%3D2"
    assert "Location" not in answer


@pytest.mark.django_db
@pytest.mark.parametrize(
    "page",
    [
        "https://evil.example/trail/",
        "http://testserver//evil.example/",
        "javascript:alert(1)",
        "http://testserver:99/trail/",
        "",
    ],
)
def test_no_foreign_page_comes_after_the_login(page: str) -> None:
    answer = Client().get("/settings/", headers=HTMX | {"HX-Current-URL": page})
    assert answer["HX-Redirect"] == "/accounts/login/"


@pytest.mark.django_db
def test_without_htmx_the_redirect_stays_a_redirect() -> None:
    answer = Client().get("/settings/")
    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/?next=/settings/")


def test_a_disabled_persons_next_request_leads_to_the_login(ada: User, ada_client: Client) -> None:
    assert ada_client.get("/settings/").status_code == 200
    User.objects.filter(pk=ada.pk).update(is_active=False)
    answer = ada_client.get("/settings/", headers=HTMX)
    assert answer["HX-Redirect"].startswith("/accounts/login/?next=")
    assert not answer.content


@pytest.mark.django_db
@pytest.mark.urls("tests.accounts.test_middleware")
@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("/try/400/", 400),
        ("/try/403/", 403),
        ("/try/404/", 404),
        ("/try/429/page/", 429),
        ("/try/500/", 500),
    ],
)
def test_an_error_of_a_swapped_request_is_a_small_part(url: str, status: int) -> None:
    answer = Client(raise_request_exception=False).get(url, headers=HTMX)
    text = answer.content.decode()
    assert answer.status_code == status
    assert "error-part" in text
    assert "<html" not in text
    assert "private detail" not in text
    assert answer["HX-Retarget"] == "#messages"
    assert answer["HX-Reswap"] == "innerHTML"


@pytest.mark.django_db
@pytest.mark.urls("tests.accounts.test_middleware")
def test_a_refused_form_that_says_why_is_left_alone() -> None:
    answer = Client().get("/try/429/part/", headers=HTMX)
    assert answer.content.decode() == "<form>again</form>"
    assert "HX-Retarget" not in answer
    assert answer["Retry-After"] == "60"


@pytest.mark.django_db
@pytest.mark.urls("tests.accounts.test_middleware")
def test_a_page_that_was_asked_for_as_a_page_stays_one() -> None:
    answer = Client().get("/try/429/page/")
    assert answer.content.decode() == LONG
    assert answer["Retry-After"] == "60"


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["utf-7", "unicode_escape", "utf-16", "latin-1"])
@pytest.mark.parametrize("page", ["/accounts/login/", "/settings/preferences/", "/settings/theme/"])
def test_a_form_in_another_encoding_is_refused(
    ada_client: Client, page: str, encoding: str
) -> None:
    """These can carry half of a character, which no page can show and no database can store."""
    half = b"+2AA- \\ud800"
    fields = (b"login", b"name", b"next", b"password", b"theme")
    head = b'--B\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = b"".join(head % (field, half) for field in fields) + b"--B--\r\n"
    kind = f"multipart/form-data; boundary=B; charset={encoding}"
    browser = Client() if "login" in page else ada_client
    answer = browser.generic("POST", page, body, content_type=kind)
    assert answer.status_code == 400
    assert "could not be read" in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("encoding", ["", "; charset=UTF-8", "; charset=nothing"])
def test_a_form_in_utf_8_passes(ada_client: Client, encoding: str) -> None:
    kind = f"application/x-www-form-urlencoded{encoding}"
    body = "name=Zo%C3%AB&time_zone=UTC&theme=day"
    answer = ada_client.generic("POST", "/settings/preferences/", body, content_type=kind)
    assert answer.status_code == 303
    assert User.objects.get(email="ada@example.org").name == "Zoë"


@pytest.mark.urls("tests.accounts.test_middleware")
def test_a_view_may_say_itself_how_long_its_answer_keeps(ada_client: Client) -> None:
    assert ada_client.get("/try/zone/")["Cache-Control"] == "private"


def test_what_a_person_sees_is_kept_nowhere(ada_client: Client) -> None:
    assert ada_client.get("/settings/")["Cache-Control"] == "private, no-store"
