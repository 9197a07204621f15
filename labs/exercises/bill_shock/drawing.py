"""Draws a try of bill-shock, and the submissions that must pass and fail."""

import numpy as np

from labs.contract import Calibration, Mutant, Reference
from labs.exercises.bill_shock.nested import CHEAPEST_FIRST
from labs.exercises.bill_shock.parts import Controls, Given, Key
from labs.exercises.bill_shock.payloads import COLUMNS

BEST = Controls(
    format="csv",
    key_map=", ".join(f"{name}={name[0]}{place}" for place, name in enumerate(COLUMNS)),
    lift_constants=True,
    booleans="default",
)
ONE_LETTER = ", ".join(f"{name}={chr(97 + n)}" for n, name in enumerate(COLUMNS))
MISCONCEPTIONS = {
    "ratio": "fundamentals:four-chars",
    "equal": "fundamentals:compact-lossless",
    "readable": "fundamentals:compact-lossless",
}
COLLISION = "order_number=a, customer=a"


def instance(seed: int, cal: Calibration) -> tuple[Given, Key]:
    """The graded payload is drawn by the run; the key holds no more than its seed."""
    rng = np.random.default_rng(seed)
    lines = list(CHEAPEST_FIRST)[int(rng.integers(len(CHEAPEST_FIRST)))]
    return Given(columns=COLUMNS, lines=lines), Key(seed=int(rng.integers(2**53)))


def reference(given: Given, key: Key, cal: Calibration) -> Reference:
    return Reference(
        prediction={"json2": [2_100, 2_300], "compact": [1_400, 1_600], "csv": [850, 950]},
        controls=BEST.model_dump(),
        transfer={"order": list(CHEAPEST_FIRST[given.lines])},
    )


def mutants(given: Given, key: Key, cal: Calibration) -> list[Mutant]:
    compact = Controls(format="compact")
    wrong = [
        ("compact JSON only", "ratio", compact),
        ("compact JSON with one-letter keys", "ratio", with_(compact, key_map=ONE_LETTER)),
        ("nulls dropped", "equal", lossy(drop_nulls=True)),
        ("floats rounded", "equal", lossy(round_floats=True)),
        ("leading zeros trimmed", "equal", lossy(trim_zeros=True)),
        ("gzip and base64", "readable", with_(BEST, pack=True)),
        ("two keys mapped to one name", "equal", with_(BEST, key_map=COLLISION)),
    ]
    return [
        Mutant(
            name=name,
            check=check,
            misconception=MISCONCEPTIONS[check],
            controls=controls.model_dump(),
        )
        for name, check, controls in wrong
    ]


def with_(controls: Controls, **changes: object) -> Controls:
    return Controls.model_validate(controls.model_dump() | changes)


def lossy(**switches: bool) -> Controls:
    return with_(BEST, lossy=switches)
