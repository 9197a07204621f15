"""Every table with a way to a person is in somebody's export, and nothing survives erasing."""

import inspect
from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import models

from accounts.models import Invite, User
from accounts.services import collect, create_invite, erase_account, privacy_modules

# Tables that hold no statement about a person beyond what `accounts_user` says.
IN_USERS = {"User_groups", "User_user_permissions"}


def foreign_keys(model: type[models.Model]) -> Iterator["models.ForeignKey[models.Model]"]:
    for field in model._meta.local_fields:
        if isinstance(field, models.ForeignKey):
            yield field


def leads_to_a_person(model: type[models.Model], seen: frozenset[object] = frozenset()) -> bool:
    if model is User:
        return True
    return model not in seen and any(
        leads_to_a_person(key.remote_field.model, seen | {model}) for key in foreign_keys(model)
    )


PERSONAL = sorted(
    (m for m in apps.get_models(include_auto_created=True) if leads_to_a_person(m)),
    key=lambda model: model._meta.label,
)


def test_the_search_finds_tables_near_and_far() -> None:
    labels = {model._meta.label for model in PERSONAL}
    assert {"accounts.User", "account.EmailConfirmation", "labs.Grade", "roadmap.Response"} < labels
    assert "roadmap.Step" not in labels


@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model._meta.label)
def test_a_personal_table_is_in_an_export(member: User, model: type[models.Model]) -> None:
    if model.__name__ in IN_USERS:
        return
    assert model._meta.db_table in collect(member)


@pytest.mark.parametrize("model", PERSONAL, ids=lambda model: model._meta.label)
def test_a_personal_table_is_erased(model: type[models.Model]) -> None:
    """Named in an `erase`, or every way from it to a person deletes it with the person."""
    code = "".join(inspect.getsource(module) for module in privacy_modules())
    ways = [key for key in foreign_keys(model) if leads_to_a_person(key.remote_field.model)]
    cascades = all(key.remote_field.on_delete is models.CASCADE for key in ways)
    assert cascades or f"{model.__name__}." in code


def test_erasing_tells_what_is_gone_and_leaves_others_alone(member: User, ada: User) -> None:
    create_invite(email=member.email)
    create_invite(email="friend@example.org", created_by=member)
    create_invite(email="other@example.org", created_by=ada)
    gone = erase_account(user=member)
    assert gone == {"accounts_user": 1, "account_emailaddress": 1, "accounts_invite": 2}
    assert list(User.objects.all()) == [ada]
    assert [invite.email for invite in Invite.objects.all()] == ["other@example.org"]
