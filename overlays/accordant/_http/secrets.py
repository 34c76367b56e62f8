"""Secrets that cannot be printed, and the scrubbing of texts that might hold one."""

from __future__ import annotations

import json
from typing import Final, NoReturn
from urllib.parse import quote

MASK: Final = "***"
_SHORTEST: Final = 4  # scrubbing shorter texts would mangle ordinary words and hide nothing
_KEPT: Final = 32


class Secret:
    """A text that shows itself only to :meth:`reveal`: not to repr, str, format or pickle."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    @property
    def fits_header(self) -> bool:
        """Whether it can stand in a header: printable ASCII without blanks around it."""
        return self._value.isascii() and self._value.isprintable() and self._value == self._value.strip()

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be pickled or copied")


def conceal(value: str | Secret | None) -> Secret | None:
    """Wrap a text that came in from a user; an empty one counts as not given."""
    if value is None or isinstance(value, Secret):
        return value
    return Secret(value) if value else None


class Redactor:
    """Knows a client's secrets and takes them out of whatever is about to be shown.

    Vendors echo credentials in error pages; the texts of errors and log lines pass through here. The secrets that the
    client was built with stay known, of the tokens that come and go the last ones.
    """

    __slots__ = ("_fixed", "_passing")

    def __init__(self, *secrets: Secret | None) -> None:
        self._fixed = [secret for secret in secrets if secret is not None]
        self._passing: list[Secret] = []

    def learn(self, *secrets: Secret | None) -> None:
        """Add secrets that were obtained on the way."""
        new = [secret for secret in secrets if secret is not None and secret not in self._passing]
        self._passing = [*self._passing, *new][-_KEPT:]

    def text(self, text: str) -> str:
        """The text with every known secret masked, also where it stands percent-encoded or JSON-escaped."""
        for secret in (*self._fixed, *self._passing):
            for form in _forms(secret.reveal()):
                text = text.replace(form, MASK)
        return text

    def data(self, data: bytes) -> bytes:
        """The bytes with every known secret masked."""
        for secret in (*self._fixed, *self._passing):
            for form in _forms(secret.reveal()):
                data = data.replace(form.encode(), MASK.encode())
        return data

    def errors(self, error: BaseException | None) -> None:
        """Mask the texts of an error and of those that caused it."""
        while error is not None:
            error.args = tuple(self.text(item) if isinstance(item, str) else item for item in error.args)
            error = error.__cause__ or error.__context__

    def __repr__(self) -> str:
        return f"Redactor({len(self._fixed) + len(self._passing)} secrets)"


def _forms(value: str) -> set[str]:
    if len(value) < _SHORTEST:
        return set()
    return {value, quote(value, safe=""), json.dumps(value)[1:-1]}
