"""Two ways to do the same work, taken in turn in one process; one line per pair."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from time import process_time

import numpy as np

Side = Callable[[], object]


@dataclass(frozen=True, kw_only=True)
class Pair:
    bench: str
    peer: str
    ours: Side
    theirs: Side
    goal: float  # theirs / ours, CPU time
    rounds: int = 3


def cpu_s(side: Side) -> float:
    """Seconds of CPU of this process, all threads."""
    start = process_time()
    side()
    return process_time() - start


def compare(pair: Pair) -> None:
    """Print the median ratio of the rounds: ours, theirs, theirs, ours after one warm-up."""
    pair.ours()
    pair.theirs()
    ours, theirs, itself = [], [], []
    for _ in range(pair.rounds):
        first = cpu_s(pair.ours)
        peers = cpu_s(pair.theirs) + cpu_s(pair.theirs)
        second = cpu_s(pair.ours)
        ours.append((first + second) / 2)
        theirs.append(peers / 2)
        itself.append(first / second)
    ratios = np.array(theirs) / np.array(ours)
    noise = float(np.median(itself))
    verdict = "pass" if np.median(ratios) >= pair.goal else "fail"
    fields = {
        "bench": pair.bench,
        "subject": "cairn",
        "peer": pair.peer,
        "unit": "cpu_s",
        "ours": f"{np.median(ours):.4f}",
        "theirs": f"{np.median(theirs):.4f}",
        "ratio": f"{np.median(ratios):.2f}",
        "low": f"{ratios.min():.2f}",
        "high": f"{ratios.max():.2f}",
        "better": "higher",
        "goal": f"{pair.goal:g}",
        "rounds": pair.rounds,
        "self": f"{noise:.2f}",
        "load": f"{os.getloadavg()[0]:.2f}",
        "cores": os.cpu_count(),
        "device": "cpu",
        "verdict": verdict if 0.95 <= noise <= 1.05 else f"noisy({verdict})",
    }
    print(" ".join(f"{name}={value}" for name, value in fields.items()), flush=True)
