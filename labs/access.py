"""Every way to a row of the labs, one per function: a stranger gets the 404 of "not there"."""

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from accounts.models import User
from labs.models import LabAttempt, LabRun, Reconciliation
from roadmap.models import Activity


def access_lab_by_key(actor: User, key: str) -> Activity:
    """A lab on the trail. Everyone who is logged in may open it."""
    labs = Activity.objects.live().select_related("step", "live_lab")
    return get_object_or_404(labs, key=key, kind="lab", live_lab__isnull=False)


def access_run_by_pk(actor: User, pk: int) -> LabRun:
    runs = LabRun.objects.visible_to(actor).select_related(
        "attempt__version", "activity__step", "output"
    )
    return get_object_or_404(runs, pk=pk)


def access_open_attempt_by_lab(actor: User, key: str) -> LabAttempt:
    """The learner's own open try at a lab that is still on the trail."""
    return get_object_or_404(
        LabAttempt.objects.select_related(
            "version", "calibration", "activity__step", "user", "reconciliation"
        ),
        user=actor,
        activity__key=key,
        activity__in=Activity.objects.live(),
        closed_at=None,
    )


def access_runs_by_lab(actor: User, lab: Activity) -> QuerySet[LabRun]:
    """The learner's own runs of a lab, newest first, over all tries."""
    runs = LabRun.objects.visible_to(actor).filter(activity=lab)
    related = ("attempt__version", "attempt__reconciliation", "activity")
    return runs.select_related(*related).prefetch_related("grades")


def access_reconciliation_by_run(actor: User, run: LabRun) -> Reconciliation | None:
    """The learner's answer to the question after this run's try, if there is one."""
    return Reconciliation.objects.filter(attempt=run.attempt_id, attempt__user=actor).first()
