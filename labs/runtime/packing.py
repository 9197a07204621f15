"""Continuations to score, laid out so that shared contexts are read once. Pure.

One row per context: the context, then all its continuations behind each other. A continuation
sees the context and itself; its positions go on from the end of the context.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from labs.runtime.sampling import Ints

BUDGET = 4_096  # tokens per batch
SHORTEST_HEADER = 32  # tokens; below it sharing costs more than it saves
Ids = tuple[int, ...]


@dataclass(frozen=True)
class Group:
    """A context and what may follow it."""

    context: Ids  # at least one token
    options: list[Ids] = field(default_factory=list)  # at least one token each
    places: list[int] = field(default_factory=list)  # of each option in the answer

    def length(self, header: int) -> int:
        """Tokens of its row behind a shared header; the last of each option is never read."""
        return len(self.context) - header + sum(len(option) - 1 for option in self.options)


@dataclass(frozen=True, kw_only=True)
class Pack:
    """One batch of rows of width L, padded on the right."""

    groups: tuple[Group, ...]
    ids: Ints  # (n, L)
    positions: Ints  # (n, L)
    segments: Ints  # (n, L) 0 context, 1 and up options, -1 padding
    rows: Ints  # (targets,) where the logits of each target stand
    columns: Ints  # (targets,)
    targets: Ints  # (targets,) ids
    owners: Ints  # (targets,) place in the answer


def grouped(pairs: Sequence[tuple[Ids, Ids]], context_size: int) -> list[Group]:
    """Pairs of context and continuation, equal contexts together, cut on the left to fit."""
    groups: dict[Ids, Group] = {}
    for place, (context, option) in enumerate(pairs):
        if option:
            room = max(1, context_size + 1 - len(option))
            group = groups.setdefault(context[-room:], Group(context[-room:]))
            group.options.append(option)
            group.places.append(place)
    return list(groups.values())


def shared_header(groups: Sequence[Group]) -> Ids:
    """The longest common beginning of all contexts, if it is worth a cache of its own."""
    contexts = [group.context for group in groups]
    # By ids, not by tokenizing the header apart: that can merge differently at its end.
    first, last = min(contexts, default=()), max(contexts, default=())
    most = min(map(len, contexts), default=1) - 1  # a row keeps one token of its context
    same = 0
    while same < most and first[same] == last[same]:
        same += 1
    return first[:same] if len(groups) > 1 and same >= SHORTEST_HEADER else ()


def batches(
    groups: Sequence[Group], header: int, budget: int = BUDGET
) -> Iterator[Sequence[Group]]:
    """Rows of like length together, at most `budget` tokens to a batch where more than one fits."""
    waiting = sorted(groups, key=lambda group: -group.length(header))
    while waiting:
        number = max(1, budget // waiting[0].length(header))
        yield waiting[:number]
        waiting = waiting[number:]


def packed(groups: Sequence[Group], header: int) -> Pack:
    width = max(group.length(header) for group in groups)
    ids = np.zeros((len(groups), width), dtype=np.int64)
    positions, segments = np.zeros_like(ids), np.full_like(ids, -1)
    rows: list[int] = []
    columns: list[int] = []
    targets: list[int] = []
    owners: list[int] = []
    for row, group in enumerate(groups):
        context = group.context[header:]
        end = len(context)
        ids[row, :end] = context
        positions[row, :end] = np.arange(header, header + end)
        segments[row, :end] = 0
        for number, (option, place) in enumerate(
            zip(group.options, group.places, strict=True), start=1
        ):
            start, end = end, end + len(option) - 1
            ids[row, start:end] = option[:-1]
            positions[row, start:end] = len(group.context) + np.arange(len(option) - 1)
            segments[row, start:end] = number
            rows += [row] * len(option)
            columns += [len(context) - 1, *range(start, end)]
            targets += option
            owners += [place] * len(option)
    return Pack(
        groups=tuple(groups),
        ids=ids,
        positions=positions,
        segments=segments,
        rows=np.array(rows),
        columns=np.array(columns),
        targets=np.array(targets),
        owners=np.array(owners),
    )
