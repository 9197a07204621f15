"""What produced a result, so that a learner and an operator can tell why two runs differ."""

import platform
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from labs.models import LabRun

PACKAGES = ("cairn", "numpy", "mistral-common")


@cache
def versions() -> dict[str, str]:
    return {"python": platform.python_version()} | {name: installed(name) for name in PACKAGES}


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def make_receipt(run: LabRun, vocabularies: Mapping[str, str]) -> dict[str, Any]:
    """The receipt of a run that has just been finished, in the transaction that finished it.

    The seed is shown as its sha256: the code is public, so the seed itself would tell the
    hidden part of the instance, and the question after the run is still open.
    """
    row: Any = LabRun.objects.get(pk=run.pk)  # its stamps are the database's, so they are all set
    queued, claimed, started, finished = (
        row.created_at,
        row.claimed_at,
        row.started_at,
        row.finished_at,
    )
    return {
        "versions": versions(),
        "vocabularies": dict(vocabularies),
        "device": "CPU",
        "seed_sha256": sha256(str(run.attempt.seed).encode()).hexdigest(),
        "rubric": run.rubric,
        "claims": run.claims,
        "queued_at": queued.isoformat(),
        "started_at": started.isoformat(),
        "finished_at": finished.isoformat(),
        "waited_s": round((claimed - queued).total_seconds(), 3),
        "worked_s": round((finished - started).total_seconds(), 3),
    }
