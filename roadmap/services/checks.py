"""Inline checks of a lesson: one answer, locked, then explained. They are not part of a score."""

from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.models import User
from roadmap.drawing import Asked, asked, number, option_ids, option_tokens
from roadmap.models import CheckAnswer, QuestionVersion
from roadmap.models.keys import AnswerKey
from roadmap.registry import draw_variant
from roadmap.scoring import credit


def secret_of(user: User, version: QuestionVersion) -> str:
    """A check has no attempt to keep a seed in, so it is made anew from the site's own secret."""
    return f"{settings.SECRET_KEY}:check:{user.pk}:{version.pk}"


def variant_of_check(user: User, version: QuestionVersion) -> dict[str, Any]:
    seeded = version.content.get("seeded")
    if not seeded:
        return {}
    seed = number(secret_of(user, version))
    return draw_variant(seeded["generator"], seeded["args"], seed).model_dump(mode="json")


def asked_of_check(user: User, version: QuestionVersion) -> Asked:
    """What a learner may see of a check before the answer."""
    tokens = option_tokens(secret_of(user, version), option_ids(version.content))
    return asked(version.content, version.html, tokens, variant_of_check(user, version))


def answer_check(*, user: User, version: QuestionVersion, payload: dict[str, Any]) -> CheckAnswer:
    """Lock the learner's answer. A second one changes nothing: the first comes back."""
    key = AnswerKey.objects.get(version=version).key
    content = version.content
    earned = credit(content["type"], content, key, payload, variant_of_check(user, version))
    try:
        with transaction.atomic():
            answer, _ = CheckAnswer.objects.get_or_create(
                user=user, version=version, defaults={"payload": payload, "credit": earned}
            )
    except IntegrityError:
        return CheckAnswer.objects.get(user=user, version=version)
    return answer
