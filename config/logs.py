"""How the site logs: a line a person can read, or one JSON object per line. Never a prompt."""

import re
from collections.abc import MutableMapping
from typing import Any

import structlog

# Addresses that are keys themselves: an invite, a confirmation, a reset.
KEYS_IN_PATHS = re.compile(r"(/join/|/confirm-email/|/password/reset/key/)[^/\s'\"]+")


def hide_keys(logger: Any, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A line says that an invite or a reset was opened, never with which key."""
    for field, value in event.items():
        if isinstance(value, str):
            event[field] = KEYS_IN_PATHS.sub(r"\1…", value)
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
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
