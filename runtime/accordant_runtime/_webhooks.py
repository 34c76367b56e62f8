"""What a vendor sends unasked: webhooks as values that read their bodies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from ._errors import DecodeError
from ._json import loads
from ._json_types import is_object
from ._notes import Decode, Notes

T = TypeVar("T")


class WebhookReader(Generic[T]):
    """One webhook of a document: its name there, the method that it comes with, and how its body is read."""

    __slots__ = ("_decode", "method", "name")

    def __init__(self, name: str, method: str, decode: Decode[T]) -> None:
        self.name = name
        self.method = method
        self._decode = decode

    def __repr__(self) -> str:
        return f"WebhookReader({self.name!r}, {self.method!r})"

    def parse(self, body: bytes | str, *, strict: bool = False) -> T:
        """Read the body of a request.

        Raises :class:`DecodeError` for what is not JSON, and with ``strict`` for every field that is not as documented,
        naming its path; without it that field is kept as it came.
        """
        content = _bytes(body)
        notes = Notes()
        try:
            document: Any = loads(content, notes)
        except ValueError as error:
            raise DecodeError(f"webhook {self.name}: it is JSON, and this is not: {error}", body=content) from None
        result = self._decode(document, notes)
        if strict:
            notes.raise_any(f"webhook {self.name}", content)
        return result


def _bytes(body: bytes | str) -> bytes:
    return body.encode("utf-8", "surrogatepass") if isinstance(body, str) else body


class WebhookTable:
    """The webhooks of a document by name, in its order.

    ``topic`` is the property of the bodies that says which webhook one is; empty where they do not say it.
    """

    __slots__ = ("_webhooks", "topic")

    def __init__(self, *webhooks: WebhookReader[Any], topic: str = "") -> None:
        self._webhooks = {webhook.name: webhook for webhook in webhooks}
        self.topic = topic

    def parse(self, body: bytes | str, name: str | None = None, *, strict: bool = False) -> Any:
        """Read the body of whichever webhook it is: the one called ``name``, else the one that the body names.

        Of a vendor with one webhook it is that. Raises :class:`DecodeError` for what is no webhook of the document,
        and as :meth:`WebhookReader.parse` does.
        """
        return self.reader(body, name).parse(body, strict=strict)

    def reader(self, body: bytes | str, name: object = None) -> WebhookReader[Any]:
        """The webhook called ``name``, else the one that the body names; raises :class:`DecodeError` for another."""
        if name is None and self.topic:
            try:
                document: Any = loads(_bytes(body), Notes())
            except ValueError as error:
                raise DecodeError(f"a webhook is JSON, and this is not: {error}", body=_bytes(body)) from None
            name = document.get(self.topic) if is_object(document) else None
        elif name is None and len(self._webhooks) == 1:
            (name,) = self._webhooks
        found = self._webhooks.get(name) if isinstance(name, str) else None
        if found is None:
            text = f"there is no topic {name!r}; there are: {', '.join(self._webhooks)}"
            raise DecodeError(text, body=_bytes(body))
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._webhooks)

    def __len__(self) -> int:
        return len(self._webhooks)

    def __getitem__(self, name: str) -> WebhookReader[Any]:
        """A webhook; raises ``KeyError`` with the names that there are."""
        try:
            return self._webhooks[name]
        except KeyError:
            raise KeyError(f"there is no webhook {name!r}; there are: {', '.join(self._webhooks)}") from None
