"""Callers that speak to a Dime.Scheduler sandbox: in process by hand, and over loopback through the vendor's SDK."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from dimescheduler import DimeSchedulerClient  # type: ignore[import-untyped]

from accordant_sandbox import Sandbox
from tests.sandbox import caller

__all__ = ["JOB", "TASK", "Api", "Got", "sdk"]

JOB = {"sourceApp": "BC1", "sourceType": "SERVICE", "jobNo": "SVC001"}
TASK = {**JOB, "taskNo": "20"}


class Got(caller.Got):
    """What came back."""

    @property
    def inner(self) -> int:
        """The status of the work itself, in a ContentResult."""
        assert self.status == 200, self.content
        return int(self.body["statusCode"])

    @property
    def said(self) -> dict[str, Any]:
        """The content of a ContentResult."""
        found: dict[str, Any] = orjson.loads(self.body["content"])
        return found


class Api(caller.Caller[Got]):
    """Calls with the API key of one of the sandbox's principals."""

    got = Got

    def __init__(self, sandbox: Sandbox, principal: str | None = "default") -> None:
        super().__init__(sandbox)
        self.headers: dict[str, str] = {}
        if principal is not None:
            self.headers["X-API-KEY"] = sandbox.vendor.credentials[principal]["api_key"]

    def __call__(self, method: str, target: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Got:
        sent = {**self.headers, **(headers or {})}
        if isinstance(body, bytes):
            return self.call(method, target, headers=sent, raw=body)
        return self.call(method, target, body, sent)

    def ok(self, method: str, target: str, body: Any) -> dict[str, Any]:
        """Write and demand success; returns the outcome."""
        got = self(method, target, body)
        assert got.inner == 200, got.said
        return got.said

    def refused(self, method: str, target: str, body: Any) -> str:
        """Write and demand a refusal inside HTTP 200; returns its description."""
        got = self(method, target, body)
        assert got.inner == 500, got.said
        return str(got.said["Description"])

    def appointment(self, **values: Any) -> str:
        """The number of a new appointment of task 20 of job SVC001."""
        body = {**TASK, "start": "2026-04-01T08:00", "end": "2026-04-01T09:00", "resourceNo": "R001", **values}
        before = {row["appointmentNo"] for row in self.sandbox.state.appointments.all()}
        self.ok("POST", "/appointment", body)
        [made] = [row for row in self.sandbox.state.appointments.all() if row["appointmentNo"] not in before]
        return str(made["appointmentNo"])

    def run(self, procedure: str, **parameters: Any) -> Got:
        """Import one procedure."""
        names = list(parameters)
        item = {
            "StoredProcedureName": procedure,
            "ParameterNames": names,
            "ParameterValues": [parameters[name] for name in names],
        }
        return self("POST", "/import", [item])


class _Loopback(httpx.BaseTransport):
    """Carries what is meant for the vendor's host to a port of this machine."""

    def __init__(self, root: str) -> None:
        parts = urlsplit(root)
        self._host, self._port = parts.hostname, parts.port
        self._inner = httpx.HTTPTransport(verify=False)  # without TLS: to read all authorities takes long

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host=self._host, port=self._port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def sdk(sandbox: Sandbox) -> Generator[Any]:
    """The vendor's own Python SDK, unchanged, with its requests carried to the sandbox's port."""
    key = sandbox.credentials["api_key"]
    with DimeSchedulerClient(key, retry=False, transport=_Loopback(sandbox.root)) as client:
        yield client
