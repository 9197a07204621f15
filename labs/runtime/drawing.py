"""One step of many rows: draw each row's next token and note what was asked for. Pure."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from labs.runtime import Generated, Record, Sampling
from labs.runtime.model import DeviceLogits
from labs.runtime.sampling import (
    Floats,
    Ints,
    Knobs,
    Logits,
    Top,
    changed,
    changes,
    draw,
    log_mass,
    sample,
    uniforms,
    window,
)


@dataclass(kw_only=True)
class Row:
    """A text that grows."""

    prompt: tuple[int, ...]
    sampling: Sampling
    max_new: int
    seed: int
    ids: list[int] = field(default_factory=list)
    log_probabilities: list[float] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    finish: Literal["stop", "length"] | None = None
    text: str = ""

    def __post_init__(self) -> None:
        self.u = uniforms(self.seed, self.max_new)  # one number per token, whoever is beside it

    @property
    def so_far(self) -> tuple[int, ...]:
        """What a batch must read to go on with this row."""
        return (*self.prompt, *self.ids)

    def end(self, stops: Container[int], decode: Callable[[Sequence[int]], str]) -> bool:
        """Whether the row is finished; its text is known then."""
        if self.ids[-1] in stops:
            self.finish = "stop"
        elif len(self.ids) >= self.max_new:
            self.finish = "length"
        if self.finish or self.sampling.stop:
            self.text = decode(self.ids)
            places = [self.text.find(stop) for stop in self.sampling.stop if stop in self.text]
            if places:
                self.text, self.finish = self.text[: min(places)], "stop"
        return self.finish is not None

    def generated(self) -> Generated:
        return Generated(
            ids=tuple(self.ids),
            text=self.text,
            finish=self.finish or "length",
            log_probabilities=tuple(self.log_probabilities),
            records=tuple(self.records),
            prompt_tokens=len(self.prompt),
        )


class ArrayLogits:
    """Logits that are in the memory of the CPU already, (B, V)."""

    def __init__(self, array: Logits) -> None:
        self.array = array

    def top(self, temperature: Floats) -> Top:
        return window(self.array, temperature)

    def rows(self, which: Ints) -> Logits:
        return self.array[which]

    def log_probabilities(self, ids: Ints) -> Floats:
        chosen = self.array[np.arange(len(ids)), ids]
        return np.asarray(chosen - log_mass(self.array, np.ones(len(ids))))


def draw_next(logits: DeviceLogits, rows: Sequence[Row], knobs: Knobs) -> Ints:
    """Give every row its next token; returns the ids, (B,)."""
    u = np.array([row.u[len(row.ids)] for row in rows])
    ids = np.zeros(len(rows), dtype=np.int64)
    own = np.array([changes(row.sampling) for row in rows])
    plain, altered = np.flatnonzero(~own), np.flatnonzero(own)
    if len(plain):
        top = logits.top(knobs.first_temperature)
        if len(altered):
            top, knobs = top.take(plain), knobs.take(plain)
        ids[plain], _ = draw(top, knobs, u[plain], lambda which: logits.rows(plain[which]))
    if len(altered):
        ids[altered] = draw_altered(logits.rows(altered), [rows[n] for n in altered], u[altered])
    note(logits, rows, ids)
    return ids


def draw_altered(logits: Logits, rows: Sequence[Row], u: Floats) -> Ints:
    """Rows with a bias or a penalty, whose logits are their own."""
    own = [changed(one, row.sampling, row.so_far) for one, row in zip(logits, rows, strict=True)]
    return sample(np.stack(own), [row.sampling for row in rows], u)[0]


def note(logits: DeviceLogits, rows: Sequence[Row], ids: Ints) -> None:
    chances = logits.log_probabilities(ids)
    for row, token, chance in zip(rows, ids.tolist(), chances.tolist(), strict=True):
        row.ids.append(token)
        row.log_probabilities.append(chance)
    asked = np.array([n for n, row in enumerate(rows) if row.sampling.records is not None], int)
    if len(asked):
        for n, one in zip(asked, logits.rows(asked), strict=True):
            rows[n].records.append(record(one, int(ids[n]), rows[n].sampling.records or 0))


def record(logits: Logits, token: int, alternatives: int) -> Record:
    """One row's own distribution, (V,), and the place of a token in it."""
    shifted = logits.astype(np.float64) - logits.max()
    chances = np.exp(shifted)
    chances /= chances.sum()
    alive = chances[chances > 0]
    likeliest: Ints = np.argsort(-logits, kind="stable")[:alternatives]
    return Record(
        id=token,
        probability=float(chances[token]),
        rank=int((logits > logits[token]).sum() + (logits[:token] == logits[token]).sum()),
        entropy=float(-(alive * np.log2(alive)).sum()),
        top=tuple((int(place), float(chances[place])) for place in likeliest),
    )
