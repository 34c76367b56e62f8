"""A small caller that speaks to an eSPACE sandbox in process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from accordant_sandbox import Sandbox
from tests.sandbox import caller


class Got(caller.Got):
    """What came back."""

    @property
    def data(self) -> Any:
        return self.body["Data"]

    @property
    def message(self) -> str:
        return str(self.body["Message"])


class Api(caller.Caller[Got]):
    """Calls with a token of one of the sandbox's principals; paths stand under /api/v2."""

    got = Got
    prefix = "/api/v2"

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        super().__init__(sandbox)
        if principal is not None:
            self.token = self.log_in(principal).body

    def log_in(self, principal: str = "default") -> Got:
        return self.post("/requesttoken", {"apiKey": self.sandbox.credentials_for(principal)["api_key"]})

    def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes = b"",
        **query: Any,
    ) -> Got:
        text = urlencode({name: _text(value) for name, value in query.items()})
        return super().call(method, f"{target}?{text}" if text else target, body, headers, raw)

    def event(self, **values: Any) -> dict[str, int]:
        """The ids of a new draft on 10 March, 18:00 to 20:00, unless told otherwise, as query parameters."""
        body = {
            "EventName": "Choir",
            "EventDate": "2026-03-10T00:00:00",
            "StartTime": "18:00:00",
            "EndTime": "20:00:00",
        }
        made = self.post("/event/create", {**body, **values}).data
        return {"eventId": made["EventId"], "scheduleId": made["ScheduleId"]}

    def submitted(self, *spaces: int, **values: Any) -> dict[str, int]:
        """The ids of a new event that was submitted with these spaces."""
        made = self.event(**values)
        self.post("/event/spaces/add", list(spaces), **made)
        self.put("/event/submit", **made)
        return made

    def order(self, **values: Any) -> int:
        """The id of a new work order."""
        body = {"FullDescription": "Leak", "LocationId": 1, "ServiceCategoryId": 1, "PriorityId": 1}
        return int(self.post("/workorder/create", {**body, **values}).data["Id"])


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
