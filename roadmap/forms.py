"""Answers as a browser sends them: option tokens and typed text in, payloads with ids out."""

import math
import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.datastructures import MultiValueDict

from roadmap.drawing import Asked, Choice
from roadmap.models import Activity, Response

NUMBER = re.compile(
    r"[+-]?(?=[\d.])(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?(e[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE
)
SPACES = str.maketrans("", "", " \u00a0\u2009\u202f")
STRANGE = "That is not one of the choices. Pick one that the page shows."

Data = MultiValueDict[str, str]


class NumberField(forms.CharField):
    """A number as people type it: 1,250 or 1 250 or 1.5e3, with or without its unit."""

    def __init__(self, *, unit: str = "", **kwargs: Any) -> None:
        super().__init__(max_length=60, **kwargs)
        self.unit = unit
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "spellcheck": "false"}

    def clean(self, value: Any) -> float:
        text = super().clean(value).strip()
        if self.unit and text.casefold().endswith(self.unit.casefold()):
            text = text[: -len(self.unit)]
        text = text.translate(SPACES).replace("\u2212", "-")
        if not NUMBER.fullmatch(text):
            raise ValidationError(f"“{value}” is not a number. Write it like 1250 or 0.75.")
        number = float(text.replace(",", ""))
        if not math.isfinite(number):
            raise ValidationError(f"“{value}” is too large. Write a smaller number.")
        return number


class AnswerForm(forms.Form):
    """The answer to one question. `payload` is what is stored; each type has a subclass."""

    use_required_attribute = False  # the server's sentence says more than the browser's bubble
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, asked: Asked, data: Data | None = None, *, version: int | None = None, name: str = "a"
    ) -> None:
        """Build the form of a question.

        Args:
            asked: the question as the learner sees it.
            data: what was sent, or nothing.
            version: the question version of an inline check, which may change under a reader;
                an item of an attempt is pinned and needs none.
            name: starts the ids of the controls, for pages with several forms.
        """
        super().__init__(data, auto_id=f"{name}-%s", initial={"version": version})
        self.asked, self.live_version = asked, version
        if version is None:
            del self.fields["version"]
        self.add_fields()

    def add_fields(self) -> None:
        raise NotImplementedError

    @property
    def payload(self) -> dict[str, Any]:
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        if self.live_version and self.cleaned_data.get("version") != self.live_version:
            raise ValidationError(
                "The question has changed since you opened the page. This is the new one: "
                "please answer again."
            )
        return self.cleaned_data

    @property
    def picked(self) -> set[str]:
        """The tokens or numbers that were sent, right or not, so that the page keeps them."""
        if not isinstance(self.data, MultiValueDict):
            return set()
        return {value for values in self.data.lists() for value in values[1]}

    def ids(self, choices: tuple[Choice, ...]) -> dict[str, str]:
        return {choice.token: choice.id for choice in choices}

    @property
    def rows(self) -> list[tuple[Choice, BoundField]]:
        """What is placed or paired, each with its control."""
        return []


def pick(choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    return [(choice.token, choice.text) for choice in choices]


class SingleForm(AnswerForm):
    def add_fields(self) -> None:
        self.fields["choice"] = forms.ChoiceField(
            label="Your answer",
            choices=pick(self.asked.choices),
            widget=forms.RadioSelect,
            error_messages={"required": "Choose one of the options.", "invalid_choice": STRANGE},
        )

    @property
    def payload(self) -> dict[str, Any]:
        return {"choice": self.ids(self.asked.choices)[self.cleaned_data["choice"]]}


class MultipleForm(AnswerForm):
    def add_fields(self) -> None:
        self.fields["choices"] = forms.MultipleChoiceField(
            label="Your answer",
            choices=pick(self.asked.choices),
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": "Choose at least one option.",
                "invalid_choice": STRANGE,
                "invalid_list": STRANGE,
            },
        )

    @property
    def payload(self) -> dict[str, Any]:
        ids = self.ids(self.asked.choices)
        return {"choices": sorted({ids[token] for token in self.cleaned_data["choices"]})}


class NumericForm(AnswerForm):
    def add_fields(self) -> None:
        unit = self.asked.unit
        self.fields["value"] = NumberField(
            unit=unit,
            label=f"Your answer, in {unit}" if unit else "Your answer",
            error_messages={"required": "Write a number. A guess is fine."},
        )

    @property
    def payload(self) -> dict[str, Any]:
        return {"value": self.cleaned_data["value"]}


class OrderForm(AnswerForm):
    def add_fields(self) -> None:
        places = [(str(i), str(i)) for i in range(1, len(self.asked.choices) + 1)]
        for choice in self.asked.choices:
            self.fields[choice.token] = forms.ChoiceField(
                label=f"Place of “{choice.text}”",
                choices=[("", "Place"), *places],
                error_messages={"required": "Give this a place.", "invalid_choice": STRANGE},
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        taken: dict[str, str] = {}
        for choice in self.asked.choices:
            place = cleaned.get(choice.token)
            if place and place in taken:
                self.add_error(
                    choice.token,
                    f"Place {place} is already taken by “{taken[place]}”. Give each its own.",
                )
            elif place:
                taken[place] = choice.text
        return cleaned

    @property
    def payload(self) -> dict[str, Any]:
        ids = self.ids(self.asked.choices)
        by_place = sorted(ids, key=lambda token: int(self.cleaned_data[token]))
        return {"order": [ids[token] for token in by_place]}

    @property
    def rows(self) -> list[tuple[Choice, BoundField]]:
        return [(choice, self[choice.token]) for choice in self.asked.choices]


class MatchForm(AnswerForm):
    def add_fields(self) -> None:
        for left in self.asked.lefts:
            self.fields[left.token] = forms.ChoiceField(
                label=f"Goes with “{left.text}”",
                choices=[("", "Choose"), *pick(self.asked.choices)],
                error_messages={
                    "required": "Choose what goes with this.",
                    "invalid_choice": STRANGE,
                },
            )

    @property
    def payload(self) -> dict[str, Any]:
        ids = self.ids(self.asked.choices)
        lefts = self.asked.lefts
        return {"pairs": {left.id: ids[self.cleaned_data[left.token]] for left in lefts}}

    @property
    def rows(self) -> list[tuple[Choice, BoundField]]:
        return [(left, self[left.token]) for left in self.asked.lefts]


class ClozeForm(AnswerForm):
    def add_fields(self) -> None:
        for blank in self.asked.blanks:
            self.fields[f"blank-{blank}"] = forms.CharField(
                label=f"Blank {blank}",
                max_length=200,
                widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
                error_messages={"required": "Fill in this blank. A guess is fine."},
            )

    @property
    def payload(self) -> dict[str, Any]:
        blanks = self.asked.blanks
        return {"blanks": {blank: self.cleaned_data[f"blank-{blank}"] for blank in blanks}}


class PredictForm(AnswerForm):
    def add_fields(self) -> None:
        self.fields["text"] = forms.CharField(
            label="Your prediction, exactly as it would appear",
            max_length=4000,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 4, "class": "mono", "spellcheck": "false"}),
            error_messages={"required": "Write what you expect. A guess is fine."},
        )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise ValidationError("These are only spaces. Write what you expect.")
        return text

    @property
    def payload(self) -> dict[str, Any]:
        return {"text": self.cleaned_data["text"]}


class MarkForm(AnswerForm):
    def add_fields(self) -> None:
        self.fields["tokens"] = forms.MultipleChoiceField(
            label="Your answer",
            choices=[(str(i), piece) for i, piece in enumerate(self.asked.pieces)],
            widget=forms.CheckboxSelectMultiple,
            error_messages={
                "required": "Mark at least one token.",
                "invalid_choice": STRANGE,
                "invalid_list": STRANGE,
            },
        )

    @property
    def payload(self) -> dict[str, Any]:
        return {"tokens": sorted({int(index) for index in self.cleaned_data["tokens"]})}

    @property
    def pieces(self) -> list[tuple[str, str, str]]:
        """Index, the piece with its outer spaces visible, and its name for a screen reader."""
        return [
            (str(i), piece.replace(" ", "␣"), f"Token {i + 1}: {piece.replace(' ', 'space ')}")
            for i, piece in enumerate(self.asked.pieces)
        ]


FORMS: dict[str, type[AnswerForm]] = {
    "single": SingleForm,
    "multiple": MultipleForm,
    "numeric": NumericForm,
    "order": OrderForm,
    "match": MatchForm,
    "cloze": ClozeForm,
    "predict": PredictForm,
    "mark": MarkForm,
}


def answer_form(asked: Asked, data: Data | None = None, **options: Any) -> AnswerForm:
    return FORMS[asked.kind](asked, data, **options)


def typed(asked: Asked, payload: dict[str, Any]) -> Data:
    """A stored answer as the browser once sent it, to fill the form again."""
    tokens = {choice.id: choice.token for choice in asked.choices}
    lefts = {left.id: left.token for left in asked.lefts}
    data: Data = MultiValueDict()
    for name in ("value", "text"):
        if name in payload:
            data[name] = str(payload[name])
    if "choice" in payload:
        data["choice"] = tokens[payload["choice"]]
    data.setlist("choices", [tokens[name] for name in payload.get("choices", [])])
    data.setlist("tokens", [str(index) for index in payload.get("tokens", [])])
    for place, name in enumerate(payload.get("order", []), start=1):
        data[tokens[name]] = str(place)
    for left, right in payload.get("pairs", {}).items():
        data[lefts[left]] = tokens[right]
    for blank, text in payload.get("blanks", {}).items():
        data[f"blank-{blank}"] = text
    return data


class ConfidenceForm(forms.Form):
    """How sure a learner is. Optional, and never part of the score."""

    confidence = forms.ChoiceField(
        label="How sure are you?",
        choices=Response.Confidence.choices,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": STRANGE},
    )


class ReadForm(forms.Form):
    """How far a reader came: a heading of this lesson, and whether it was the end."""

    done = forms.BooleanField(required=False)

    def __init__(self, lesson: Activity, data: Data | None = None, *, place: str = "") -> None:
        super().__init__(data, initial={"place": place})
        toc = lesson.live_lesson.content.get("toc", []) if lesson.live_lesson else []
        self.fields["place"] = forms.ChoiceField(
            label="Where you stopped",
            choices=[("", "The start"), *((line["id"], line["text"]) for line in toc)],
            required=False,
            error_messages={
                "invalid_choice": "This lesson has no such heading. Pick one of the list."
            },
        )


class FinishForm(forms.Form):
    """`sure` says that the learner has seen which questions are left out."""

    sure = forms.BooleanField(required=False)
