"""Receiving webhooks, the same for every vendor: a WSGI application that reads them and calls your handlers.

::

    from accordant.dime_scheduler import received
    from accordant.webhooks import Receiver

    receiver = Receiver(received.WEBHOOKS, secret_path="/dime/3f2a...")

    @receiver.on("appointmentUpdated")
    def moved(appointment): ...

``accordant.<vendor>.received`` has a reader for each webhook of the vendor's document; ``received.WEBHOOKS`` is all of
them by name, and ``received.WEBHOOKS.parse(body)`` reads one outside of a receiver. A vendor that posts everything to
one address says in the body what it is; where the document shows how, the receiver reads that, and ``topic`` reads it
elsewhere. Else a receiver is given the webhook's name as the last segment of the path, after ``secret_path``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from hmac import compare_digest
from typing import Any, Final, TypeAlias

from accordant_runtime import DecodeError, Notes, WebhookReader, WebhookTable, loads

from .clients import Secret, aware
from .clients import time_zone as known_zone
from .errors import ConfigurationError

__all__ = ["Handler", "Receiver", "Topic", "Verify"]

Handler: TypeAlias = Callable[[Any], None]
Topic: TypeAlias = Callable[[Any], object]
"""Reads a webhook's name out of its JSON body."""
Verify: TypeAlias = Callable[[Mapping[str, str], bytes], bool]
"""Says whether a request is the vendor's, by its headers (lower-case names) and its body."""
_MOST: Final = 1_000_000
_DIGITS: Final = 18
"""Digits that a length may have; Python refuses to read thousands of them."""


class Receiver:
    """A WSGI application (PEP 3333) that reads webhooks into models and calls the handlers that asked for them.

    It returns 204 when every handler came back, 400 to what is no webhook of the vendor's, 401 where ``verify`` says
    no, 404 to other paths, 405 to other methods, 413 to bodies of more than ``most`` bytes, and 500 when a handler
    failed, so that the vendor may try again.
    """

    def __init__(
        self,
        webhooks: WebhookTable,
        secret_path: str = "/",
        *,
        topic: Topic | None = None,
        verify: Verify | None = None,
        most: int = _MOST,
        strict: bool = False,
        time_zone: str | None = None,
    ) -> None:
        """Receive the webhooks of a table.

        Args:
            webhooks: The readers by name: ``accordant.<vendor>.received.WEBHOOKS``.
            secret_path: Where they come in. A vendor that signs nothing is kept out by a path that nobody can guess.
            topic: Reads a webhook's name out of its body, for a document that does not show where it is. Without it the
                name is the path's segment after ``secret_path``; of a single webhook, or where the body says the name,
                ``secret_path`` is the whole path.
            verify: Says whether a request is the vendor's, for vendors that sign.
            most: Bytes that a body may have.
            strict: Refuse what differs from the document, instead of keeping it as it came.
            time_zone: Makes times without an offset aware, as in a client with that zone (an IANA name).

        Raises ``ConfigurationError`` for a zone that does not exist, a path that does not begin with a slash (an empty
        variable would leave the door open), and a ``topic`` or ``verify`` that is no function.
        """
        self._webhooks = webhooks
        given: Any = secret_path  # untyped callers
        path = isinstance(given, str) and given.startswith("/")
        self._path = Secret(given if path else "/")
        del given, secret_path  # tracebacks that print local variables must not find it
        if not path:
            raise ConfigurationError("secret_path must be a text that begins with a slash, such as /acme/3f2a")
        for name, function in (("topic", topic), ("verify", verify)):
            if function is not None and not callable(function):
                raise ConfigurationError(f"{name} must be a function; it is of the type {type(function).__name__}")
        self._topic, self._verify, self._most, self._strict = topic, verify, most, strict
        self._zone = known_zone(time_zone)
        self._handlers: dict[str, list[Handler]] = {}

    def on(self, *names: str) -> Callable[[Handler], Handler]:
        """Register a handler for webhooks, for all of them without a name; an unknown name is a ``ValueError``."""
        for name in names:
            if name not in self._webhooks:
                raise ValueError(f"there is no topic {name!r}; there are: {', '.join(self._webhooks)}")

        def register(handler: Handler) -> Handler:
            for name in names or self._webhooks:
                self._handlers.setdefault(name, []).append(handler)
            return handler

        return register

    def handle(self, body: bytes, name: str | None = None) -> Any:
        """Read a webhook and call its handlers; ``name`` where the body does not say it.

        Raises what they raise, and ``DecodeError`` for what is no webhook of the vendor's.
        """
        reader = self._reader(body, name)
        value = self.read(reader, body)
        for handler in self._handlers.get(reader.name, ()):
            handler(value)
        return value

    def read(self, reader: WebhookReader[Any], body: bytes) -> Any:
        """The value that handlers are given."""
        value = reader.parse(body, strict=self._strict)
        return value if self._zone is None else aware(value, self._zone)

    def _reader(self, body: bytes, name: str | None) -> WebhookReader[Any]:
        found: object = name
        if self._topic is not None:
            try:
                found = self._topic(loads(body, Notes()))
            except ValueError as error:
                raise DecodeError(f"a webhook is JSON, and this is not: {error}", body=body) from None
            found = "" if found is None else found
        return self._webhooks.reader(body, found)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """One request."""
        start_response(self._status(environ), [("Content-Length", "0")])
        return []

    def _status(self, environ: dict[str, Any]) -> str:
        known, name = self._named(str(environ.get("PATH_INFO", "/")))
        if not known:
            return "404 Not Found"
        if environ.get("REQUEST_METHOD") != "POST":
            return "405 Method Not Allowed"
        length = str(environ.get("CONTENT_LENGTH") or "0")
        if not length.isdecimal() or len(length) > _DIGITS or int(length) > self._most:
            return "413 Content Too Large"
        body: bytes = environ["wsgi.input"].read(int(length))
        try:
            if self._verify is not None and not self._verify(_headers(environ), body):
                return "401 Unauthorized"
            self.handle(body, name)
        except DecodeError:
            return "400 Bad Request"
        except Exception as error:  # whatever a handler raises, the vendor is told that it was not taken
            environ["wsgi.errors"].write(f"a webhook handler failed: {type(error).__name__}\n")
            return "500 Internal Server Error"
        return "204 No Content"

    def _named(self, path: str) -> tuple[bool, str | None]:
        """Whether a path is the receiver's, and the webhook that it names."""
        own = self._path.reveal()
        if self._topic is not None or self._webhooks.topic or len(self._webhooks) == 1:
            return compare_digest(path.encode(), own.encode()), None
        head, _, name = path.rpartition("/")
        known = compare_digest(head.encode(), own.rstrip("/").encode())
        return known and name in self._webhooks, name


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    """The headers of a WSGI request by lower-case name."""
    found = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    return {**found, "content-type": str(environ.get("CONTENT_TYPE", ""))}
