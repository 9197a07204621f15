from typing import Any

import django.contrib.auth.admin  # noqa: F401  registers Group
from allauth.account.admin import EmailAddress
from allauth.account.decorators import secure_admin_login
from allauth.mfa.admin import Authenticator
from allauth.usersessions.admin import UserSession
from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from accounts.forms import time_zones
from accounts.models import Invite, User

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it

# Groups are fixed by a migration. The rest holds secrets, or is its owner's to change. The names
# come from where they are registered, so that they are by the time this runs.
admin.site.unregister([Group, EmailAddress, Authenticator, UserSession])


class StaffAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold has no types
    """A table that every member of staff may look at and, unless it says so, nobody changes."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return may_administer(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_administer(request)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def may_administer(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_staff


class UserForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    time_zone = forms.ChoiceField(choices=time_zones)


@admin.register(User)
class UserAdmin(StaffAdmin):
    form = UserForm
    list_display = ("email", "name", "is_active", "is_staff", "is_demo", "last_login")
    list_filter = ("is_active", "is_staff", "is_demo", "groups")
    search_fields = ("email", "name")
    ordering = ("email",)
    fields = (
        *("email", "name", "time_zone", "is_active", "is_staff", "groups"),
        *("is_demo", "date_joined", "last_login"),
    )
    readonly_fields = ("email", "is_demo", "date_joined", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_administer(request)


@admin.register(Invite)
class InviteAdmin(StaffAdmin):
    list_display = ("email", "created_at", "expires_at", "used_at")
    fields = ("email", "created_by", "created_at", "expires_at", "used_at")
    search_fields = ("email",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """An invite that went to the wrong person is taken back by deleting it."""
        return may_administer(request)
