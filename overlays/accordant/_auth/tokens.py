"""Access tokens, what a vendor's token response says about them, and the store that keeps them between processes."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import stat
from pathlib import Path
from typing import Any, Protocol

from attrs import field, frozen

from accordant_runtime import Notes, dumps, is_object, loads

from .._http.secrets import Secret
from ..errors import ConfigurationError

_LONGEST_MARGIN = 60.0
_MARGIN_SHARE = 0.2
_LONGEST_LIFE = 10 * 365 * 86_400.0
_LAST_DATE = 253_402_300_799.0
"""The end of the year 9999."""
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?([eE][+-]?[0-9]{1,3})?")
_TOKEN = re.compile(r"[!-~]+")


@frozen
class Token:
    """One access token.

    ``expires`` and ``obtained`` are in seconds since 1970 by this machine's clock, measured from the token's arrival,
    so that the vendor's clock does not matter. ``expires`` is ``None`` when the vendor names no lifetime.
    """

    access: Secret
    obtained: float
    expires: float | None = None
    refresh: Secret | None = field(default=None, repr=False)

    def usable(self, now: float) -> bool:
        """Whether it has not expired yet."""
        return self.expires is None or now < self.expires

    def fresh(self, now: float) -> bool:
        """Whether it is not even about to expire: more than a minute is left, or a fifth of a short lifetime."""
        if self.expires is None:
            return True
        margin = min(_LONGEST_MARGIN, _MARGIN_SHARE * (self.expires - self.obtained))
        return now < self.expires - margin


def same_token(one: Token, other: Token) -> bool:
    """Whether two are the same, whenever they were obtained."""
    return (one.access, one.refresh) == (other.access, other.refresh)


def bearer_token(document: Any, access: Any, now: float) -> Token | None:
    """Read what a token endpoint said: ``access`` is the part of ``document`` that is the token itself.

    ``None`` when that is no token. ``expires_in`` may be a number or a text. Where it is 0 or less the token has
    expired on arrival: it serves those who wait for it, and nobody afterwards. Where it is missing or senseless, the
    expiry is read from the token itself if that is a JWT. ``token_type`` may be in any case, or missing.
    """
    text = access.strip() if isinstance(access, str) else ""
    about: dict[str, Any] = document if is_object(document) else {}
    if not _TOKEN.fullmatch(text) or not _is_bearer(about.get("token_type")):
        return None
    lifetime = number(about.get("expires_in"), _LONGEST_LIFE)
    expires = jwt_expiry(text) if lifetime is None else now + max(0.0, lifetime)
    return Token(Secret(text), now, expires, _refresh(about.get("refresh_token")))


def _refresh(text: object) -> Secret | None:
    """A refresh token, unless it is one that nobody can send."""
    found = Secret(text) if isinstance(text, str) and text else None
    return found if found is not None and found.whole else None


def oauth2_token(document: Any, now: float) -> Token | None:
    """Read a token response of OAuth 2 (RFC 6749, 5.1); ``None`` when it is none."""
    return bearer_token(document, document.get("access_token") if is_object(document) else None, now)


def jwt_expiry(token: str) -> float | None:
    """The ``exp`` claim of a JWT (RFC 7519), its signature unchecked; ``None`` for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json_or_none(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    return number(claims.get("exp"), _LAST_DATE) if is_object(claims) else None


def json_or_none(data: bytes) -> Any:
    """Parsed JSON, read as tolerantly as a response; ``None`` for anything else."""
    try:
        return loads(data, Notes())
    except ValueError:
        return None


def number(value: object, most: float) -> float | None:
    """A number that a vendor wrote as a number or as text, at most ``most`` on either side; ``None`` for anything else.

    There are integers that no float can hold: some vendors write "for ever" with 400 digits.
    """
    if isinstance(value, str):
        value = float(value) if _NUMBER.fullmatch(value.strip()) else None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value:  # NaN
        return None
    return float(max(-most, min(value, most)))


def _is_bearer(kind: object) -> bool:
    if kind is None or kind == "":
        return True
    return isinstance(kind, str) and kind.strip().lower() in ("bearer", "bearertoken")


class TokenStore(Protocol):
    """Keeps tokens beyond the life of a client. ``name`` tells vendor, address and account apart."""

    def load(self, name: str) -> Token | None:
        """The token kept under ``name``, or ``None``."""
        ...

    def save(self, name: str, token: Token) -> None:
        """Keep a token, replacing the one before."""
        ...

    def remove(self, name: str) -> None:
        """Forget the token: the vendor no longer takes it."""
        ...


class _Entries(dict[str, Any]):
    """The file's content; its repr keeps the tokens out of tracebacks that print local variables."""

    def __repr__(self) -> str:
        return f"<{len(self)} tokens>"


class FileTokenStore:
    """A :class:`TokenStore` in one JSON file that only its owner can read.

    Several processes may share it: a reader never sees half a file, and of two that write at the same moment one wins.
    A file that others can read is refused with a ``ConfigurationError``, one that is not ours is started anew.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path)

    def load(self, name: str) -> Token | None:
        """The token kept under ``name``, or ``None``."""
        kept = self._read().get(name)
        if not is_object(kept) or not isinstance(kept.get("access"), str):
            return None
        expires = kept.get("expires")
        obtained = kept.get("obtained")
        return Token(
            Secret(kept["access"]),
            number(obtained, _LAST_DATE) or 0.0,
            number(expires, _LAST_DATE),
            _refresh(kept.get("refresh")),
        )

    def save(self, name: str, token: Token) -> None:
        """Keep a token, replacing the one before."""
        kept = self._read()
        kept[name] = {
            "access": token.access.reveal(),
            "obtained": token.obtained,
            "expires": token.expires,
            "refresh": token.refresh.reveal() if token.refresh else None,
        }
        self._write(kept)

    def remove(self, name: str) -> None:
        """Forget the token: the vendor no longer takes it."""
        kept = self._read()
        if kept.pop(name, None) is not None:
            self._write(kept)

    def _read(self) -> _Entries:
        try:
            mode = self.path.stat().st_mode
            # Before it is read: tracebacks that print local variables must not find the content of a refused file.
            if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise ConfigurationError(f"the token file {str(self.path)!r} can be read by others: chmod 600 it")
            kept = json_or_none(self.path.read_bytes())
        except FileNotFoundError:
            return _Entries()
        except OSError as error:
            raise ConfigurationError(f"cannot read the token file {str(self.path)!r}: {error.strerror}") from None
        return _Entries(kept if is_object(kept) else {})

    def _write(self, kept: _Entries) -> None:
        """Replace the file in one step: a reader sees the old one or the new one. mkstemp makes it mode 600."""
        import tempfile  # with shutil and the compressions, for those who keep tokens in a file

        try:
            handle, temporary = tempfile.mkstemp(dir=self.path.parent, prefix=f".{self.path.name}.")
            try:
                with open(handle, "wb") as file:
                    file.write(dumps(kept))
                os.replace(temporary, self.path)
            except BaseException:
                with contextlib.suppress(OSError):
                    os.unlink(temporary)
                raise
        except OSError as error:
            raise ConfigurationError(f"cannot write the token file {str(self.path)!r}: {error.strerror}") from None

    def __repr__(self) -> str:
        return f"FileTokenStore({str(self.path)!r})"
