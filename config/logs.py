"""How the site logs: a line a person can read, or one JSON object per line. Never a prompt."""

import re
from collections.abc import MutableMapping
from traceback import format_tb
from typing import Any

import structlog
from structlog.typing import ExcInfo

# Addresses that are keys themselves: an invite, a confirmation, a reset.
KEYS_IN_PATHS = re.compile(r"(/join/|/confirm-email/|/password/reset/key/)[^/\s'\"]+")


def hide_keys(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line says that an invite or a reset was opened, never with which key."""
    for field, value in event.items():
        if isinstance(value, str):
            event[field] = KEYS_IN_PATHS.sub(r"\1…", value)
    return event


def places_only(exc_info: ExcInfo) -> str:
    """A traceback without its messages: they quote what somebody typed, or a row of a table."""
    lines: list[str] = []
    error: BaseException | None = exc_info[1]
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        kind = type(error)
        lines += [f"{kind.__module__}.{kind.__qualname__}\n", *format_tb(error.__traceback__)]
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        if error is not None:
            lines.append("after\n")
    return "".join(lines).rstrip("\n")


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.ExceptionRenderer(places_only),
    hide_keys,
]


def logging_config(*, form: str, level: str) -> dict[str, Any]:
    """Django's LOGGING for one form (`console` or `json`) and level."""
    renderers: dict[str, Any] = {
        "console": structlog.dev.ConsoleRenderer(colors=False),
        "json": structlog.processors.JSONRenderer(),
    }
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "processor": renderers[form],
        "foreign_pre_chain": SHARED,
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": formatter},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {"django.server": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
    }
