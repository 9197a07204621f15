"""Forms of the labs, made from the `Ask` rows of an exercise."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.forms.boundfield import BoundField
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from labs.contract import Ask, Stage
from labs.models import LabRun

LONGEST_TEXT = 2_000  # characters, where an exercise names no limit
LINE = 200  # characters; longer texts get a box of several lines
LARGEST = 1e12  # where an exercise names no limit: JSON and every database hold it exactly
FEW = 5  # choices that stand open as radio buttons; more go into a select

NumberField = TypeVar("NumberField", forms.IntegerField, forms.FloatField)
BLANK = "Choose"
MISSING = "Fill this in."
WHOLE = "Write a whole number in digits, for example 12."
NUMBER = "Write a number in digits, for example 0.5."


def whole_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValidationError(
            "The text holds half of a character. Delete it and type it again.", code="surrogate"
        ) from None


def limits(ask: Ask) -> str:
    """The limits in words: "0 to 200 tokens". A text says its own."""
    if ask.kind == "text":
        return ""
    if ask.minimum is None and ask.maximum is None:
        return ask.unit
    if ask.maximum is None:
        return f"at least {ask.minimum:g} {ask.unit}".rstrip()
    if ask.minimum is None:
        return f"at most {ask.maximum:g} {ask.unit}".rstrip()
    return f"{ask.minimum:g} to {ask.maximum:g} {ask.unit}".rstrip()


class SiteWidget(forms.Widget):
    """A widget drawn by one of the site's own templates."""

    template_name: str

    def render(
        self,
        name: str,
        value: Any,
        attrs: dict[str, Any] | None = None,
        renderer: Any = None,
    ) -> SafeString:
        context = self.get_context(name, value, attrs)
        for part in context["widget"].get("subwidgets", []):
            part["flat"] = flatatt(part["attrs"])
        return SafeString(render_to_string(self.template_name, context))


class IntervalWidget(SiteWidget, forms.MultiWidget):
    template_name = "labs/_interval_widget.html"
    use_fieldset = True

    def decompress(self, value: Any) -> list[Any]:
        return list(value) if value else [None, None]


class OrderWidget(SiteWidget, forms.MultiWidget):
    template_name = "labs/_order_widget.html"
    use_fieldset = True

    def __init__(self, ask: Ask) -> None:
        self.rows = ask.choices
        places = [("", BLANK), *((str(n), str(n)) for n in range(1, len(ask.choices) + 1))]
        super().__init__([forms.Select(choices=places) for _ in ask.choices])

    def decompress(self, value: Any) -> list[Any]:
        return [None for _ in self.rows]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, (_, label) in zip(context["widget"]["subwidgets"], self.rows, strict=True):
            part["label"] = label
        return context


class CutsWidget(SiteWidget, forms.CheckboxSelectMultiple):
    template_name = "labs/_cuts_widget.html"

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        super().__init__()

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        gaps = [option for _, options, _ in context["widget"]["optgroups"] for option in options]
        context["widget"]["lang"] = self.ask.lang
        first, *rest = map(glyph, self.ask.text)
        context["widget"]["first"] = first
        context["widget"]["rest"] = list(zip(gaps, rest, strict=True))
        return context


class IntervalField(forms.MultiValueField):
    def __init__(self, ask: Ask, **kwargs: Any) -> None:
        ends = (float_field(ask), float_field(ask))
        super().__init__(ends, widget=IntervalWidget([end.widget for end in ends]), **kwargs)

    def compress(self, data_list: Any) -> list[float] | None:
        if not data_list:
            return None
        low, high = data_list
        if low > high:
            raise ValidationError(f"The low end, {low:g}, is above the high end, {high:g}.")
        return [low, high]


class OrderField(forms.MultiValueField):
    """One place per entry; the value is the entries in that order."""

    def __init__(self, ask: Ask, **kwargs: Any) -> None:
        self.keys = [key for key, _ in ask.choices]
        if order := list(kwargs.get("initial") or []):  # the widget wants one place per entry
            kwargs["initial"] = [order.index(key) + 1 for key in self.keys if key in order]
        places = [(str(n), str(n)) for n in range(1, len(self.keys) + 1)]
        wrong = {"invalid_choice": f"Each place is a number from 1 to {len(self.keys)}."}
        fields = [
            forms.TypedChoiceField(coerce=int, choices=places, error_messages=wrong)
            for _ in self.keys
        ]
        super().__init__(fields, widget=OrderWidget(ask), **kwargs)

    def compress(self, data_list: Any) -> list[str] | None:
        if not data_list:
            return None
        twice = sorted({place for place in data_list if data_list.count(place) > 1})
        if twice:
            raise ValidationError(
                f"More than one entry stands at place {twice[0]}. Give each its own place."
            )
        return [key for _, key in sorted(zip(data_list, self.keys, strict=True))]


class CutsField(forms.TypedMultipleChoiceField):
    """Cuts between the characters of a text, as UTF-8 byte offsets in rising order."""

    def __init__(self, ask: Ask, **kwargs: Any) -> None:
        kwargs["required"] = False  # no cut at all is an answer
        kwargs["error_messages"] = {
            "invalid_choice": "A cut lies outside the text. Tick the boxes between its characters.",
            "invalid_list": "Tick the boxes between the characters.",
        }
        super().__init__(
            coerce=int, choices=gaps(ask.text), widget=CutsWidget(ask), empty_value=[], **kwargs
        )

    def clean(self, value: Any) -> list[int]:
        return sorted(set(super().clean(value)))


def glyph(letter: str) -> str:
    """A character as it stands between two boxes: what has no shape gets a name."""
    shape = {" ": "␣", "\n": "⏎", "\t": "⇥"}.get(letter, letter)
    return shape if shape.isprintable() else f"⟨U+{ord(letter):04X}⟩"


def gaps(text: str) -> list[tuple[str, str]]:
    offset, found = 0, []
    for before, after in pairwise(text):
        offset += len(before.encode(errors="surrogatepass"))
        found.append((str(offset), f"Cut between {glyph(before)} and {glyph(after)}"))
    return found


def float_field(ask: Ask, **kwargs: Any) -> forms.FloatField:
    step = "any" if ask.step is None else f"{ask.step:g}"
    widget = forms.NumberInput(attrs={"step": step, "inputmode": "decimal"})
    field = forms.FloatField(widget=widget, error_messages=number_messages(ask, NUMBER), **kwargs)
    return within(field, ask)


def integer_field(ask: Ask, **kwargs: Any) -> forms.IntegerField:
    widget = forms.NumberInput(attrs={"inputmode": "numeric"})
    field = forms.IntegerField(widget=widget, error_messages=number_messages(ask, WHOLE), **kwargs)
    return within(field, ask)


def within(field: NumberField, ask: Ask) -> NumberField:
    """Hold a number between its limits; the browser is told only those the exercise named."""
    low = -LARGEST if ask.minimum is None else ask.minimum
    high = LARGEST if ask.maximum is None else ask.maximum
    field.validators += [MinValueValidator(low), MaxValueValidator(high)]
    named = {"min": ask.minimum, "max": ask.maximum}
    field.widget.attrs |= {name: f"{end:g}" for name, end in named.items() if end is not None}
    return field


def number_messages(ask: Ask, invalid: str) -> dict[str, str]:
    unit = ask.unit.replace("%", "%%")  # these are formats
    return {
        "required": MISSING,
        "invalid": invalid,
        "min_value": f"Too low: the least is %(limit_value)g {unit}".rstrip() + ".",
        "max_value": f"Too high: the most is %(limit_value)g {unit}".rstrip() + ".",
    }


def choice_field(ask: Ask, **kwargs: Any) -> forms.ChoiceField:
    choices: list[tuple[str, str]] = list(ask.choices)
    messages = {"required": "Choose one.", "invalid_choice": "Choose one of the entries shown."}
    if len(choices) <= FEW:
        return forms.ChoiceField(
            choices=choices, widget=forms.RadioSelect, error_messages=messages, **kwargs
        )
    empty = [] if kwargs.get("initial") and kwargs["required"] else [("", BLANK)]
    return forms.ChoiceField(choices=[*empty, *choices], error_messages=messages, **kwargs)


def text_field(ask: Ask, **kwargs: Any) -> forms.CharField:
    longest = int(ask.maximum or LONGEST_TEXT)
    box = forms.TextInput() if longest <= LINE else forms.Textarea({"rows": 2})
    box.attrs |= {"autocomplete": "off", "spellcheck": "false"}
    return forms.CharField(
        max_length=longest,
        strip=False,  # a space in front is often the point of the exercise
        validators=[whole_characters],
        widget=box,
        error_messages={
            "required": MISSING,
            "max_length": "Too long: %(show_value)d characters; the most is %(limit_value)d.",
            "null_characters_not_allowed": "Remove the invisible null character.",
        },
        **kwargs,
    )


def flag_field(ask: Ask, **kwargs: Any) -> forms.BooleanField:
    return forms.BooleanField(**{**kwargs, "required": False})


def several(field: Callable[..., forms.Field]) -> Callable[..., forms.Field]:
    def build(ask: Ask, **kwargs: Any) -> forms.Field:
        messages = {"required": "Fill in every part."}
        return field(ask, error_messages=messages, **kwargs)

    return build


FIELDS: dict[str, Callable[..., forms.Field]] = {
    "integer": integer_field,
    "number": float_field,
    "interval": several(IntervalField),
    "choice": choice_field,
    "flag": flag_field,
    "text": text_field,
    "cuts": CutsField,
    "order": several(OrderField),
}


class Group(NamedTuple):
    """Fields that stand under one heading, and the line beside it."""

    heading: str
    about: str
    fields: list[BoundField]


class StageForm(forms.Form):
    """The form of one stage. Its `answer` is the nested dictionary the services take."""

    def __init__(
        self,
        stage: Stage,
        asks: Sequence[Ask],
        data: Mapping[str, Any] | None = None,
        *,
        before: Mapping[str, Any] | None = None,
    ) -> None:
        """Build the fields; `before` is an earlier answer of the same stage to start from."""
        super().__init__(data, prefix=stage)
        self.asks = {ask.name: ask for ask in asks}
        for ask in asks:
            self.fields[ask.name] = FIELDS[ask.kind](
                ask,
                label=ask.label,
                help_text=limits(ask) if ask.help is None else ask.help,
                required=ask.required,
                initial=dig(before, ask.name, ask.initial),
            )

    @property
    def groups(self) -> Iterable[Group]:
        """Fields under their headings, in the order of the exercise."""
        found: dict[str, Group] = {}
        for name, ask in self.asks.items():
            group = found.setdefault(ask.group, Group(ask.group, ask.group_help, []))
            group.fields.append(self[name])
        return found.values()

    @property
    def answer(self) -> dict[str, Any]:
        """What was answered. A field left empty is left out, so that its default holds."""
        nested: dict[str, Any] = {}
        for name in self.asks:
            value = self.cleaned_data.get(name)
            if value is None or value == "":
                continue
            *path, last = name.split(".")
            place = nested
            for step in path:
                place = place.setdefault(step, {})
            place[last] = value
        return nested

    def add_problems(self, errors: Mapping[str, Sequence[str]]) -> None:
        """Put what a service found wrong, by "stage.field name", beside the field it is about."""
        for place, sentences in errors.items():
            stage, _, name = place.partition(".")
            if stage == self.prefix:
                self.add_error(self.nearest(name), list(sentences))

    def nearest(self, name: str) -> str | None:
        """The field that a place lies in: `order.2` is part of `order`. None: the whole form."""
        while name and name not in self.fields:
            name = name.rpartition(".")[0]
        return name or None


def dig(answer: Mapping[str, Any] | None, name: str, default: Any = None) -> Any:
    """The value at a dotted name of a nested answer."""
    value: Any = answer
    for step in name.split("."):
        if not isinstance(value, Mapping) or step not in value:
            return default
        value = value[step]
    return value


class RunKeyForm(forms.Form):
    """What comes with every run: which kind, and the key that makes a double click one run."""

    purpose = forms.ChoiceField(
        choices=LabRun.Purpose.choices,
        required=False,
        error_messages={"invalid_choice": "A run explores or is submitted. Press either button."},
    )
    idem_key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid4,
        error_messages={
            "required": "The form came without its key. Press the button again.",
            "invalid": "The form's key was damaged. Press the button again.",
        },
    )

    def clean_purpose(self) -> str:
        """The keyboard shortcut names no purpose; exploring costs least."""
        return self.cleaned_data["purpose"] or LabRun.Purpose.EXPLORE


class NoteForm(forms.Form):
    """One free sentence beside the transfer question."""

    note = forms.CharField(
        label="In your own words: what surprised you?",
        help_text="One sentence. It is not graded.",
        required=False,
        max_length=500,
        validators=[whole_characters],
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"null_characters_not_allowed": "Remove the invisible null character."},
    )
