"""A small caller that speaks to a DIBOP sandbox in process."""

from __future__ import annotations

from typing import Any

from accordant_sandbox import Sandbox
from tests.sandbox import caller

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


class Got(caller.Got):
    """What came back."""

    @property
    def code(self) -> str:
        """The code of the error envelope."""
        return str(self.body["error"]["code"])

    @property
    def fields(self) -> set[str]:
        """The fields that the error envelope names."""
        return {each["field"] for each in self.body["error"]["details"]}


class Api(caller.Caller[Got]):
    """Calls with the credential of one of the sandbox's principals."""

    got = Got

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        super().__init__(sandbox)
        if principal is not None:
            login = sandbox.vendor.credentials[principal]
            self.token = login.get("api_key") or self.log_in(login["email"], login["password"]).body["access_token"]

    def log_in(self, email: str, password: str) -> Got:
        return self.call("POST", "/auth/login", {"email": email, "password": password})

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
