"""A tiny vendor for the tests of the client: one kind of record, every kind of operation, no generated code."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from typing import Any, Unpack

from attrs import frozen

from accordant._auth.context import Auth
from accordant._auth.flows import HeaderAuth
from accordant._auth.oauth2 import oauth2
from accordant._client.clients import AsyncClient, Client
from accordant._http.secrets import Secret
from accordant._problems import Problem
from accordant._settings import ClientSettings
from accordant._vendor import Vendor
from accordant.testing import FakeClock
from accordant_runtime import (
    UNSET,
    Answer,
    AsyncCaller,
    AsyncPages,
    Body,
    CallOptions,
    Entity,
    FileInput,
    ListOf,
    Notes,
    Operation,
    Pages,
    Pagination,
    Parameter,
    SyncCaller,
    is_object,
    null,
    string,
    untyped,
)

BASE_URL = "https://api.tiny.test"
KEY = "key-4711-canary"
SECRET = "client-secret-canary"


@frozen
class Thing:
    """The vendor's only kind of record."""

    id: Any
    name: Any = UNSET

    @staticmethod
    def decode(value: Any, notes: Notes) -> Any:
        """What a generated decoder does: keep what does not fit, and note it."""
        if not is_object(value):
            return notes.mismatch(value, "", "object")
        number, name = value.get("id", UNSET), value.get("name", UNSET)
        if type(number) is not int:
            notes.mismatch(number, "id", "integer")
        if name is not UNSET and type(name) is not str:
            notes.mismatch(name, "name", "string")
        return Thing(number, name)


def _operation(id: str, method: str, path: str, action: str, *answers: Answer[Any], **more: Any) -> Operation[Thing]:
    more.setdefault("security", (("key",),))
    more.setdefault("entity", Entity("thing", action))
    more.setdefault("idempotent", method in ("PUT", "DELETE"))
    return Operation(id=id, method=method, path=path, resource="things", name=id, answers=answers, **more)


_ID = (Parameter("id", "id", "path", required=True, style="simple"),)
_LIMITS = (Parameter("limit", "limit"), Parameter("offset", "offset"), Parameter("filter[name_eq]", "name_eq"))
_NUMBERS = (Parameter("size", "size"), Parameter("page", "page"))
_CURSOR = (Parameter("limit", "limit"), Parameter("after", "after"))
_THING: Answer[Any] = Answer("200", Thing.decode, envelope="thing")
_ROWS: Answer[Any] = Answer("200", Thing.decode)

GET = _operation("getThing", "GET", "/v1/things/{id}", "get", _THING, parameters=_ID)
CREATE = _operation("createThing", "POST", "/v1/things", "create", Answer("201", Thing.decode, "thing"), body=Body())
UPDATE = _operation("updateThing", "PATCH", "/v1/things/{id}", "update", _THING, parameters=_ID, body=Body())
REPLACE = _operation("replaceThing", "PUT", "/v1/things/{id}", "replace", _THING, parameters=_ID, body=Body())
DELETE = _operation(
    "deleteThing", "DELETE", "/v1/things/{id}", "delete", Answer("204", null, kind="nothing"), parameters=_ID
)
SEARCH = _operation(
    "searchThings", "POST", "/v1/search", "list", Answer("200", ListOf(Thing.decode)), body=Body(), idempotent=True
)
LIST = _operation(
    "listThings",
    "GET",
    "/v1/things",
    "list",
    _ROWS,
    parameters=_LIMITS,
    pagination=Pagination("offset", "things", limit="limit", position="offset", total="meta.total", max_limit=100),
)
LIST_UNCOUNTED = _operation(
    "listUncounted",
    "GET",
    "/v1/uncounted",
    "list",
    _ROWS,
    parameters=_LIMITS,
    pagination=Pagination("offset", "things", limit="limit", position="offset"),
)
LIST_NUMBERED = _operation(
    "listNumbered",
    "GET",
    "/v1/numbered",
    "list",
    _ROWS,
    parameters=_NUMBERS,
    pagination=Pagination("page", "items", limit="size", position="page", total="total", max_limit=50),
)
LIST_BARE = _operation(
    "listBare",
    "GET",
    "/v1/bare",
    "list",
    _ROWS,
    parameters=_NUMBERS,
    pagination=Pagination("page", "", limit="size", position="page"),
)
LIST_CURSOR = _operation(
    "listCursor",
    "GET",
    "/v1/cursor",
    "list",
    _ROWS,
    parameters=_CURSOR,
    pagination=Pagination("cursor", "items", limit="limit", position="after", next="next"),
)
LIST_WINDOW = _operation(
    "listWindow",
    "GET",
    "/v1/window",
    "list",
    _ROWS,
    parameters=(Parameter("from", "from"),),
    pagination=Pagination("window", "items"),
)
UPLOAD = _operation(
    "uploadThing",
    "POST",
    "/v1/files",
    "create",
    Answer("201", Thing.decode, "thing"),
    body=Body("multipart/form-data", "multipart", files=("file",)),
)
FILE: Operation[Any] = _operation(
    "getFile", "GET", "/v1/files/{id}", "custom", Answer("302", untyped, kind="redirect"), parameters=_ID
)
TEXT = _operation("getText", "GET", "/v1/text", "custom", Answer("200", string, kind="text", content_type="text/plain"))
BYTES = _operation(
    "getBytes", "GET", "/v1/bytes", "custom", Answer("200", untyped, kind="bytes", content_type="image/png")
)
OPEN = _operation("getOpen", "GET", "/v1/open", "get", _THING, security=())


class Things:
    """The resource of the blocking client."""

    def __init__(self, caller: SyncCaller) -> None:
        self._caller = caller

    def get(self, id: int, *, options: CallOptions | None = None) -> Thing:
        return self._caller.call(GET, {"id": id}, options)

    def create(self, body: Mapping[str, Any], *, options: CallOptions | None = None) -> Thing:
        return self._caller.call(CREATE, {"body": body}, options)

    def list(self, *, options: CallOptions | None = None, **arguments: Any) -> Pages[Thing]:
        return self._caller.paginate(LIST, arguments, options)

    def run(self, operation: Operation[Any], *, options: CallOptions | None = None, **arguments: Any) -> Any:
        return self._caller.call(operation, arguments, options)

    def walk(self, operation: Operation[Any], *, options: CallOptions | None = None, **arguments: Any) -> Any:
        return self._caller.paginate(operation, arguments, options)

    def upload(self, file: FileInput, **fields: Any) -> Thing:
        return self._caller.call(UPLOAD, {"file": file, **fields}, None)


class AsyncThings:
    """The resource of the asynchronous client."""

    def __init__(self, caller: AsyncCaller) -> None:
        self._caller = caller

    async def get(self, id: int, *, options: CallOptions | None = None) -> Thing:
        return await self._caller.call(GET, {"id": id}, options)

    async def create(self, body: Mapping[str, Any], *, options: CallOptions | None = None) -> Thing:
        return await self._caller.call(CREATE, {"body": body}, options)

    def list(self, *, options: CallOptions | None = None, **arguments: Any) -> AsyncPages[Thing]:
        return self._caller.paginate(LIST, arguments, options)

    async def run(self, operation: Operation[Any], *, options: CallOptions | None = None, **arguments: Any) -> Any:
        return await self._caller.call(operation, arguments, options)

    def walk(self, operation: Operation[Any], *, options: CallOptions | None = None, **arguments: Any) -> Any:
        return self._caller.paginate(operation, arguments, options)

    async def upload(self, file: FileInput, **fields: Any) -> Thing:
        return await self._caller.call(UPLOAD, {"file": file, **fields}, None)


def problem(document: Any) -> Problem:
    """The tiny vendor's errors: ``{"error": words, "code": code}``."""
    if not is_object(document):
        return Problem()
    return Problem(str(document.get("error", "")), document.get("code"))


VENDOR = Vendor(
    name="tiny",
    title="Tiny",
    variable_prefix="TINY",
    environments={"production": BASE_URL, "sandbox": "https://sandbox.tiny.test"},
    problem=problem,
    idempotency_header="Idempotency-Key",
)


def key_auth() -> Auth:
    """An API key in a header."""
    return HeaderAuth("X-API-KEY", KEY)


def token_auth(**more: Any) -> Auth:
    """OAuth 2 with client credentials."""
    return oauth2("/oauth/token", client_id="client-1", client_secret=Secret(SECRET), **more)


def token_answer(number: int = 1, expires_in: int | None = 3600, refresh: str | None = None) -> tuple[int, Any]:
    """The answer to a token request."""
    answer: dict[str, Any] = {"access_token": f"access-token-{number}", "token_type": "bearer"}
    if expires_in is not None:
        answer["expires_in"] = expires_in
    if refresh is not None:
        answer["refresh_token"] = refresh
    return 200, answer


class Tiny(Client):
    """The blocking client."""

    def __init__(
        self, *, auth: Auth | None = None, vendor: Vendor = VENDOR, **settings: Unpack[ClientSettings]
    ) -> None:
        super().__init__(vendor, auth or key_auth(), settings)

    @property
    def things(self) -> Things:
        return Things(self._caller)


class AsyncTiny(AsyncClient):
    """The asynchronous client."""

    def __init__(
        self, *, auth: Auth | None = None, vendor: Vendor = VENDOR, **settings: Unpack[ClientSettings]
    ) -> None:
        super().__init__(vendor, auth or key_auth(), settings)

    @property
    def things(self) -> AsyncThings:
        return AsyncThings(self._caller)


class Player:
    """Runs one scenario against either kind of client, so that a test is written once for both."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.clock = FakeClock()
        self._runner = asyncio.Runner() if kind == "async" else None
        self._clients: list[Any] = []

    def client(self, transport: Any = None, **settings: Any) -> Any:
        """A client of this kind; the clock is fake unless the settings bring one."""
        settings.setdefault("clock", self.clock)
        if transport is not None:
            settings["transport"] = transport
        api: Any = Tiny(**settings) if self.kind == "sync" else AsyncTiny(**settings)
        self._clients.append(api)
        return api

    def own(self, api: Any) -> Any:
        """Close this client with the others."""
        self._clients.append(api)
        return api

    def do(self, action: Callable[[], Any]) -> Any:
        """The result of a call, awaited where the client is asynchronous."""
        if self._runner is None:
            return action()

        async def awaited() -> Any:
            result = action()
            return await result if inspect.isawaitable(result) else result

        return self._runner.run(awaited())

    def all(self, iterate: Callable[[], Iterator[Any] | AsyncIterator[Any]], most: int | None = None) -> list[Any]:
        """What an iterator gives, at most ``most`` items of it."""
        if self._runner is None:
            found: list[Any] = []
            iterator: Any = iterate()
            for item in iterator:
                found.append(item)
                if len(found) == most:
                    break
            return found

        async def gathered() -> list[Any]:
            found: list[Any] = []
            iterator: Any = iterate()
            async for item in iterator:
                found.append(item)
                if len(found) == most:
                    break
            return found

        return self._runner.run(gathered())

    def close(self) -> None:
        """Close every client that was made."""
        for api in self._clients:
            self.do(api.close)
        if self._runner is not None:
            self._runner.close()
