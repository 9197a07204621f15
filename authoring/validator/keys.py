"""Keys: unique on the site, of one pack, and leading to each other without a circle."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from graphlib import CycleError, TopologicalSorter

from authoring.pack import Activity, Pack, Problem, Step

MAX_KEY = 50


@dataclass(frozen=True)
class Catalogue:
    """What the site has already, so that one pack cannot take another's keys."""

    steps: Mapping[str, str] = field(default_factory=dict)  # key → pack
    activities: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # key → pack, kind


def key_problems(pack: Pack, catalogue: Catalogue) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for step in pack.steps:
        yield from step_problems(step, pack, catalogue)
        for activity in step.activities:
            yield from activity_problems(activity, pack, catalogue)
            if activity.key in seen:
                text = f"key {activity.key!r} is also that of {seen[activity.key]}. Choose another."
                yield activity.source.problem("", text)
            seen.setdefault(activity.key, activity.source.path)
    yield from step_twins(pack)
    yield from circles(pack)


def step_problems(step: Step, pack: Pack, catalogue: Catalogue) -> Iterator[Problem]:
    owner = catalogue.steps.get(step.key, pack.file.slug)
    if owner != pack.file.slug:
        yield foreign(step, owner)
    if len(step.key) > MAX_KEY:
        yield too_long(step)
    known = {other.key for other in pack.steps} | pack.unread
    for number, need in enumerate(step.file.needs):
        if need not in known:
            yield step.source.problem(f"needs.{number}", f"no step is called {need!r}.")
    has_quiz = any(one.kind == "quiz" for one in step.activities)
    if step.file.complete and not has_quiz and not pack.unread:
        text = "is true, but the step has no quiz, so it cannot be passed. Write false."
        yield step.source.problem("complete", text)


def activity_problems(activity: Activity, pack: Pack, catalogue: Catalogue) -> Iterator[Problem]:
    owner, kind = catalogue.activities.get(activity.key, (pack.file.slug, activity.kind))
    if owner != pack.file.slug:
        yield foreign(activity, owner)
    elif kind != activity.kind:
        text = f"key {activity.key!r} was published as a {kind}. Choose another slug."
        yield activity.source.problem("", text)
    if len(activity.key) > MAX_KEY:
        yield too_long(activity)


def foreign(one: Step | Activity, owner: str) -> Problem:
    text = f"key {one.key!r} belongs to the pack {owner!r}. Choose another slug."
    return Problem(one.source.path, 0, "", text)


def too_long(one: Step | Activity) -> Problem:
    text = f"key {one.key!r} is longer than {MAX_KEY} characters. Shorten it."
    return Problem(one.source.path, 0, "", text)


def step_twins(pack: Pack) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for step in pack.steps:
        if step.key in seen:
            text = f"key {step.key!r} is also that of {seen[step.key]}. Choose another."
            yield Problem(step.source.path, 0, "", text)
        seen.setdefault(step.key, step.source.path)


def circles(pack: Pack) -> Iterator[Problem]:
    by_key = {step.key: step for step in pack.steps}
    sorter = TopologicalSorter({step.key: step.file.needs for step in pack.steps})
    try:
        sorter.prepare()
    except CycleError as error:
        round_trip = list(reversed(error.args[1]))
        step = next(by_key[key] for key in round_trip if key in by_key)
        text = f"goes in a circle: {' needs '.join(round_trip)}. Take one out."
        yield step.source.problem("needs", text)


def fact_problems(pack: Pack, today: date) -> Iterator[Problem]:
    for number, (key, fact) in enumerate(pack.facts.items()):
        due = fact.review_by
        if due and due < today.isoformat()[: len(due)]:
            text = f"{key} was due for review by {due}. Read its source again."
            at = f"{number}.review_by"
            yield pack.facts_source.problem(at, text, is_warning=True)
