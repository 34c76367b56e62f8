"""The standard streams of the process, as a command can use them."""

from __future__ import annotations

import io
import os
import sys
from typing import Any, Literal, TextIO, cast


def standard(name: Literal["stdin", "stdout", "stderr"]) -> TextIO | None:
    """A stream of the process; ``None`` where the shell has closed it (``>&-``), which Python's own types do not say.

    What the encoding of an output lacks is written as an escape: a name in another script ends no command.
    """
    stream = cast("TextIO | None", getattr(sys, name))
    wrapper: Any = stream
    if name != "stdin" and isinstance(wrapper, io.TextIOWrapper):
        wrapper.reconfigure(errors="backslashreplace")
    return stream


def settle(*streams: TextIO | None) -> None:
    """Write what is left in outputs at the end of a command; where nobody reads on or a disk is full, it goes nowhere.

    Python itself would write it after the command, complain, and end with the exit code 120.
    """
    for stream in filter(None, streams):
        try:
            stream.flush()
        except (OSError, ValueError):  # ValueError: it is closed
            _send_nowhere(stream)


def _send_nowhere(stream: TextIO) -> None:
    try:
        file = stream.fileno()
    except (OSError, ValueError):  # it is in memory, or closed
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file)
    os.close(nowhere)


def standard_input() -> str:
    """All that comes from the standard input; raises ``OSError`` or ``UnicodeError`` where that cannot be read."""
    stream = standard("stdin")
    if stream is None:
        raise OSError(None, "it is closed")
    text = stream.read()
    text.encode()  # some encodings let bytes pass as halves of characters
    return text
