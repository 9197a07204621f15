"""What a learner is told once an answer is in: the only way a key leaves its table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from roadmap.drawing import fill, prompt_of
from roadmap.models import Attempt, AttemptItem, CheckAnswer, QuestionVersion, Response
from roadmap.models.keys import AnswerKey
from roadmap.scoring import caught_by
from roadmap.services.checks import variant_of_check
from roadmap.services.explaining import Line, answer_in_words, lines_of

Json = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """Where a wrong idea is put right."""

    title: str
    url_name: str
    key: str


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """The verdict on one answer, and why."""

    kind: str
    prompt: str  # HTML, with the drawn numbers
    table: Json | None
    is_answered: bool
    credit: float  # 0 to 1
    given: str  # the answer in words, where it is not seen in the lines
    wanted: str
    lines: tuple[Line, ...]
    why_right: str  # HTML
    trap: str  # HTML; why a wrong number or text is tempting
    remedies: tuple[Remedy, ...]

    @property
    def state(self) -> str:
        if not self.is_answered:
            return "unanswered"
        if self.credit >= 1:
            return "right"
        return "part" if self.credit > 0 else "wrong"

    @property
    def has_others(self) -> bool:
        """Whether something was rightly left alone, and has its own explanation."""
        return any(line.why and not line.state for line in self.lines)


def feedback_on_item(*, item: AttemptItem, response: Response) -> Feedback | None:
    """None while the policy keeps the verdict for the end."""
    if not response.final:
        return None
    return explain(
        item.version, keys_of([item.version_id])[item.version_id], response, item.variant
    )


def feedback_on_attempt(*, attempt: Attempt, items: Sequence[AttemptItem]) -> dict[int, Feedback]:
    """By item, once the attempt is finished: also for items that were left out."""
    if attempt.finished_at is None:
        return {}
    keys = keys_of(item.version_id for item in items)
    final = Response.objects.filter(item__in=items, final=True)
    responses = {response.item_id: response for response in final}
    return {
        item.pk: explain(item.version, keys[item.version_id], responses.get(item.pk), item.variant)
        for item in items
    }


def feedback_on_checks(answers: Sequence[CheckAnswer]) -> dict[int, Feedback]:
    """By question version. Takes answers, so that nothing is explained before there is one."""
    keys = keys_of(answer.version_id for answer in answers)
    return {
        answer.version_id: explain(
            answer.version,
            keys[answer.version_id],
            answer,
            variant_of_check(answer.user, answer.version),
        )
        for answer in answers
    }


def keys_of(versions: Iterable[int]) -> dict[int, AnswerKey]:
    wanted = list(versions)
    if not wanted:
        return {}
    return {key.version_id: key for key in AnswerKey.objects.filter(version__in=wanted)}


def explain(
    version: QuestionVersion, key: AnswerKey, answer: Response | CheckAnswer | None, variant: Json
) -> Feedback:
    content, why = version.content, key.explanations
    values = {**variant.get("values", {}), "answer": variant.get("answer", "")}
    payload = answer.payload if answer else None
    earned = (answer.credit if answer else 0.0) or 0.0
    trap = None
    if payload is not None and earned < 1:
        trap = caught_by(content["type"], key.key, payload, variant)
    given, wanted = answer_in_words(content, key.key, payload, variant)
    return Feedback(
        kind=content["type"],
        prompt=prompt_of(version.html, values),
        table=values.get("table"),
        is_answered=answer is not None,
        credit=earned,
        given=given,
        wanted=wanted,
        lines=lines_of(version, key.key, why, payload),
        why_right=fill(why.get("right", ""), values),
        trap="" if trap is None else fill(why["traps"][trap], values),
        remedies=remedies_of(key, payload or {}, trap),
    )


def remedies_of(key: AnswerKey, payload: Json, trap: int | None) -> tuple[Remedy, ...]:
    """Of the wrong ideas behind what was picked, each once."""
    of_option = key.explanations.get("misconceptions", {})
    picked = [payload["choice"]] if "choice" in payload else payload.get("choices", [])
    wrong = [of_option.get(option) for option in picked if option not in key.key.get("right", [])]
    if trap is not None:
        wrong.append(key.key["traps"][trap].get("misconception"))
    known = key.explanations.get("remedies", {})
    found = {name: known[name] for name in wrong if name in known}
    return tuple(
        Remedy(title=one["title"], url_name=one["url_name"], key=one["key"])
        for one in found.values()
    )
