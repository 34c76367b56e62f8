"""Bodies of responses that are read piece by piece, while the connection stays open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from ..errors import NetworkError, ProtocolError
from .incoming import Incoming
from .library_errors import Kinds, mapped
from .transport import detached

if TYPE_CHECKING:
    from .connection import HttpLink
    from .connection_pool import Place, Pool
    from .routes import Route

_CUT_SHORT: Final = (NetworkError, ProtocolError)
_NOTHING: Final[Iterator[bytes]] = iter(())


class _OpenBody:
    """What the blocking and the asynchronous body have in common: pieces, and the connection that goes back once."""

    def __init__(
        self,
        pool: Pool[HttpLink],
        place: Place[HttpLink],
        route: Route,
        method: str,
        answered: Any,
        incoming: Incoming,
        kinds: Kinds,
    ) -> None:
        self._pool = pool
        self._place: Place[HttpLink] | None = place
        self._route = route
        self._method = method
        self._answered = answered
        self._incoming = incoming
        self._kinds = kinds
        self._pieces: Iterator[bytes] = _NOTHING
        self._chunks: Any = None

    def _piece(self) -> bytes | None:
        """The next piece of what has come."""
        for piece in self._pieces:
            if piece:
                return piece
        return None

    def _ended(self) -> None:
        """The body is over; one that is not whole is an error."""
        place, self._place = self._place, None
        if place is not None:
            fit = place.link is not None and place.link.fit(self._method, self._answered)
            self._pool.give_back(place, fit)
        broken = self._incoming.finish(None).broken
        if broken is not None:
            raise NetworkError(f"the body cannot be read: {broken}")

    def _failed(self, error: Exception) -> Exception:
        self._drop()
        found = mapped(error, self._kinds, route=self._route)
        return NetworkError(f"the body was cut short: {found}") if isinstance(found, _CUT_SHORT) else found

    def _drop(self) -> None:
        """Give the connection back, not to be used again."""
        place, self._place = self._place, None
        if place is not None:
            self._pool.give_back(place, False)

    def __del__(self) -> None:
        self._drop()  # nobody reads it any more


class OpenBody(_OpenBody):
    """The body of a blocking response."""

    def read(self) -> bytes | None:
        """The next bytes, ``None`` at the end."""
        if (piece := self._piece()) is not None:
            return piece
        if self._place is None:
            return None
        stream: Any = self._answered.stream
        try:
            chunks = self._chunks = self._chunks or iter(stream)
            while self._incoming.wanted:
                chunk = next(chunks, None)
                if chunk is None:
                    break
                self._pieces = self._incoming.pieces(chunk)
                if (piece := self._piece()) is not None:
                    return piece
            stream.close()
        except self._kinds.all as error:
            raise self._failed(error) from detached(error)
        self._ended()
        return None

    def close(self) -> None:
        """Read no more."""
        self._drop()


class AsyncOpenBody(_OpenBody):
    """The body of an asynchronous response."""

    async def read(self) -> bytes | None:
        """The next bytes, ``None`` at the end."""
        if (piece := self._piece()) is not None:
            return piece
        if self._place is None:
            return None
        stream: Any = self._answered.stream
        try:
            chunks = self._chunks = self._chunks or aiter(stream)
            while self._incoming.wanted:
                chunk = await anext(chunks, None)
                if chunk is None:
                    break
                self._pieces = self._incoming.pieces(chunk)
                if (piece := self._piece()) is not None:
                    return piece
            await stream.aclose()
        except self._kinds.all as error:
            raise self._failed(error) from detached(error)
        self._ended()
        return None

    async def close(self) -> None:
        """Read no more."""
        self._drop()
