"""Counts what a payload costs, part by part, and whether it survived the trip."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from labs.exercises.bill_shock.parts import PARTS, Bill, Controls
from labs.exercises.bill_shock.payloads import Row
from labs.exercises.bill_shock.reading import first_difference, read
from labs.exercises.bill_shock.writing import Fragment, joined, written
from labs.runtime import Runtime, Tokenizer

VOCABULARIES = ("tekken", "spm32k")
BASELINE = Controls(format="json2")
Ledger = Counter[str]  # tokens by part


def bill_of(rows: Sequence[Row], controls: Controls, runtime: Runtime) -> Bill:
    fragments, before = written(rows, controls), joined(written(rows, BASELINE))
    text = joined(fragments)
    ledgers = {slug: ledger_of(fragments, runtime.tokenizer(slug)) for slug in VOCABULARIES}
    tokens = {slug: ledger.total() for slug, ledger in ledgers.items()}
    baseline = {slug: len(runtime.tokenizer(slug).encode(before)) for slug in VOCABULARIES}
    difference = difference_after(rows, text, controls)
    return Bill(
        tokens=tokens,
        baseline=baseline,
        ratio={slug: round(n / baseline[slug], 6) for slug, n in tokens.items()},
        equal=not difference,
        first_diff=difference,
        literal_share=round(literal_share(rows, text), 6),
        largest={slug: ledger.most_common(1)[0][0] for slug, ledger in ledgers.items()},
    )


def difference_after(rows: Sequence[Row], text: str, controls: Controls) -> str:
    try:
        return first_difference(rows, read(text, controls))
    except (ValueError, KeyError) as error:
        return f"the text cannot be read back ({error})"


def ledger_of(fragments: Sequence[Fragment], tokenizer: Tokenizer) -> Ledger:
    """Each token is billed to the part that most of its bytes belong to."""
    parts = b"".join(
        bytes([PARTS.index(fragment.part)]) * len(fragment.text.encode()) for fragment in fragments
    )  # one byte per byte of the text
    ledger: Ledger = Counter()
    for start, end in tokenizer.encode(joined(fragments)).spans:
        owners = parts[start:end]
        # The space that `spm32k` puts in front belongs to no byte.
        owner = min(set(owners), key=lambda part: (-owners.count(part), part)) if owners else 3
        ledger[PARTS[owner]] += 1
    return ledger


def literal_share(rows: Sequence[Row], text: str) -> float:
    """Share of the values that stand in the text as they are, 0 to 1.

    Flags, nulls and empty texts are exempt: tables may say them by a mark or by nothing.
    """
    seen = text.replace('""', '"').replace('\\"', '"')
    values = [literal(value) for row in rows for value in row.values() if must_show(value)]
    found = {value for value in set(values) if stands_in(value, seen)}
    return sum(value in found for value in values) / len(values) if values else 1.0


def must_show(value: Any) -> bool:
    return not isinstance(value, bool) and value not in (None, "")


def literal(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def stands_in(value: str, text: str) -> bool:
    """Whether the value stands there on its own: 12 is not in 2012."""
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None
