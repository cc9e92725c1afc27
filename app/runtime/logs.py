"""Logs: one event a line, to standard error, without content, keys or texts of callers."""

import logging
import sys

import structlog


def configure_logs(level: str) -> None:
    """For people at a terminal, else as JSON."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer() if terminal else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # A pool without a database tells of every attempt; requests tell of it, too, once each.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
