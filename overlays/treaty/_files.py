"""Files that answers are written to: whole, or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Self


class FileSink:
    """Takes the body of an answer into a file beside ``path``, which takes its place when the body is complete.

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
        self._file.close()
        if kind is None:
            os.replace(self._partial, self.path)
        else:
            with contextlib.suppress(OSError):
                self._partial.unlink()
