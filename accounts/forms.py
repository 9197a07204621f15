"""What a person may say about themselves."""

from typing import Any
from zoneinfo import available_timezones

from allauth.account import forms as allauth_forms
from allauth.core import context
from django import forms
from django.conf import settings
from django.utils.functional import lazy

from accounts.models import User
from accounts.services import find_accepted_invite

PHRASE = "delete my account"


def time_zones() -> list[tuple[str, str]]:
    """Zones named after a place, and UTC. Codes such as EST hide when the clocks change."""
    places = sorted(zone for zone in available_timezones() if "/" in zone and zone[:4] != "Etc/")
    return [("UTC", "UTC"), *((zone, zone.replace("_", " ")) for zone in places)]


class PreferenceForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    time_zone = forms.ChoiceField(choices=lazy(time_zones, list)())

    class Meta:
        model = User
        fields = ("name", "time_zone", "theme", "has_shortcuts")
        help_texts = {
            "name": "What the site calls you. Leave it empty to be called by your address.",
            "has_shortcuts": "Letters such as n and p move between lessons.",
        }


class ThemeForm(forms.Form):
    theme = forms.ChoiceField(choices=User.Theme.choices)


class DeletionForm(forms.Form):
    """Two proofs that the right person means it."""

    phrase = forms.CharField(
        label=f"Type “{PHRASE}”", widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    password = forms.CharField(
        strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_phrase(self) -> str:
        phrase = str(self.cleaned_data["phrase"])
        if phrase.casefold() != PHRASE:
            raise forms.ValidationError(f"You typed “{phrase}”. Type “{PHRASE}”.")
        return phrase

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        if not self.user.check_password(password):
            raise forms.ValidationError("That is not your password. Nothing was deleted.")
        return password


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]  # allauth has no types
    """The library's form. Where sign-up is by invite, it takes the invited address and no other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        email = self.fields["email"]
        email.help_text = (
            "You sign in with it. Nobody else sees it, and it gets no mail but about your account."
        )
        self.invite = find_accepted_invite(context.request.session)
        if self.invite:
            email.initial = self.invite.email
            email.widget.attrs["readonly"] = settings.SIGNUP != "open"

    def clean_email(self) -> str:
        email = str(super().clean_email())
        if self.invite and settings.SIGNUP != "open" and email != self.invite.email:
            raise forms.ValidationError(
                f"The invite is for {self.invite.email}. Sign up with that address."
            )
        return email
