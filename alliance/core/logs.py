"""Structured logs, as text or JSON lines; a secret given by mistake is not written."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_SECRET_KEYS = re.compile(r"password|secret|token|authorization|cookie|api_key|nonce", re.IGNORECASE)
_SECRET_VALUES = re.compile(
    r"(?i)(bearer\s+|token=|password=|/(?:confirm|reset-password|unsubscribe|by-mail|invitations|searches/stop|drafts/kept)/)[^\s&\"']+|(://[^/:@\s]+:)[^@\s]+(?=@)"
)


def _redact(_logger: Any, _name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "(hidden)"
        elif isinstance(value, str):
            event[key] = _SECRET_VALUES.sub(lambda m: (m.group(1) or m.group(2)) + "(hidden)", value)
    return event


def configure(log_format: str, level: int = logging.INFO) -> None:
    """Send the product's and its libraries' logs to standard error in one form.

    Args:
        log_format: "text" or "json".
        level: lowest level written.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Any = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback)
    if log_format == "json":
        renderer = structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stderr)
    # Redaction comes after traces are written out: a secret in an exception's text is one too. Traces are plain: values
    # of local variables, as prettier ones show, are where passwords are.
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _redact,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    for chatty in ("huey", "alembic", "engineio.server", "socketio.server"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
