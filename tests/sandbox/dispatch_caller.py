"""A small caller that speaks to a Dispatch sandbox in process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from treaty_sandbox import Sandbox


@dataclass(frozen=True)
class Got:
    """What came back."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        return orjson.loads(self.content)


class Api:
    """Calls a sandbox through its transport, with a token of one of its principals."""

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        self.sandbox = sandbox
        self.token: str | None = None
        if principal is not None:
            self.token = self.log_in(principal).body["access_token"]

    def log_in(self, principal: str = "default", **changes: str) -> Got:
        login = {**self.sandbox.vendor.credentials[principal], **changes}
        login.setdefault("grant_type", "password" if "username" in login else "client_credentials")
        return self.call("POST", "/v3/oauth/token", login)

    def call(
        self, method: str, target: str, body: Any = None, headers: dict[str, str] | None = None, raw: bytes = b""
    ) -> Got:
        sent = dict(headers or {})
        if body is not None:
            raw = orjson.dumps(body)
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

    def patch(self, target: str, body: Any) -> Got:
        return self.call("PATCH", target, body)

    def delete(self, target: str) -> Got:
        return self.call("DELETE", target)

    def appointment(self, **values: Any) -> dict[str, Any]:
        """A created appointment of job 123, a draft unless told otherwise."""
        made: dict[str, Any] = self.post("/v3/appointments", {"job_id": 123, "status": "draft", **values}).body
        return dict(made["appointment"])

    def upload(self, content: bytes = b"hello", filename: str = "note.txt", **fields: str) -> Got:
        """An uploaded file with further text parts."""
        edge = "edge-of-parts"
        parts = [
            f'--{edge}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\nContent-Type: text/plain\r\n\r\n'
        parts.append(f"--{edge}\r\n{head}".encode() + content + b"\r\n")
        body = b"".join([*parts, f"--{edge}--\r\n".encode()])
        return self.call(
            "POST", "/v3/datafiles", headers={"Content-Type": f"multipart/form-data; boundary={edge}"}, raw=body
        )
