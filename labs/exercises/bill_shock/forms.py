"""The forms of bill-shock: three intervals, then the pipeline in the order it is applied."""

from collections.abc import Mapping
from typing import Any

from labs.contract import Ask, Stage
from labs.exercises.bill_shock.nested import FORMATS, ORDERS
from labs.exercises.bill_shock.parts import Given

PREDICTED = {"json2": "JSON with indent 2", "compact": "Compact JSON", "csv": "CSV"}
WRITTEN = (
    ("json4", "JSON, indent 4"),
    ("json2", "JSON, indent 2"),
    ("json0", "JSON, line ends but no indent"),
    ("compact", "JSON, compact"),
    ("csv", "CSV: one record per line, commas"),
    ("tsv", "TSV: one record per line, tabs"),
    ("columns", "Columns: one column per line, commas"),
)
BOOLEANS = (
    ("words", "true and false"),
    ("digits", "0 and 1"),
    ("default", "0 and 1, the commoner one left out"),
)
NUMBERS = (("plain", "plain: 1234.5678"), ("exponent", "with an exponent: 1.2345678e+3"))
SWITCHES = {
    "lossy.drop_nulls": ("Write nothing for null and for empty text", "Fewer cells to pay for."),
    "lossy.round_floats": ("Round floats to one decimal", "Every digit costs a token."),
    "lossy.trim_zeros": ("Trim leading zeros", "000417 becomes 417."),
    "pack": ("Compress with gzip, then base64", "The shortest text of all."),
}


def asks(stage: Stage, given: Mapping[str, Any]) -> tuple[Ask, ...]:
    drawn = Given.model_validate(given)
    if stage == "prediction":
        return tuple(interval(name, label) for name, label in PREDICTED.items())
    if stage == "controls":
        return (*layout_asks(drawn), *value_asks(), *switch_asks(), vocabulary_ask())
    return transfer_asks(drawn.lines) if stage == "transfer" else ()


def interval(name: str, label: str) -> Ask:
    return Ask(
        name=name,
        label=label,
        kind="interval",
        help="",
        group="Tokens in tekken of the 50 users in the shown payload",
        group_help="Be 80 % sure that each count lies between your two numbers.",
        unit="tokens",
        minimum=0,
        maximum=100_000,
        step=1,
    )


def layout_asks(given: Given) -> tuple[Ask, ...]:
    columns = ", ".join(f"{name} ({about})" for name, about in given.columns.items())
    return (
        choice("format", "Format", WRITTEN, "Every format can carry these records."),
        Ask(
            name="key_map",
            label="Key map",
            kind="text",
            help="Entries old=new, separated by commas. Names that a payload lacks are skipped. "
            f"The graded payload has the columns {columns}.",
            maximum=600,
            required=False,
            initial="",
            group="Layout",
        ),
        Ask(
            name="first_columns",
            label="Columns to put first",
            kind="text",
            help="Names separated by commas; the rest follow in their own order.",
            maximum=400,
            required=False,
            initial="",
            group="Layout",
        ),
        flag("lift_constants", "Lift constant columns into a header line", "Layout", "Said once."),
    )


def value_asks() -> tuple[Ask, ...]:
    return (
        choice(
            "booleans",
            "Booleans",
            BOOLEANS,
            "A table declares them by a mark in its header; JSON has no such place.",
        ),
        choice("numbers", "Numbers with a fraction", NUMBERS, "Both keep every digit."),
    )


def switch_asks() -> tuple[Ask, ...]:
    return tuple(
        flag(name, label, "Tempting switches", about) for name, (label, about) in SWITCHES.items()
    )


def vocabulary_ask() -> Ask:
    slugs = (("tekken", "tekken"), ("spm32k", "spm32k"))
    about = "The graded run counts in both, whatever is shown here."
    return choice("vocabulary", "Vocabulary of the ledger", slugs, about, group="View")


def transfer_asks(lines: int) -> tuple[Ask, ...]:
    each = "one item" if lines == 1 else f"{lines} items"
    return (
        Ask(
            name="order",
            label=f"{ORDERS} orders with {each} each: rank the formats, the cheapest first",
            kind="order",
            help="An order has a number, a customer, a city, a date and a list of items; an item "
            "has a name and a quantity. The ranking is the same in both vocabularies.",
            choices=tuple(FORMATS.items()),
        ),
    )


def choice(
    name: str, label: str, choices: tuple[tuple[str, str], ...], about: str, group: str = ""
) -> Ask:
    where = group or ("Layout" if name == "format" else "Values")
    return Ask(
        name=name,
        label=label,
        kind="choice",
        help=about,
        choices=choices,
        initial=choices[1][0] if name == "format" else choices[0][0],
        group=where,
    )


def flag(name: str, label: str, group: str, about: str) -> Ask:
    return Ask(
        name=name, label=label, kind="flag", help=about, required=False, initial=False, group=group
    )
