"""Rows that are written only where they differ, and the list of what did."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model


@dataclass
class Changes:
    """What a publication did, by key. Empty: it did nothing."""

    done: dict[str, list[str]] = field(default_factory=dict)

    def note(self, what: str, key: str) -> None:
        keys = self.done.setdefault(what, [])
        if key not in keys:
            keys.append(key)


def settle(row: Model, **fields: Any) -> bool:
    """Write the fields that differ. True if any did."""
    differing = [name for name, value in fields.items() if getattr(row, name) != value]
    for name in differing:
        setattr(row, name, fields[name])
    if differing:
        row.save(update_fields=differing)
    return bool(differing)
