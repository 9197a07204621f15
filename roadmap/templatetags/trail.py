"""The rail of steps that every page of a signed-in person carries."""

from typing import Any

from django import template
from django.template.context import RequestContext

from roadmap.models.trail import cairns_of

register = template.Library()


@register.filter
def percent(share: float) -> str:
    """A share (0 to 1) in whole per cent. 0 and 100 are written only where they are exact."""
    whole = min(max(round(100 * share), 1 if share > 0 else 0), 99 if share < 1 else 100)
    return f"{whole} %"


@register.inclusion_tag("_shell_rail.html", takes_context=True)
def trail_rail(context: RequestContext) -> dict[str, Any]:
    """The steps with their stones. A page that already holds `cairns` spends no second query."""
    user = context["user"]
    cairns = context["cairns"] if "cairns" in context else cairns_of(user)
    return {
        "cairns": cairns,
        "user": user,
        "path": context["request"].path,
        "here": context.get("step"),
    }
