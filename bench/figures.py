"""What the benchmarks share: shares of a sample, and a table a person can read."""

from collections.abc import Sequence

import numpy as np

Row = tuple[str, ...]


def p(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the sample does not pass."""
    return float(np.quantile(values, share, method="higher"))


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def table(title: str, head: Row, rows: Sequence[Row]) -> None:
    """Print one table, columns aligned."""
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    print(f"\n{title}")
    for row in (head, *rows):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))
