"""What goes into bill-shock and what comes out."""

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator

from labs.contract import Params, Part, Result
from labs.exercises.bill_shock.payloads import COLUMNS, SHOWN_COLUMNS
from labs.runtime.strips import Strip, Vocabulary

KNOWN = (*SHOWN_COLUMNS, *COLUMNS)
NEW_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,39}")
# Named after what it is; a table has one record per line, `columns` one column per line.
Format = Literal["json4", "json2", "json0", "compact", "csv", "tsv", "columns"]
TABLES = ("csv", "tsv", "columns")
PARTS = ("values", "keys", "punctuation", "whitespace", "packed")

Tokens = Annotated[float, Field(ge=0, le=100_000)]


class Prediction(Part):
    """80 % intervals, in `tekken` tokens of the shown payload."""

    json2: tuple[Tokens, Tokens]
    compact: tuple[Tokens, Tokens]
    csv: tuple[Tokens, Tokens]


class Lossy(Part):
    drop_nulls: bool = False
    round_floats: bool = False
    trim_zeros: bool = False


class Controls(Part):
    format: Format = "json2"
    key_map: str = Field("", max_length=600)
    first_columns: str = Field("", max_length=400)
    lift_constants: bool = False
    booleans: Literal["words", "digits", "default"] = "words"
    numbers: Literal["plain", "exponent"] = "plain"
    lossy: Lossy = Lossy()
    pack: bool = False  # gzip, then base64
    vocabulary: Literal["tekken", "spm32k"] = "tekken"  # of the ledger and the strips

    @field_validator("key_map")
    @classmethod
    def has_known_names(cls, text: str) -> str:
        renames(text)
        return text

    @field_validator("first_columns")
    @classmethod
    def names_columns(cls, text: str) -> str:
        for name in listed(text):
            require_known(name)
        return text


class Given(Part):
    columns: dict[str, str]  # of the graded payload: name → what stands in it
    lines: int  # items per order of the payload whose formats are ranked


class Key(Part):
    seed: int  # of the graded payload


class BillParams(Params):
    prediction: Prediction
    controls: Controls = Controls()
    given: Given
    key: Key


class Entry(Part):
    """One line of the ledger: tokens of one part of the text."""

    part: str
    before: int
    after: int


class Bill(Part):
    """What one payload costs and whether it survived."""

    tokens: dict[str, int]  # by vocabulary
    baseline: dict[str, int]  # JSON with indent 2
    ratio: dict[str, float]
    equal: bool
    first_diff: str  # empty when equal
    literal_share: float  # 0 to 1, of the values that have to be readable
    largest: dict[str, str]  # the part that costs most, by vocabulary


class Shown(Part):
    records: int
    bill: Bill
    vocabulary: Vocabulary
    ledger: list[Entry]
    before: Strip  # the first lines
    after: Strip
    sample: str  # the start of the new text


class Hidden(Part):
    bill: Bill
    predicted: dict[str, int]  # tekken tokens of the shown payload, by format


class BillResult(Result):
    shown: Shown
    hidden: Hidden


def renames(text: str) -> dict[str, str]:
    """The key map: old name → new name.

    Raises:
        ValueError: a sentence for the learner.
    """
    found: dict[str, str] = {}
    for entry in listed(text):
        old, equals, new = (word.strip() for word in entry.partition("="))
        if not equals:
            raise ValueError(f"Write each entry as old=new; “{entry}” has no equals sign.")
        require_known(old)
        if old in found:
            raise ValueError(f"“{old}” is renamed twice. Keep one of the two entries.")
        if not NEW_NAME.fullmatch(new):
            raise ValueError(
                f"“{new}” cannot be a name. Use up to 40 letters, digits and underscores, "
                "and start with a letter or an underscore."
            )
        found[old] = new
    return found


def listed(text: str) -> list[str]:
    """The entries of a text, split at commas and line ends; empty ones are left out."""
    return [entry.strip() for entry in re.split(r"[,\n]", text) if entry.strip()]


def require_known(name: str) -> None:
    if name not in KNOWN:
        raise ValueError(f"No column is called “{name}”. There are: {', '.join(KNOWN)}.")
