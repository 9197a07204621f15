"""Pack → versions and pointers, in one transaction."""

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import now

from authoring.models import Asset, Publication
from authoring.pack import Activity, Lab, Lesson, Pack, Problem, Question, Quiz, Step
from authoring.publish.questions import Prepared, Scribe, prepare
from authoring.publish.rows import Changes, settle
from authoring.validator import Catalogue, problems_of
from labs.models import Calibration
from roadmap import models
from roadmap.digest import digest
from roadmap.models.keys import AnswerKey, LabKey

LOCK = 4_157_230_019  # any number that nobody else uses
Json = dict[str, Any]


class Broken(Exception):
    """The pack has problems, so nothing was changed."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = list(problems)


def catalogue_now() -> Catalogue:
    """Which pack each key on the site belongs to."""
    steps = dict(models.Step.objects.values_list("key", "pack"))
    rows = models.Activity.objects.values_list("key", "step__pack", "kind")
    return Catalogue(steps, {key: (pack, kind) for key, pack, kind in rows})


def publish(*, pack: Pack, by: str = "", note: str = "") -> Publication | None:
    """Make the pack what learners see. None if it already is.

    Everything happens in one transaction, so that a crash leaves the old content live. Versions
    are found by the digest of their content and key, or added; none is changed. What left this
    pack is retired; other packs are not touched.

    Raises:
        Broken: the pack has problems; nothing was changed.
    """
    with transaction.atomic():
        one_publication_at_a_time()
        refuse_broken(pack)
        changes = Changes()
        Press(pack, changes).run()
        if not changes.done:
            return None
        return Publication.objects.create(
            pack=pack.file.slug,
            source_digest=source_digest(pack),
            moved=changes.done,
            note=note,
            by=by,
        )


def one_publication_at_a_time() -> None:
    """SQLite has one writer anyway, since transactions start as immediate."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def refuse_broken(pack: Pack) -> None:
    problems = [Problem(name, 0, "", "could not be read.") for name in sorted(pack.unread)]
    problems += problems_of(pack, catalogue=catalogue_now())
    errors = [problem for problem in problems if not problem.is_warning]
    if errors:
        raise Broken(errors)


def source_digest(pack: Pack) -> str:
    return digest(
        {
            "pack": pack.file.model_dump(mode="json"),
            "facts": [fact.model_dump(mode="json") for fact in pack.facts.values()],
            "steps": [step.file.model_dump(mode="json") for step in pack.steps],
            "files": [
                (one.source.path, one.file.model_dump(mode="json"), getattr(one, "body", ""))
                for one in pack.activities
            ],
            "pictures": {path: picture.sha256 for path, picture in pack.pictures.items()},
            "calibrations": [(one.exercise, one.values) for one in pack.calibrations],
        }
    )


class Press:
    """One publication under way."""

    def __init__(self, pack: Pack, changes: Changes) -> None:
        self.pack, self.changes = pack, changes

    def run(self) -> None:
        self.assets()
        self.calibrations()
        steps = {step.key: self.step(step) for step in self.pack.steps}
        for step in self.pack.steps:
            self.needs(steps[step.key], [steps[key] for key in step.file.needs])
            for activity in step.activities:
                self.activity(activity, step, steps[step.key])
        self.retire()

    def assets(self) -> None:
        known = set(Asset.objects.values_list("sha256", flat=True))
        for path, picture in self.pack.pictures.items():
            if picture.sha256 not in known:
                known.add(picture.sha256)
                self.changes.note("pictures", path)
                Asset.objects.create(
                    sha256=picture.sha256,
                    media_type=picture.media_type,
                    data=picture.data,
                    width=picture.width,
                    height=picture.height,
                )

    def calibrations(self) -> None:
        for one in self.pack.calibrations:
            _, is_new = Calibration.objects.get_or_create(
                exercise=one.exercise,
                digest=digest({"values": one.values, "sources": one.sources}),
                defaults={"values": one.values, "sources": one.sources},
            )
            if is_new:
                self.changes.note("calibrations", one.exercise)

    def step(self, step: Step) -> models.Step:
        row, is_new = models.Step.objects.get_or_create(
            key=step.key, defaults={"pack": self.pack.file.slug, "position": step.position}
        )
        file = step.file
        sources = [source.model_dump(mode="json") for source in file.sources]
        is_changed = settle(
            row,
            title=file.title,
            promise=file.promise,
            outcome=file.outcome,
            effort=file.effort,
            goals=list(file.goals),
            outline=file.outline.model_dump(mode="json") | {"sources": sources},
            position=step.position,
            is_complete=file.complete,
            retired_at=None,
        )
        self.tell(step.key, is_new=is_new, is_changed=is_changed)
        return row

    def tell(self, key: str, *, is_new: bool, is_changed: bool) -> None:
        if is_new or is_changed:
            self.changes.note("added" if is_new else "changed", key)

    def needs(self, row: models.Step, needs: list[models.Step]) -> None:
        if {step.pk for step in row.needs.all()} != {step.pk for step in needs}:
            row.needs.set(needs)
            if row.key not in self.changes.done.get("added", []):
                self.changes.note("changed", row.key)

    def activity(self, activity: Activity, step: Step, step_row: models.Step) -> None:
        row, is_new = models.Activity.objects.get_or_create(
            key=activity.key,
            defaults={"step": step_row, "kind": activity.kind, "position": activity.position},
        )
        is_changed = settle(
            row,
            step=step_row,
            title=activity.file.title,
            summary=activity.file.summary,
            position=activity.position,
            required=activity.file.required,
            minutes=activity.file.minutes,
            policy=activity.file.policy.model_dump(mode="json") if activity.kind == "quiz" else {},
            retired_at=None,
        )
        self.tell(activity.key, is_new=is_new, is_changed=is_changed)
        if activity.kind == "lesson":
            self.lesson(activity, step, row)
        elif activity.kind == "quiz":
            self.quiz(activity, step, row)
        else:
            self.lab(activity, step, row)

    def lesson(self, lesson: Lesson, step: Step, row: models.Activity) -> None:
        scribe = Scribe(self.pack, step)
        rendered = scribe.lesson(lesson.body)
        head = lesson.file.model_dump(mode="json", include={"title", "summary", "sources"})
        content = head | {
            "body": lesson.body,
            "toc": rendered.toc,
            "facts": scribe.facts,
            "misconceptions": list(lesson.file.misconceptions),
        }
        version, _ = models.LessonVersion.objects.get_or_create(
            activity=row,
            digest=digest({"content": content, "shown": scribe.shown}),
            defaults={"content": content, "html": rendered.blocks},
        )
        self.render_again(version, rendered.blocks, row.key)
        self.point(row, live_lesson=version)
        self.questions(lesson.file.checks, lesson.key, step, row)

    def quiz(self, quiz: Quiz, step: Step, row: models.Activity) -> None:
        self.questions(quiz.file.bank, "", step, row)

    def lab(self, lab: Lab, step: Step, row: models.Activity) -> None:
        scribe = Scribe(self.pack, step)
        texts = {"brief": lab.file.brief, "honesty": lab.file.honesty}
        html = {name: scribe.text(text) for name, text in texts.items()}
        content = texts | {"exercise": lab.file.exercise}
        seen = {"content": content, "key": lab.file.key.hidden, "shown": scribe.shown}
        version, is_new = models.LabVersion.objects.get_or_create(
            activity=row,
            digest=digest(seen),
            defaults={"content": content, "exercise": lab.file.exercise, "html": html},
        )
        if is_new:
            LabKey.objects.create(version=version, hidden=lab.file.key.hidden)
        self.render_again(version, html, row.key)
        self.point(row, live_lab=version)

    def point(self, row: models.Activity, **pointer: Any) -> None:
        if settle(row, **pointer):
            self.changes.note("moved", row.key)

    def render_again(self, version: Any, html: Any, key: str) -> None:
        """HTML is derived, so an unchanged text may be rendered anew by a better pipeline."""
        if settle(version, html=html):
            self.changes.note("rendered", key)

    def questions(
        self, questions: Sequence[Question], lesson: str, step: Step, row: models.Activity
    ) -> None:
        for position, question in enumerate(questions, 1):
            self.question(prepare(question, lesson, self.pack, step), question.id, position, row)
        gone = models.Question.objects.filter(activity=row, retired_at=None)
        for old in gone.exclude(key__in=[question.id for question in questions]):
            settle(old, retired_at=now())
            self.changes.note("retired", f"{row.key}/{old.key}")

    def question(self, new: Prepared, key: str, position: int, row: models.Activity) -> None:
        question, _ = models.Question.objects.get_or_create(
            activity=row, key=key, defaults={"position": position}
        )
        version, is_new = models.QuestionVersion.objects.get_or_create(
            question=question,
            digest=new.digest,
            defaults={"content": new.content, "html": new.html},
        )
        if is_new:
            AnswerKey.objects.create(version=version, key=new.key, explanations=new.explanations)
        self.render_again(version, new.html, f"{row.key}/{key}")
        if settle(question, live=version, position=position, retired_at=None):
            self.changes.note("moved", f"{row.key}/{key}")

    def retire(self) -> None:
        """What left this pack. Its rows stay, for the results that point at them."""
        mine = self.pack.file.slug
        activities = models.Activity.objects.filter(step__pack=mine, retired_at=None)
        steps = models.Step.objects.filter(pack=mine, retired_at=None)
        kept = [activity.key for activity in self.pack.activities]
        for row in activities.exclude(key__in=kept):
            settle(row, retired_at=now())
            self.changes.note("retired", row.key)
        for gone in steps.exclude(key__in=[step.key for step in self.pack.steps]):
            settle(gone, retired_at=now())
            self.changes.note("retired", gone.key)
