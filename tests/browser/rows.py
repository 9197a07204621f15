"""Writes what no short walk can bring about: a run in every state but done.

Runs inside the copy of the project that the browser tests started, with its own settings:
`python -m tests.browser.rows EMAIL` prints the paths of all runs as JSON.
"""

import json
import os
import sys
from datetime import timedelta
from uuid import uuid4

import django

from config.launch import environment


def main(email: str) -> None:
    os.environ.update(environment(), DJANGO_SETTINGS_MODULE="config.settings")
    django.setup()
    print(json.dumps(runs(email)))


def runs(email: str) -> list[str]:
    """One run per state. The waiting one waits for tomorrow, the running one has no worker."""
    from django.utils.timezone import now

    from labs.models import LabRun

    pattern = LabRun.objects.filter(user__email=email, purpose="explore")[0]
    for state in set(LabRun.State) - {LabRun.State.DONE}:
        LabRun.objects.create(
            user=pattern.user,
            activity=pattern.activity,
            attempt=pattern.attempt,
            purpose="explore",
            controls=pattern.controls,
            idem_key=uuid4(),
            batch_key=pattern.batch_key,
            state=state,
            error="The text is empty. Write at least one character." * (state == "failed"),
            done_steps=3,
            total_steps=8,
            lease_token=uuid4() if state == "running" else None,
            lease_until=now() + timedelta(days=1) if state == "running" else None,
            not_before=now() + timedelta(days=1),
            finished_at=None if state in ("queued", "running") else now(),
        )
    return [run.get_absolute_url() for run in LabRun.objects.filter(user=pattern.user)]


if __name__ == "__main__":
    main(sys.argv[1])
