"""The queue in SQL: every statement that moves a run from one worker to another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID, uuid4

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Case, Exists, F, OuterRef, Subquery, Value, When
from django.db.models.functions import Coalesce, Greatest, Now

from accounts.models import User
from labs.models.history import RunClaim, RunEvent

if TYPE_CHECKING:
    from labs.models.runs import LabRun

CLAIM_LOCK = 1  # PostgreSQL advisory locks are numbers; this one is ours


def lease() -> timedelta:
    return timedelta(seconds=settings.LAB_LEASE)


class RunQuerySet(models.QuerySet["LabRun"]):
    def visible_to(self, user: User) -> Self:
        """Runs this user may open: their own."""
        return self.filter(user=user)

    def waiting(self) -> Self:
        """Queued runs whose back-off is over and that nobody wants to cancel."""
        return self.filter(state="queued", not_before__lte=Now(), cancel_requested_at=None)

    def next_up(self, worker_class: str = "cpu") -> Self:
        """The oldest waiting run of everyone who has none running, in fair order.

        Fair means: who has waited longest for a turn comes first. A turn starts the wait
        anew, so nobody who queues many runs comes before somebody who queued one, and the
        order of those who wait never changes, so nobody waits for ever.
        """
        mine = self.model.objects.filter(user=OuterRef("user"))
        earlier = mine.waiting().filter(worker_class=worker_class, pk__lt=OuterRef("pk"))
        running = mine.filter(state="running")
        turns = mine.filter(claimed_at__isnull=False).order_by("-claimed_at").values("claimed_at")
        last_turn = Coalesce(Subquery(turns[:1]), "created_at")
        ready = self.waiting().filter(~Exists(running), ~Exists(earlier), worker_class=worker_class)
        return ready.order_by(Greatest("created_at", last_turn), "pk")

    def claim(self, worker: str, *, at_most: int, worker_class: str = "cpu") -> list[LabRun]:
        """Take up to `at_most` runs that can share one model, or none if nobody is waiting.

        The UPDATE decides: it takes only rows that are still queued, counts the claim
        before any model is loaded, and stamps all of them with one new token. Two workers
        can therefore never hold the same run, and a run that kills its worker is counted.
        A run that has failed before is claimed alone: it takes no neighbour down with it.
        """
        token = uuid4()
        with transaction.atomic():
            one_claim_at_a_time()
            first = self.next_up(worker_class).first()
            if first is None:
                return []
            mates = self.next_up(worker_class).filter(batch_key=first.batch_key)
            if first.infra_failures:
                mates, at_most = mates.filter(pk=first.pk), 1
            picked = mates.select_for_update(skip_locked=True, of=("self",))[:at_most]
            self.filter(pk__in=[run.pk for run in picked], state="queued").update(
                state="running",
                claims=F("claims") + 1,
                lease_token=token,
                lease_until=Now() + lease(),
                worker=worker,
                claimed_at=Now(),
                started_at=None,
                done_steps=0,
                total_steps=0,
            )
            runs = list(self.held(token).select_related("attempt__version", "activity", "user"))
            write_down(runs)
        return runs

    def held(self, token: UUID | None) -> Self:
        """Runs that are still ours. Every write of a result starts from here."""
        return self.filter(lease_token=token, state="running")

    def renew(
        self, token: UUID, progress: Mapping[int, tuple[int, int]] | None = None
    ) -> dict[int, bool]:
        """Renew every lease of a claim; tells which runs are still ours, and which to stop.

        A lease that ran out is renewed too, as long as nobody has swept it: an outage of the
        database must not start a storm of second runs. `progress` holds the steps done and the
        steps in all, by the run's primary key.
        """
        self.held(token).update(lease_until=Now() + lease(), **steps(progress or {}))
        asked = self.held(token).values_list("pk", "cancel_requested_at")
        return {pk: at is not None for pk, at in asked}


def steps(progress: Mapping[int, tuple[int, int]]) -> dict[str, Any]:
    """Columns of an UPDATE that writes the progress of several runs at once."""
    if not progress:
        return {}
    return {
        column: Case(
            *(When(pk=pk, then=Value(counts[place])) for pk, counts in progress.items()),
            default=F(column),
            output_field=models.PositiveIntegerField(),
        )
        for place, column in enumerate(("done_steps", "total_steps"))
    }


def write_down(runs: list[LabRun]) -> None:
    """History of a claim, in the claim's own transaction."""
    RunClaim.objects.bulk_create(
        RunClaim(run=run, n=run.claims, worker=run.worker, batch_size=len(runs)) for run in runs
    )
    RunEvent.objects.bulk_create(
        RunEvent(run=run, kind="claimed", claim=run.claims, token=run.lease_token) for run in runs
    )


def one_claim_at_a_time() -> None:
    """Hold the others back until this claim commits. SQLite does so by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
