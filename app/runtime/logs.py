"""Logs: one event a line, to standard error, without content, keys or texts of callers."""

import logging
import sys

import structlog

# The renderer's own way to show an error tells the values of variables, too.
_ON_SCREEN = (structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback),)
_FOR_MACHINES = (structlog.processors.format_exc_info, structlog.processors.JSONRenderer())


def configure_logs(level: str) -> None:
    """For people at a terminal, else as JSON."""
    terminal = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            *(_ON_SCREEN if terminal else _FOR_MACHINES),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    # A pool without a database tells of every attempt; requests tell of it, too, once each.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
