"""The root of the error tree, and the two errors that need no network to happen.

``AccordantError`` is the base of every error that accordant raises. ``accordant.errors`` shows the rest of the tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._notes import Deviation


class AccordantError(Exception):
    """Base of every error that accordant raises."""


class TooDeepError(ValueError):
    """Lists and objects lie in one another more deeply than is read; the message names the place."""


class RequestError(AccordantError, ValueError):
    """The arguments cannot be turned into a request; nothing was sent. The message names the argument."""


class DecodeError(AccordantError, ValueError):
    """A response does not have the form that the document promises.

    ``deviations`` lists every place, each with its JSON path; ``body`` holds the bytes of a response that was received.
    """

    def __init__(self, message: str, *, deviations: Sequence[Deviation] = (), body: bytes | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.deviations = tuple(deviations)
        self.body = body

    @property
    def path(self) -> str | None:
        """JSON path of the first deviation, such as ``$.appointments[3].time``; ``None`` if no deviation has one."""
        return self.deviations[0].path if self.deviations else None

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild_decode_error, (self.message, self.deviations, self.body))


def _rebuild_decode_error(message: str, deviations: Sequence[Deviation], body: bytes | None) -> DecodeError:
    return DecodeError(message, deviations=deviations, body=body)
