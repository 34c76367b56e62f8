"""A small caller that speaks to a DIBOP sandbox in process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from treaty_sandbox import Sandbox

VIN_DECODE = "a0000000-0000-4000-8000-000000000001"
INVENTORY_SYNC = "a0000000-0000-4000-8000-000000000002"
VEHICLE_EVENT = "a0000000-0000-4000-8000-000000000003"
WEBHOOK = "c0000000-0000-4000-8000-000000000001"
SECRET = "northgate-webhook-secret"
VIN = "1HGCM82633A004352"
FAILING = "FAIL0000000000503"
SILENT = "WAIT0000000000000"
ADMIN = "admin@northgate.example.com"
VIEWER = "viewer@northgate.example.com"


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)

    @property
    def code(self) -> str:
        """The code of the error envelope."""
        return str(self.body["error"]["code"])

    @property
    def fields(self) -> set[str]:
        """The fields that the error envelope names."""
        return {each["field"] for each in self.body["error"]["details"]}


class Api:
    """Calls a sandbox through its transport, with the credential of one of its principals."""

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        self.sandbox = sandbox
        self.token: str | None = None
        if principal is not None:
            login = sandbox.vendor.credentials[principal]
            self.token = login.get("api_key") or self.log_in(login["email"], login["password"]).body["access_token"]

    def log_in(self, email: str, password: str) -> Got:
        return self.call("POST", "/auth/login", {"email": email, "password": password})

    def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes = b"",
    ) -> Got:
        sent = dict(headers or {})
        if body is not None:
            raw = orjson.dumps(body)
        if raw:
            sent.setdefault("Content-Type", "application/json")
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        base = self.sandbox.credentials["base_url"]
        status, got, content = self.sandbox.transport(method, base + target, list(sent.items()), raw, 30.0)
        return Got(status, {name.lower(): value for name, value in got}, content)

    def get(self, target: str) -> Got:
        return self.call("GET", target)

    def post(self, target: str, body: Any = None) -> Got:
        return self.call("POST", target, body)

    def put(self, target: str, body: Any) -> Got:
        return self.call("PUT", target, body)

    def delete(self, target: str) -> Got:
        return self.call("DELETE", target)

    def rows(self, target: str) -> list[Any]:
        found: list[Any] = self.get(target).body["items"]
        return found

    def orchestration(self, **values: Any) -> Any:
        """A new active orchestration."""
        return self.post("/orchestrations", {"name": "Made by a test", "status": "active", **values}).body

    def run(self, orchestration_id: str = VIN_DECODE, **parameters: Any) -> Any:
        """The execution that a run of an orchestration ends as."""
        started = self.post(f"/orchestrations/{orchestration_id}/execute", {"parameters": parameters})
        assert started.status == 202, started.content
        self.sandbox.clock.advance(minutes=1)
        return self.get(f"/executions/{started.body['execution_id']}").body
