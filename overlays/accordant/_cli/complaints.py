"""What an error says to a person: one line, without what it might quote."""

from __future__ import annotations

from pathlib import Path
from traceback import walk_tb

from ..errors import AccordantError
from .printing import one_line
from .usage import UsageError


def complaint(error: Exception) -> str:
    """The line. What nobody foresaw is told by its kind and place: its text may quote anything, secrets too."""
    if isinstance(error, UsageError):
        return one_line(str(error))
    if isinstance(error, AccordantError):
        return one_line(f"{type(error).__name__}: {error}")
    if isinstance(error, OSError):
        said = error.strerror or type(error).__name__
        return one_line(f"{said}: {error.filename}" if error.filename else f"cannot read or write: {said}")
    return one_line(f"unexpected {type(error).__name__} at {_place(error)}; please report it")


def _place(error: BaseException) -> str:
    frames = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
    file, line = frames[-1] if frames else ("", 0)
    return f"{'/'.join(Path(file).parts[-2:])}:{line}"
