"""How every process of ours writes its log: events with ids, and of an error where it arose.

By itself structlog prints the local variables of each frame where Rich is installed: telephone
numbers, keys. Here a traceback is the places alone, and in the words of an error whatever may be a
number, a mail address or a row of the database is left out.
"""

import re
import sys
from io import StringIO
from typing import TextIO

import structlog
from structlog.dev import ConsoleRenderer, plain_traceback
from structlog.typing import ExcInfo

# PostgreSQL tells the very values of a row after these words of its errors.
_ROWS = re.compile(r"^(DETAIL|CONTEXT):.*$", re.M)
_MAIL = re.compile(r"[^\s<>'\"]+@[^\s<>'\"]+")
_NUMBER = re.compile(r"\+?\d(?:[ .\-]?\d){7,}")


def log_plainly(*, to: TextIO | None = None) -> None:
    """Let this process log to a stream, standard output by default, with no one's data in it."""
    coloured = (to or sys.stdout).isatty()
    kept = [one for one in structlog.get_config()["processors"] if not _renders(one)]
    structlog.configure(
        processors=[*kept, ConsoleRenderer(colors=coloured, exception_formatter=_places)],
        logger_factory=structlog.PrintLoggerFactory(to),
    )


def _renders(processor: object) -> bool:
    return isinstance(processor, ConsoleRenderer)


def _places(stream: TextIO, error: ExcInfo) -> None:
    told = StringIO()
    plain_traceback(told, error)
    stream.write(sparing(told.getvalue()))


def sparing(words: str) -> str:
    """Return the words of an error without what may be somebody's."""
    return _NUMBER.sub("[…]", _MAIL.sub("[…]", _ROWS.sub(r"\1: […]", words)))
