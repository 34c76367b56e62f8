"""Files that responses are written to: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from .messages import Sink, Streamed


class FileSink:
    """Takes the body of a response into a file beside ``path``, which takes its place when the body is complete.

    Used as a context manager: whatever stood at ``path`` stays untouched when the block is left by an error.
    """

    def __init__(self, path: str | os.PathLike[str], nonce: str) -> None:
        self.path = Path(path)
        self._partial = self.path.with_name(f".{self.path.name}.{nonce[:12]}.part")
        self._file = self._partial.open("xb")

    def start(self) -> None:
        """A body begins; whatever an earlier attempt wrote is void."""
        self._file.seek(0)
        self._file.truncate()

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self._file.write(chunk)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        placed = False
        try:
            self._file.close()
            if kind is None:
                os.replace(self._partial, self.path)
                placed = True
        except OSError:
            if kind is None:
                raise  # otherwise the block's own error is the one that counts
        finally:
            if not placed:
                with contextlib.suppress(OSError):  # what went wrong before is what the caller must hear of
                    self._partial.unlink()


class TimedSink:
    """Another sink, with the time for the whole transfer; a transport bounds only the waits for data without it.

    ``left`` returns the seconds until the call's deadline.
    """

    def __init__(self, inner: Sink, left: Callable[[], float]) -> None:
        self._inner = inner
        self.left = left

    def start(self) -> None:
        """A body begins."""
        self._inner.start()

    def write(self, chunk: bytes) -> None:
        """The next bytes."""
        self._inner.write(chunk)


def transfer_time(sink: Sink | None, timeout: float | None) -> float | None:
    """Seconds for an attempt as a whole: into memory its ``timeout``, into a sink what the call's deadline leaves.

    Where a body is left open, the attempt ends with the head of the response.
    """
    if sink is None or isinstance(sink, Streamed):
        return timeout
    return max(0.0, sink.left()) if isinstance(sink, TimedSink) else None
