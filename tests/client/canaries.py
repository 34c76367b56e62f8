"""A test kit for secrets: every way to authenticate, made with canaries, and every place where one could come out.

A canary is a secret that a test invents and then looks for, in every spelling, in all that a program, a log, or a
reporter of crashes could show. The spellings are made with the standard library, not with the client's own scrubber.
"""

from __future__ import annotations

import base64
import copy
import html
import inspect
import json
import pickle
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache, lru_cache
from types import FrameType
from typing import Any, Final, TypeAlias
from urllib.parse import quote, quote_plus

from attrs import field, frozen

from accordant._http.secrets import Redactor, Secret
from accordant.dibop import AsyncDibop, Dibop
from accordant.dime_scheduler import AsyncDimeScheduler, DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.espace import AsyncEspace, Espace

KINDS: Final = {
    "dispatch": (Dispatch, AsyncDispatch),
    "dibop": (Dibop, AsyncDibop),
    "dime_scheduler": (DimeScheduler, AsyncDimeScheduler),
    "espace": (Espace, AsyncEspace),
}
NO_SECRETS: Final = {"client_id", "username", "email", "instance", "settings", "self"}
"""Arguments of the clients' constructors that hold no secret."""

PLAIN: Final = "{name}-canary-0123456789abcdefghijklmnopqrstuvwxyz"
SPECIAL: Final = '{name}"&</+=%\\>canary'
WIDE: Final = '{name}"&</+=% \\>cänary-Ω'
"""For what does not travel in a header."""


@frozen
class Canaries:
    """The secrets of one client: ``make(name)`` invents one, ``access`` and ``refresh`` are the vendor's tokens."""

    style: str
    made: list[str] = field(factory=list[str], init=False)
    cookie: str = "session-cookie-canary"
    """What the vendor sets, and nobody sends."""

    def make(self, name: str, *, header: bool = False) -> str:
        """A secret of this style; one that travels in a header is ASCII."""
        pattern = {"plain": PLAIN, "special": SPECIAL if header else WIDE}[self.style]
        canary = pattern.format(name=name)
        if canary not in self.made:
            self.made.append(canary)
        return canary

    @property
    def access(self) -> str:
        """The access token that the vendor hands out."""
        return self.make("access", header=True)

    @property
    def refresh(self) -> str:
        """The refresh token that it hands out."""
        return self.make("refresh")

    def found_in(self, text: str) -> list[str]:
        """Which of them stand in a text, and how they are spelt there."""
        return [form for canary in (*self.made, self.cookie) for form in traces(canary) if form in text]

    def clean(self, shown: Iterable[tuple[str, str]], of: object) -> None:
        """Fail where one of them stands in a text; ``shown`` are pairs of a channel and its text."""
        pairs = list(shown)
        if not self.found_in("\0".join({text for _, text in pairs})):  # all at once: most texts are short
            return
        for channel, text in pairs:
            for form in self.found_in(text):
                raise AssertionError(f"{of}: {channel} shows {form!r} in {_near(text, form)}")

    def echo(self) -> str:
        """A text of a vendor that shows them all, in all spellings."""
        return " ".join(form for canary in self.made for form in spellings(canary))


def _near(text: str, canary: str) -> str:
    at = text.index(canary)
    return text[max(0, at - 100) : at + len(canary) + 60]


@lru_cache(maxsize=100)
def spellings(canary: str) -> list[str]:
    """A text as encoders in common use write it, also as a part of a longer one."""
    return [*_spelt(canary), *_base64(canary, lambda whole, _before: whole)]


@lru_cache(maxsize=100)
def traces(canary: str) -> list[str]:
    """What of each spelling must stand nowhere: base64 without the characters at its edges, which hold others' bits."""
    return [*_spelt(canary), *_base64(canary, lambda whole, before: whole.rstrip("=")[-(-before * 4 // 3) + 1 : -2])]


def _base64(canary: str, part: Callable[[str, int], str]) -> Iterator[str]:
    for before in ("", "a", "ab", "ann@example.test:"):  # Basic credentials are "user:password"
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            yield part(encode((before + canary).encode()).decode(), len(before))


def _spelt(canary: str) -> list[str]:
    escaped = json.dumps(canary)[1:-1]
    percent = quote(canary, safe="")
    forms = [
        canary,
        escaped,
        json.dumps(canary, ensure_ascii=False)[1:-1],
        escaped.replace("/", "\\/").replace("<", "\\u003c").replace("&", "\\u0026").replace(">", "\\u003E"),
        percent,
        quote(canary, safe="/"),
        quote_plus(canary),
        "".join(_lower_percent(percent)),
        quote(percent, safe=""),
        html.escape(canary),
        html.escape(canary, quote=False),
        canary.replace("&", "&#x26;").replace("<", "&#60;").replace('"', "&#34;").replace("/", "&#x2F;"),
        repr(canary)[1:-1],
        repr(canary.encode())[2:-1],
        canary.encode().hex(),
        canary.encode().hex().upper(),
        canary.encode().decode("latin-1"),
    ]
    return list(dict.fromkeys(forms))


def _lower_percent(percent: str) -> Iterator[str]:
    parts = percent.split("%")
    yield parts[0]
    for part in parts[1:]:
        yield "%" + part[:2].lower() + part[2:]


Arguments: TypeAlias = Callable[[Canaries, bool], dict[str, Any]]


@frozen
class Way:
    """One way to authenticate: the constructor's arguments, and the grants that it may ask by."""

    vendor: str
    name: str
    arguments: Arguments
    grants: tuple[str, ...] = ()

    def client(self, canaries: Canaries, asynchronous: bool, **settings: Any) -> Any:
        """A client whose secrets are canaries."""
        kind: Any = KINDS[self.vendor][asynchronous]
        given: dict[str, Any] = {"instance": "acme"} if self.vendor == "dibop" and "base_url" not in settings else {}
        return kind(**given, **self.arguments(canaries, asynchronous), **settings)

    def __str__(self) -> str:
        return f"{self.vendor}-{self.name}"


def _token(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"token": canaries.access}


def _function(canaries: Canaries, asynchronous: bool) -> dict[str, Any]:
    token = canaries.access

    async def later() -> str:
        return token

    return {"token": later if asynchronous else lambda: token}


def _client(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"client_id": "public", "client_secret": canaries.make("client")}


def _user(canaries: Canaries, asynchronous: bool) -> dict[str, Any]:
    return {**_client(canaries, asynchronous), **_login(canaries, asynchronous)}


def _login(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"username": "ann@example.test", "password": canaries.make("password")}


def _email(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"email": "ann@example.test", "password": canaries.make("password")}


def _refresh(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"refresh_token": canaries.make("given")}


def _all(canaries: Canaries, asynchronous: bool) -> dict[str, Any]:
    return {**_user(canaries, asynchronous), **_refresh(canaries, asynchronous)}


def _key(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"api_key": canaries.make("key", header=True)}


def _exchanged_key(canaries: Canaries, _asynchronous: bool) -> dict[str, Any]:
    return {"api_key": canaries.make("key")}


WAYS: Final = (
    Way("dispatch", "client", _client, ("client_credentials", "refresh_token")),
    Way("dispatch", "password", _user, ("password", "refresh_token")),
    Way("dispatch", "refresh", _refresh, ("refresh_token",)),
    Way("dispatch", "refresh-first", _all, ("refresh_token", "password")),
    Way("dibop", "key", _key),
    Way("dibop", "login", _email, ("login",)),
    Way("dime_scheduler", "key", _key),
    Way("dime_scheduler", "password", _login, ("password",)),
    Way("espace", "key", _exchanged_key, ("api_key",)),
    *(Way(vendor, "token", _token) for vendor in KINDS),
    *(Way(vendor, "function", _function) for vendor in KINDS),
)


def token_answer(vendor: str, canaries: Canaries) -> Any:
    """What a vendor answers to a request for a token."""
    if vendor == "espace":
        return canaries.access
    if vendor == "dime_scheduler":
        return {"token": canaries.access}
    answer = {"access_token": canaries.access, "token_type": "bearer", "expires_in": 3600}
    return {**answer, "refresh_token": canaries.refresh} if vendor == "dispatch" else answer


def calls(api: Any, vendor: str) -> dict[str, Callable[[], Any]]:
    """A read with a model, and reads and writes without one."""
    reads: dict[str, Callable[[], Any]] = {
        "dispatch": lambda: api.appointments.get(7),
        "dibop": lambda: api.executions.get("e"),
        "dime_scheduler": lambda: api.appointments.get("a"),
        "espace": lambda: api.events.get(7),
    }
    return {
        "read": reads[vendor],
        "get": lambda: api.request("GET", "/v9/things"),
        "write": lambda: api.request("POST", "/v9/things", json={"name": "x"}),
    }


def shown_by(error: BaseException) -> Iterator[tuple[str, str]]:
    """All that a program could print of an error, or a reporter of crashes send: pairs of a channel and its text."""
    seen: set[int] = set()
    for each in _errors(error):
        yield "str", str(each)
        yield "repr", repr(each)
        yield "args", repr(each.args)
        yield "notes", repr(getattr(each, "__notes__", ""))
        yield "vars", "\n".join(_texts(vars(each), seen))
        for frame in _frames(each):
            yield f"frame {frame.f_code.co_qualname}", "\n".join(_texts(frame.f_locals, seen))
    yield "traceback", formatted(error)
    for name, take in (("pickle", _pickled), ("copy", copy.copy), ("deepcopy", copy.deepcopy)):
        try:
            yield name, repr(take(error))
        except (TypeError, AttributeError) as refusal:
            yield name, str(refusal)


def shown_of(*roots: Any) -> Iterator[tuple[str, str]]:
    """All that the repr of objects, and of everything that hangs on them, could show."""
    for item in reachable(list(roots), set()):
        yield f"repr of {type(item).__name__}", f"{item!r} {item}"
        yield f"vars of {type(item).__name__}", _variables(getattr(item, "__dict__", {}))


def copies_of(item: Any) -> Iterator[tuple[str, str]]:
    """What comes out where somebody pickles or copies an object; a refusal is fine."""
    for name, take in (("pickle", _pickled), ("copy", copy.copy), ("deepcopy", copy.deepcopy)):
        try:
            yield name, repr(take(item))
        except (TypeError, AttributeError, pickle.PicklingError) as refusal:
            yield name, f"{refusal!r} {formatted(refusal)}"


def _pickled(item: Any) -> str:
    return pickle.dumps(item).decode("latin-1")


def _errors(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        each = waiting.pop()
        if each is not None and not any(each is other for other in found):
            found.append(each)
            waiting += [each.__cause__, each.__context__, *getattr(each, "exceptions", ())]
    return found


def _frames(error: BaseException) -> Iterator[FrameType]:
    """The frames of an error's traceback, without those of the tests and their transport, which hold what is sent."""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        file = frame.f_code.co_filename.replace("\\", "/")
        if "/tests/" not in file and not file.endswith("/accordant/testing.py"):
            yield frame


def formatted(error: BaseException) -> str:
    """The traceback of an error with those of its causes, without the lines of programs: they take most of the time,
    and hold no value."""
    return "".join(traceback.TracebackException.from_exception(error, limit=0).format())


def _texts(values: dict[str, Any], seen: set[int]) -> Iterator[str]:
    """What a dictionary of variables shows: the repr of each, and that of the variables of our own objects in turn.

    ``seen`` are the objects that were shown before, and are now.
    """
    yield _variables(values)
    for item in reachable(list(values.values()), seen):
        yield repr(item)
        yield _variables(getattr(item, "__dict__", {}))


def _variables(values: dict[str, Any]) -> str:
    return repr({name: value for name, value in values.items() if not _is_script(value)})


def _is_script(value: Any) -> bool:
    """A transport of the tests, which holds what it was sent."""
    if value.__class__ in _PLAIN:
        return False
    return str(getattr(value, "__module__", "")).startswith(("accordant.testing", "tests."))


_PLAIN: Final = frozenset({str, bytes, int, float, bool, type(None)})
"""Kinds of object on which no other hangs."""


def reachable(roots: Sequence[Any], seen: set[int]) -> list[Any]:
    """Every object of ours that hangs on others, by attributes, slots or containers, and was not seen before."""
    found: list[Any] = []
    waiting: deque[Any] = deque(roots)
    while waiting:
        item: Any = waiting.pop()
        kind: Any = item.__class__
        if kind in _PLAIN or id(item) in seen:
            continue
        seen.add(id(item))
        if kind in (list, tuple, set, frozenset, deque):
            waiting.extend(item)
        elif kind is dict:
            waiting.extend(item.values())
        elif kind.__module__.startswith("accordant") and not kind.__module__.startswith("accordant_generated"):
            if _is_script(item) or isinstance(item, type):
                continue
            found.append(item)
            if isinstance(item, (Secret, Redactor)):
                continue
            waiting.extend(getattr(item, "__dict__", {}).values())
            waiting.extend(getattr(item, name) for name in _slots(kind) if hasattr(item, name))
    return found


@cache
def _slots(kind: Any) -> list[str]:
    return [name for name in dir(kind) if inspect.ismemberdescriptor(inspect.getattr_static(kind, name, None))]
