"""The payloads of bill-shock: one that is shown, one drawn per try, one to rank formats on."""

from typing import Any

import numpy as np

Row = dict[str, Any]  # flat: text, whole numbers, floats, flags and nulls

SHOWN = 50  # records of the shown payload
HIDDEN = 60  # records of the graded one
NULL_SHARE, EMPTY_SHARE = 0.35, 0.15  # of the notes; places are null in a third as many records

# What the learner may know of the graded payload: its columns, not its values.
COLUMNS = {
    "order_number": "text of five digits, many with leading zeros",
    "customer": "text, not only ASCII",
    "place": "text with a comma, sometimes null",
    "note": "text with quotes or commas, sometimes empty, often null",
    "quantity": "whole number",
    "total_amount": "number with eight significant digits",
    "paid": "true or false",
    "gift_wrapped": "true or false",
    "currency": "text, the same in every record",
}
SHOWN_COLUMNS = ("id", "name", "active", "signup_date")

FIRST = ("Zoë", "Jürgen", "Chloé", "Søren", "Anna", "Łukasz", "Noor", "Åsa", "Peter", "Inês")
LAST = ("Müller", "García", "Novák", "Smith", "Berg", "Rossi", "Çelik", "Jones", "Dvořák")
PLACES = ("Köln, Süd", "Leeds, West", "Lyon, Nord", "Bath, Old Town", "Malmö, Väst", "Brno, Center")
NOTES = ("call first", 'ring "Anna"', "side door, please", "fragile", 'box "B2"', "after noon")


def shown_payload() -> list[Row]:
    """Fifty users; the counts in the design and in the lessons are of this payload."""
    return [
        {
            "id": n,
            "name": f"user{n}",
            "active": True,
            "signup_date": f"2026-01-{n % 28 + 1:02}",
        }
        for n in range(SHOWN)
    ]


def hidden_payload(seed: int) -> list[Row]:
    """Sixty orders; same seed, same orders."""
    rng = np.random.default_rng(seed)
    currency = pick(rng, ("EUR", "GBP", "SEK", "CZK"))
    rows = [order(rng, currency) for _ in range(HIDDEN)]
    # Every trap is in every payload, wherever the draw put it.
    rows[0] |= {"order_number": "00417", "note": "", "paid": True}
    rows[1] |= {"note": None, "place": None, "paid": False}
    rows[2] |= {"note": 'ring "Anna"', "place": "Köln, Süd"}
    return rows


def order(rng: np.random.Generator, currency: str) -> Row:
    return {
        "order_number": f"{rng.integers(1, 20_000):05}",
        "customer": f"{pick(rng, FIRST)} {pick(rng, LAST)}",
        "place": None if rng.random() < NULL_SHARE / 3 else pick(rng, PLACES),
        "note": note(rng),
        "quantity": int(rng.integers(1, 13)),
        "total_amount": float(f"{rng.uniform(10, 9_000):.8g}"),
        "paid": bool(rng.random() < 2 / 3),
        "gift_wrapped": bool(rng.random() < 1 / 8),
        "currency": currency,
    }


def note(rng: np.random.Generator) -> str | None:
    place = rng.random()
    if place < NULL_SHARE:
        return None
    return "" if place < NULL_SHARE + EMPTY_SHARE else pick(rng, NOTES)


def pick(rng: np.random.Generator, pool: tuple[str, ...]) -> str:
    return pool[int(rng.integers(len(pool)))]
