"""Requirements on several rows at once: a crossing, a noisy regime, a gap between twins."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pebble.abilities import LISTS, NOISE

Shares = Mapping[str, float]  # row id -> measured share, 0 to 1


@dataclass(frozen=True, slots=True)
class Finding:
    text: str
    found: str
    target: str
    met: bool


def findings(member: str, shares: Shares, clean: Shares | None) -> list[dict[str, Any]]:
    """Judge what takes more than one row. `clean` holds the rows of the other twin, if known."""
    if member == "pebble-reason":
        found = [noisy_regime(shares)]
    elif member == "pebble-recall":
        found = [crossing(shares), fall(shares)]
    elif member == "pebble-twin-leak" and clean:
        found = [twin_gap(shares, clean)]
    else:
        found = []
    return [asdict(finding) for finding in found]


def noisy_regime(shares: Shares) -> Finding:
    """Look for a temperature that makes one answer doubtful and a vote of nine safe."""
    fitting = [
        f"T {t}: {shares[f't{t}-votes1']:.3f} and {shares[f't{t}-votes9']:.3f}"
        for t in NOISE
        if 0.50 <= shares[f"t{t}-votes1"] <= 0.75 and shares[f"t{t}-votes9"] >= 0.93
    ]
    target = "some T up to 2 with 0.50 to 0.75 alone and at least 0.93 by nine votes"
    return Finding("Noisy regime", "; ".join(fitting) or "none", target, bool(fitting))


def effective_window(shares: Shares) -> int:
    """Give the longest measured list up to which recall never falls below 0.90."""
    window = 0
    for length in LISTS:
        if shares[f"pairs{length}"] < 0.90:
            break
        window = length
    return window


def crossing(shares: Shares) -> Finding:
    window = effective_window(shares)
    target = "between 6 and 32 pairs"
    return Finding("Longest list with recall of 0.90", f"{window} pairs", target, 6 <= window <= 32)


def fall(shares: Shares) -> Finding:
    """Measure how steep the fall is behind the window."""
    window = effective_window(shares)
    later = shares.get(f"pairs{window + 4}")
    if later is None:
        return Finding(
            "Fall within the next 4 pairs", "not measured", "at least 10 points", met=False
        )
    points = 100 * (shares[f"pairs{window}"] - later)
    return Finding(
        "Fall within the next 4 pairs", f"{points:.1f} points", "at least 10 points", points >= 10
    )


def twin_gap(leak: Shares, clean: Shares) -> Finding:
    points = 100 * (clean["digits3"] - leak["digits3"])
    met = 5 <= points <= 12
    return Finding(
        "Fresh sums, below the clean twin", f"{points:.1f} points", "5 to 12 points", met
    )
