"""What an error page may say without the database: the id under which the log has the request."""

from django import template
from structlog.contextvars import get_contextvars

register = template.Library()


@register.simple_tag
def request_id() -> str:
    return str(get_contextvars().get("request_id", ""))
