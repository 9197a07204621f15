import pytest
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.contrib import admin
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import Invite, User
from accounts.services import create_invite

REGISTERED = sorted(admin.site._registry, key=lambda model: model._meta.label)


@pytest.fixture
def boss_client(boss: User) -> Client:
    """Staff with a second factor, so that the door is open."""
    Authenticator.objects.create(user=boss, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = Client()
    client.force_login(boss)
    return client


def address(model: object, what: str) -> str:
    meta = model._meta  # type: ignore[attr-defined]  # every model has it
    return f"/admin/{meta.app_label}/{meta.model_name}/{what}"


@pytest.mark.django_db
@pytest.mark.parametrize("page", ["/admin/", "/admin/accounts/user/", "/admin/login/"])
def test_the_admin_has_no_door_of_its_own(page: str) -> None:
    answer = Client().get(page, follow=True)
    assert answer.redirect_chain[-1][0].startswith("/accounts/login/?next=")


def test_the_admin_takes_no_password(boss: User) -> None:
    boss.set_password("a quiet lamp on the hill")
    boss.save()
    typed = {"username": boss.email, "password": "a quiet lamp on the hill"}
    answer = Client().post("/admin/login/", typed)
    assert answer["Location"].startswith("/accounts/login/")


def test_a_learner_does_not_get_in(ada_client: Client) -> None:
    assert ada_client.get("/admin/", follow=True).status_code == 403


def test_staff_without_a_second_factor_set_one_up_first(boss: User) -> None:
    client = Client()
    client.force_login(boss)
    assert client.get("/admin/")["Location"] == "/accounts/2fa/"


def test_demo_mode_asks_for_no_second_factor(boss: User, settings: Settings) -> None:
    settings.STAFF_NEEDS_MFA = False
    client = Client()
    client.force_login(boss)
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_staff_may_look_at_every_table(boss_client: Client, model: type) -> None:
    assert boss_client.get("/admin/").status_code == 200
    assert boss_client.get(address(model, "")).status_code == 200


@pytest.mark.parametrize("model", REGISTERED, ids=lambda model: model._meta.label)
def test_staff_add_nothing_by_hand(boss_client: Client, model: type) -> None:
    assert boss_client.get(address(model, "add/")).status_code == 403


def test_keys_secrets_and_hidden_results_are_not_there() -> None:
    hidden = ["roadmap.AnswerKey", "roadmap.LabKey", "labs.RunOutput", "mfa.Authenticator"]
    for label in hidden:
        assert apps.get_model(label) not in admin.site._registry
    assert apps.get_model("accounts.User") in admin.site._registry


def test_only_people_are_changed_and_only_invites_are_deleted(boss: User) -> None:
    def may(what: str) -> set[str]:
        request = Client().request().wsgi_request
        request.user = boss
        sites = admin.site._registry.items()
        return {m.__name__ for m, site in sites if getattr(site, f"has_{what}_permission")(request)}

    assert may("change") == {"User"}
    assert may("delete") == {"Invite"}
    assert may("add") == set()


def test_staff_make_somebody_staff_but_touch_no_password(boss_client: Client, ada: User) -> None:
    page = boss_client.get(address(User, f"{ada.pk}/change/")).content.decode()
    assert 'name="password"' not in page
    assert 'name="is_superuser"' not in page
    typed = {"name": "Ada", "time_zone": "UTC", "is_active": "on", "is_staff": "on"}
    more = {"email": "evil@example.org", "password": "x", "is_superuser": "on"}
    answer = boss_client.post(address(User, f"{ada.pk}/change/"), typed | more)
    assert answer.status_code == 302
    before, password = ada.email, ada.password
    ada.refresh_from_db()
    assert ada.is_staff
    assert (ada.email, ada.password, ada.is_superuser) == (before, password, False)


def test_staff_cannot_write_a_time_zone_that_breaks_every_page(
    boss_client: Client, ada: User
) -> None:
    typed = {"name": "Ada", "time_zone": "Mars/Olympus", "is_active": "on"}
    assert boss_client.post(address(User, f"{ada.pk}/change/"), typed).status_code == 200
    ada.refresh_from_db()
    assert ada.time_zone == "UTC"


def test_staff_take_an_invite_back(boss_client: Client) -> None:
    invite = create_invite(email="new@example.org").invite
    page = boss_client.get(address(Invite, f"{invite.pk}/change/")).content.decode()
    assert invite.token_hash not in page
    boss_client.post(address(Invite, f"{invite.pk}/delete/"), {"post": "yes"})
    assert not Invite.objects.exists()
