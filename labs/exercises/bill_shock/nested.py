"""A payload with a list inside each record, in four formats, for the transfer question."""

import json
from typing import Any

from labs.exercises.bill_shock.payloads import Row

ORDERS = 20
FORMATS = {
    "json2": "JSON with indent 2",
    "compact": "Compact JSON",
    "flat": "One CSV, each order's fields repeated on every line",
    "joined": "Two CSVs, joined by the order number",
}
# Measured, the same in `tekken` and `spm32k`; a test counts again. Lines per order → formats.
CHEAPEST_FIRST = {
    1: ("flat", "joined", "compact", "json2"),
    3: ("joined", "compact", "flat", "json2"),
}


def nested_payload(lines: int) -> list[dict[str, Any]]:
    """Twenty orders with so many lines each."""
    return [
        {
            "order": 1_000 + n,
            "customer": f"customer{n}",
            "city": ("Leeds", "Lyon", "Brno")[n % 3],
            "ordered_on": f"2026-02-{n + 1:02}",
            "lines": [{"item": f"part-{n + k}", "quantity": 1 + (n * k) % 9} for k in range(lines)],
        }
        for n in range(ORDERS)
    ]


def texts(lines: int) -> dict[str, str]:
    """The payload in each format."""
    orders = nested_payload(lines)
    return {
        "json2": json.dumps(orders, indent=2),
        "compact": json.dumps(orders, separators=(",", ":")),
        "flat": csv([own_fields(order) | line for order in orders for line in order["lines"]]),
        "joined": "\n\n".join(
            [
                csv([own_fields(order) for order in orders]),
                csv([{"order": o["order"], **line} for o in orders for line in o["lines"]]),
            ]
        ),
    }


def own_fields(order: dict[str, Any]) -> Row:
    return {name: value for name, value in order.items() if name != "lines"}


def csv(rows: list[Row]) -> str:
    """Rows of simple values; nothing in this payload needs a quote."""
    lines = [list(rows[0]), *([f"{value}" for value in row.values()] for row in rows)]
    return "\n".join(",".join(line) for line in lines)
