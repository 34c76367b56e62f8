"""What each fault looks like from outside: a function per fault that tells whether a Dispatch sandbox has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api

Symptom: TypeAlias = Callable[["Patient"], bool]
SYMPTOMS: dict[str, Symptom] = {}


def shows(*names: str) -> Callable[[Symptom], Symptom]:
    """The decorated function tells whether these faults act."""

    def put(symptom: Symptom) -> Symptom:
        for name in names:
            assert name not in SYMPTOMS, name
            SYMPTOMS[name] = symptom
        return symptom

    return put


@dataclass(frozen=True)
class Seen:
    """What came back, headers in their order and number."""

    status: int
    headers: list[tuple[str, str]]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    def header(self, name: str) -> str | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Patient(Api):
    """A caller with the eyes to see every fault."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        super().__init__(sandbox)
        self.name = name

    def see(
        self, method: str, target: str, body: Any = None, *, token: str | None = "own", raw: bytes | None = None
    ) -> Seen:
        """One call; `token=None` shows no credential, another text shows that one."""
        headers: list[tuple[str, str]] = []
        content = raw if raw is not None else b"" if body is None else orjson.dumps(body)
        if content:
            headers.append(("Content-Type", "application/json"))
        shown = self.token if token == "own" else token
        if shown is not None:
            headers.append(("Authorization", f"Bearer {shown}"))
        base = self.sandbox.credentials["base_url"]
        status, pairs, answered = self.sandbox.transport(method, base + target, headers, content, 10.0)
        return Seen(status, list(pairs), answered)

    def fails_with(self, error: type[Exception], method: str, target: str, body: Any = None) -> bool:
        """Whether the transport raises exactly that."""
        try:
            self.see(method, target, body)
        except error as raised:
            return type(raised) is error
        return False

    def valid(self, operation_id: str, seen: Seen) -> bool:
        """Whether the body fits the schema that the document gives for its status."""
        document = self.sandbox.vendor.document
        found = document.operations[operation_id].response(seen.status)
        assert found is not None
        try:
            body = seen.body
        except orjson.JSONDecodeError:
            return False
        return document.schemas.is_valid(f"{found[1]}/content/application~1json/schema", body)

    def pages(self, target: str, size: int) -> list[list[Any]]:
        """Every page of a list, as long as its total says that there is one more."""
        found: list[list[Any]] = []
        while True:
            body = self.see("GET", f"{target}?limit={size}&offset={size * len(found)}").body
            name = next(key for key in body if key != "meta")
            found.append(body[name])
            if size * len(found) >= body["meta"]["total"]:
                return found

    def total(self, target: str) -> int:
        """The total of a list."""
        return int(self.see("GET", f"{target}?limit=1").body["meta"]["total"])
