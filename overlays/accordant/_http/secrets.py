"""Secrets that cannot be printed, and the scrubbing of texts that might hold one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, NoReturn, cast

from attrs import fields, has

from accordant_runtime import is_object

from .spellings import Spellings, without_beginning

MASK: Final = "***"
_KEPT: Final = 32
_KEPT_APART: Final = ("strerror", "filename", "filename2", "object", "reason")
"""What errors of the operating system and of encodings hold beside their ``args``."""
HALF: Final = "holds half a character (a lone surrogate) and cannot be sent; was it read from bytes that are not UTF-8?"
"""What is wrong with a text that is not :attr:`Secret.whole`."""


class Secret:
    """A text that shows itself only to :meth:`reveal`: not to repr, str, format or pickle."""

    __slots__ = ("_spellings", "_value")

    def __init__(self, value: str) -> None:
        self._value = value
        self._spellings: Spellings | None = None

    def reveal(self) -> str:
        """The text itself."""
        return self._value

    def mask(self, text: str) -> str:
        """The text with this secret masked, however it is spelt there, also where an ellipsis cuts it off."""
        if "..." in text:
            text = without_beginning(text, self._value, MASK)
        if len(text) < len(self._value):
            return text
        if self._spellings is None:  # most secrets never meet a text that is about to be shown
            self._spellings = Spellings(self._value)
        return self._spellings.masked(text, MASK)

    @property
    def fits_header(self) -> bool:
        """Whether a header can carry it: printable ASCII without blanks around it."""
        return self._value.isascii() and self._value.isprintable() and self._value == self._value.strip()

    @property
    def whole(self) -> bool:
        """Whether it is made of whole characters: bytes that are not UTF-8 become halves (lone surrogates)."""
        return not any("\ud800" <= letter <= "\udfff" for letter in self._value)

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


class SecretUrl(str):
    """A URL with a secret in its query, which its repr does not show."""

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(f"{self.partition('?')[0]}?{MASK}")


class Concealed:
    """Whatever a user's function returned, a token or not: local variables that hold it do not show it."""

    __slots__ = ("value",)

    def __init__(self, value: Any) -> None:
        self.value = value

    def __repr__(self) -> str:
        return f"Concealed({MASK})"


class SecretBody:
    """A request body with credentials in it: made anew whenever it is sent, so that nobody holds it in between."""

    __slots__ = ("_encode",)

    replayable = True

    def __init__(self, encode: Callable[[], bytes]) -> None:
        self._encode = encode

    @property
    def length(self) -> int | None:
        """Bytes in all."""
        return len(self._encode())

    def chunks(self) -> Iterator[bytes]:
        """The bytes from the beginning."""
        yield self._encode()

    def __repr__(self) -> str:
        return f"SecretBody({MASK})"


@cache
def secret_fields(model: type) -> tuple[str, ...]:
    """The attributes of a generated class that its document calls passwords: they do not show in its repr."""
    if not has(model):
        return ()
    return tuple(each.name for each in fields(model) if not each.repr and each.name != "additional_properties")


def secrets_of(record: object) -> Iterator[Secret]:
    """What a decoded record holds that its document calls a password, such as the token of a login."""
    kind: Any = type(record)
    for name in secret_fields(kind):
        value: object = getattr(record, name)
        if isinstance(value, str):
            yield Secret(value)


def conceal(value: str | Secret | None) -> Secret | None:
    """Wrap a text that came in from a user; an empty one counts as not given."""
    if value is None or isinstance(value, Secret):
        return value
    return Secret(value) if value else None


class Redactor:
    """Knows a client's secrets and takes them out of whatever is about to be shown.

    Vendors echo credentials in error pages; the texts of errors and log lines pass through here. The secrets that the
    client was built with stay known; of those that come and go, the last ones.
    """

    __slots__ = ("_fixed", "_noticed", "_passing")

    def __init__(self, *secrets: Secret | None) -> None:
        self._fixed = [secret for secret in secrets if secret is not None]
        self._passing: list[Secret] = []
        self._noticed: list[Secret] = []

    def learn(self, *secrets: Secret | None) -> None:
        """Add tokens that were obtained on the way."""
        new = [secret for secret in secrets if secret is not None and secret not in self._passing]
        self._passing = [*self._passing, *new][-_KEPT:]

    def notice(self, *secrets: Secret) -> None:
        """Add secrets of a single call, such as a webhook's. They do not make the client forget its own tokens."""
        new = [secret for secret in secrets if secret not in self._noticed]
        if new:
            self._noticed = [*self._noticed, *new][-_KEPT:]

    def _known(self) -> list[Secret]:
        return [*self._fixed, *self._passing, *self._noticed]

    def text(self, text: str) -> str:
        """The text with every known secret masked, also where it is escaped, percent-encoded or in base64."""
        for secret in self._known():
            text = secret.mask(text)
        return text

    def data(self, data: bytes) -> bytes:
        """The bytes with every known secret masked."""
        wide = _wide(data)
        if wide:
            text = data.decode(wide, "surrogatepass")
            masked = self.text(text)
            return data if masked == text else masked.encode(wide, "surrogatepass")
        text = data.decode("latin-1")
        masked = self.text(text)
        return data if masked == text else masked.encode("latin-1")

    def value(self, value: Any) -> Any:
        """Texts and bytes masked, also inside of tuples, lists and dicts; anything else as it is."""
        if isinstance(value, str):
            return self.text(value) if type(value) is str else value
        if isinstance(value, bytes):
            return self.data(value)
        if type(value) in (tuple, list):
            return type(value)(map(self.value, value))
        if is_object(value) and value.__class__ is dict:
            return {self.value(key): self.value(each) for key, each in value.items()}
        return value

    def errors(self, error: BaseException | None) -> None:
        """Mask the texts, notes and attributes of an error and of those that led to it."""
        for each in chain_of(error):
            each.args = self.value(each.args)
            for name, value in list(vars(each).items()):
                vars(each)[name] = self.value(value)
            for name in _KEPT_APART:
                value = getattr(each, name, None)
                if isinstance(value, (str, bytes)):
                    setattr(each, name, self.value(value))
            cause, context = self._reworded(each.__cause__), self._reworded(each.__context__)
            if cause is not each.__cause__:
                each.__cause__ = cause
            each.__context__ = context

    def _reworded(self, error: BaseException | None) -> BaseException | None:
        """The error, or another one in its place: nobody can change the message of a group."""
        if not isinstance(error, BaseExceptionGroup):
            return error
        group = cast("BaseExceptionGroup[BaseException]", error)
        message = self.text(group.message)
        return group if message == group.message else BaseExceptionGroup(message, group.exceptions)

    def __repr__(self) -> str:
        return f"Redactor({len(self._known())} secrets)"


def chain_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and every other one that hangs on it: causes, contexts, members of groups."""
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is None or any(each is other for other in seen):
            continue
        seen.append(each)
        yield each
        waiting += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", each).exceptions


def _wide(data: bytes) -> str | None:
    """The encoding of a text whose characters have two bytes, by its first ones; ``None`` for all others."""
    if data[:2] == b"\xff\xfe" or (data[1:2] == b"\0" and data[:1] not in (b"\0", b"")):
        encoding = "utf-16-le"
    elif data[:2] == b"\xfe\xff" or (data[:1] == b"\0" and data[1:2] not in (b"\0", b"")):
        encoding = "utf-16-be"
    else:
        return None
    try:
        data.decode(encoding, "surrogatepass")
    except UnicodeDecodeError:
        return None
    return encoding
