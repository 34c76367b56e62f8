"""A small caller that speaks to an eSPACE sandbox in process."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

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

    @property
    def data(self) -> Any:
        return self.body["Data"]

    @property
    def message(self) -> str:
        return str(self.body["Message"])


class Api:
    """Calls a sandbox through its transport, with a token of one of its principals; paths stand under /api/v2."""

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        self.sandbox = sandbox
        self.token: str | None = None
        if principal is not None:
            self.token = self.log_in(principal).body

    def log_in(self, principal: str = "default") -> Got:
        return self.post("/requesttoken", {"apiKey": self.sandbox.credentials_for(principal)["api_key"]})

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: dict[str, str] | None = None,
        raw: bytes = b"",
        **query: Any,
    ) -> Got:
        sent = dict(headers or {})
        if body is not None:
            raw = orjson.dumps(body)
            sent.setdefault("Content-Type", "application/json")
        if self.token is not None:
            sent.setdefault("Authorization", f"Bearer {self.token}")
        url = f"{self.sandbox.credentials['base_url']}/api/v2{path}"
        if query:
            url += "?" + urlencode({name: _text(value) for name, value in query.items()})
        status, got, content = self.sandbox.transport(method, url, list(sent.items()), raw, 30.0)
        return Got(status, {name.lower(): value for name, value in got}, content)

    def get(self, path: str, **query: Any) -> Got:
        return self.call("GET", path, **query)

    def post(self, path: str, body: Any = None, **query: Any) -> Got:
        return self.call("POST", path, body, **query)

    def put(self, path: str, body: Any = None, **query: Any) -> Got:
        return self.call("PUT", path, body, **query)

    def patch(self, path: str, body: Any = None, **query: Any) -> Got:
        return self.call("PATCH", path, body, **query)

    def delete(self, path: str, body: Any = None, **query: Any) -> Got:
        return self.call("DELETE", path, body, **query)

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
