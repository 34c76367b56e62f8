"""The output of a command at its end."""

from __future__ import annotations

import os

TYPE_CHECKING = False  # typing takes longer to import than all the rest here
if TYPE_CHECKING:
    from typing import TextIO


def settle(*streams: TextIO | None) -> None:
    """Write what is left in outputs; where nobody reads on or a disk is full, it goes nowhere. None is one that the
    shell has closed.

    Python itself would write it after the command, complain, and end with the exit code 120.
    """
    for stream in filter(None, streams):
        try:
            stream.flush()
        except (OSError, ValueError):  # ValueError: it is closed
            try:
                file = stream.fileno()
            except (OSError, ValueError):  # it is in memory, or closed
                continue
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, file)
            os.close(nowhere)
