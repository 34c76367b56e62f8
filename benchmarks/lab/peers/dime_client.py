"""dimescheduler, the vendor's own client, in the cases of the lab; it returns errors."""

from __future__ import annotations

import json
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from .loop import result, serve


def make(url: str, timeout: float, retries: int | None) -> Any:
    """A client with its own settings, but for the address and the time limit."""
    package = import_module("dimescheduler")
    config = None if retries is None else import_module("dimescheduler.retry").RetryConfig(max_retries=retries)
    return package.DimeSchedulerClient("lab", SimpleNamespace(value=url), timeout=timeout, retry=config)


if __name__ == "__main__":
    serve(
        make,
        {
            "get": lambda api, number: result(api.jobs.get(number), lambda job: str(job["jobNo"])),
            "create": lambda api, _: result(
                api.appointments.create({"appointmentNo": "A8"}),
                lambda data: f"made {json.loads(data['content'])['id']}",
            ),
            "delete": lambda api, number: result(api.categories.delete({"name": number}), lambda _: "gone"),
        },
    )
