"""What a user gave a client by way of credentials, wrapped before anything can go wrong that prints local variables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, cast

from .._auth.credentials import ConcealedToken
from .._auth.flows import TokenProvider
from .._http.secrets import HALF, Secret
from ..errors import ConfigurationError


class Given:
    """Credentials by the arguments of the constructor; one that is ``None`` or empty is not there.

    ``keeps_empty`` are the arguments for which an empty text is a value: some vendors take a key as user name, and no
    password.
    """

    __slots__ = ("_prefix", "_values")

    def __init__(self, prefix: str, values: Mapping[str, Any], keeps_empty: Iterable[str] = ()) -> None:
        self._prefix = prefix
        kept = frozenset(keeps_empty)
        self._values: dict[str, Any] = {
            name: Secret(value) if isinstance(value, str) else value
            for name, value in values.items()
            if value is not None and (value != "" or name in kept)
        }

    def __contains__(self, argument: str) -> bool:
        return argument in self._values

    def __bool__(self) -> bool:
        return bool(self._values)

    def secret(self, argument: str | None) -> Secret | None:
        """A text; raises ``ConfigurationError``, which does not show it, where something else was given."""
        token = self.token(argument, function=False)
        return token if isinstance(token, Secret) else None

    def token(self, argument: str | None, *, function: bool = True) -> ConcealedToken | None:
        """A text, or a function that returns one."""
        kind = self._kind(argument or "")
        if kind is Secret or kind is type(None):
            found: Secret | None = self._values.get(argument or "")
            if found is not None and not found.whole:
                raise ConfigurationError(f"{argument} {HALF}")
            return found
        if function and callable(self._values[argument or ""]):
            provider: TokenProvider = self._values[argument or ""]
            return provider
        raise ConfigurationError(f"{argument} must be a str{' or a function' if function else ''}, not {_a(kind)}")

    def _kind(self, argument: str) -> type[object]:
        """The class of what was given. The value itself must not become a local variable of a frame that raises."""
        value: object = self._values.get(argument)
        return type(value)

    def text(self, argument: str | None) -> str | None:
        """A text that is no secret."""
        found = self.secret(argument)
        return None if found is None else found.reveal()

    def words(self, argument: str | None) -> str | None:
        """Several words, as a text with blanks between them."""
        value: Any = self._values.get(argument or "")
        if isinstance(value, (list, tuple, set, frozenset)):
            listed = list(cast("Iterable[object]", value))
            if all(isinstance(each, str) for each in listed):
                return " ".join(map(str, listed)) or None
            raise ConfigurationError(f"{argument} must be texts")
        return self.text(argument)

    def variable(self, argument: str) -> str:
        """The environment variable that ``from_env()`` reads for an argument."""
        return f"{self._prefix}_{argument.upper()}"

    def __repr__(self) -> str:
        return f"Given({', '.join(self._values)})"


def _a(kind: type[object]) -> str:
    return f"{'an' if kind.__name__[:1].lower() in 'aeiou' else 'a'} {kind.__name__}"
