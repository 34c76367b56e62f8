"""A small caller that speaks to a Dispatch sandbox in process."""

from __future__ import annotations

from typing import Any

from accordant_sandbox import Sandbox
from tests.sandbox.caller import Caller, Got


class Api(Caller[Got]):
    """Calls with a token of one of the sandbox's principals."""

    got = Got

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        super().__init__(sandbox)
        if principal is not None:
            self.token = self.log_in(principal).body["access_token"]

    def log_in(self, principal: str = "default", **changes: str) -> Got:
        login = {**self.sandbox.vendor.credentials[principal], **changes}
        login.setdefault("grant_type", "password" if "username" in login else "client_credentials")
        return self.call("POST", "/v3/oauth/token", login)

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
