"""Resume tokens: a place in one list, as a text that can be kept and sent around.

A token holds the operation's id, a hash of the arguments that choose the rows, the position, and what the vendor
counted and the walk gave so far. It is no secret, and nothing in it is executed; its check value catches damage, not
forgery.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, Final

from accordant_runtime import dumps, is_array, loads

from ..errors import ResumeTokenError
from .list_watch import Memory
from .styles import Position

_VERSION: Final = 1
_CHECK: Final = 4


def arguments_hash(query: Iterable[tuple[str, str]], path: str) -> str:
    """A hash over what chooses the rows; the order of the filters does not matter."""
    return blake2b(dumps([path, sorted(list(pair) for pair in query)]), digest_size=8).hexdigest()


def make_token(operation: str, arguments: str, position: Position, memory: Memory | None = None) -> str:
    """The token for a position; ``memory`` is what the walk before it counted."""
    data = dumps([_VERSION, operation, arguments, position.value, position.seen, *([list(memory)] if memory else [])])
    return base64.urlsafe_b64encode(_check(data) + data).rstrip(b"=").decode()


def read_token(token: str, operation: str, arguments: str) -> tuple[Position, Memory | None]:
    """The position in a token, and what was counted; raises ``ResumeTokenError`` when it is not one for this list."""
    try:
        raw = base64.urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
        document: Any = loads(raw[_CHECK:]) if raw[:_CHECK] == _check(raw[_CHECK:]) else None
    except (ValueError, binascii.Error):
        document = None
    if not is_array(document) or len(document) not in (5, 6):
        raise ResumeTokenError("this is not a resume token, or it was damaged on the way", operation=operation)
    version, made_by, made_for, value, seen, *more = document
    if version != _VERSION:
        raise ResumeTokenError("the resume token is of another version of this client", operation=operation)
    if made_by != operation:
        raise ResumeTokenError(f"the resume token belongs to {made_by}", operation=operation)
    if made_for != arguments:
        raise ResumeTokenError("the resume token belongs to a list with other arguments", operation=operation)
    return Position(value, seen), Memory(*more[0]) if more else None


def _check(data: bytes) -> bytes:
    return blake2b(data, digest_size=_CHECK).digest()
