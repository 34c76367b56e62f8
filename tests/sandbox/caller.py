"""What the callers of all sandboxes have in common: requests through the transport, in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

import orjson

from accordant_sandbox import Sandbox


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)


GotT = TypeVar("GotT", bound=Got)


class Caller(Generic[GotT]):
    """Calls a sandbox through its transport, with a bearer token where there is one."""

    got: type[GotT]
    prefix: ClassVar[str] = ""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.token: str | None = None

    def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes = b"",
    ) -> GotT:
        sent = dict(headers or {})
        if body is not None:
            raw = orjson.dumps(body)
        if raw:
            sent.setdefault("Content-Type", "application/json")
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        url = f"{self.sandbox.credentials['base_url']}{self.prefix}{target}"
        status, got, content = self.sandbox.transport(method, url, list(sent.items()), raw, 30.0)
        return self.got(status, {name.lower(): value for name, value in got}, content)

    def get(self, target: str, **more: Any) -> GotT:
        return self.call("GET", target, **more)

    def post(self, target: str, body: Any = None, **more: Any) -> GotT:
        return self.call("POST", target, body, **more)

    def put(self, target: str, body: Any = None, **more: Any) -> GotT:
        return self.call("PUT", target, body, **more)

    def patch(self, target: str, body: Any = None, **more: Any) -> GotT:
        return self.call("PATCH", target, body, **more)

    def delete(self, target: str, body: Any = None, **more: Any) -> GotT:
        return self.call("DELETE", target, body, **more)
