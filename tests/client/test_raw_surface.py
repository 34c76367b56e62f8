"""Raw access to every method of every client: a response as it came, or an error that says why there is none."""

from __future__ import annotations

import asyncio
import datetime
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accordant import RawResponse
from accordant.errors import RequestError
from accordant.testing import Script
from tests.client.vendors import made, vendors

SEVERAL_CALLS = {
    *("datafiles.download", "datafiles.download_to", "executions.wait", "orchestrations.execute_and_wait"),
    "imports.batch",
    *(
        f"{name}.wait_until"
        for name in ("appointments", "events", "executions", "inventory_requests", "jobs", "work_orders")
    ),
}
"""Methods that are more than one call, so that there is no one response."""
VALUES: dict[str, Any] = {
    "int": 7,
    "str": "x",
    "bool": True,
    "datetime.datetime": datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
    "datetime.date": datetime.date(2026, 3, 1),
    "Sequence[int]": [7],
    "UUID | str": "5f0c9d0e-0000-4000-8000-000000000000",
    "str | os.PathLike[str]": "never-written",
    "FileInput": b"x",
}
GIVEN = {"webhooks.send": {"secret": "invented"}}


def client(vendor: str, kind: str, transport: Any) -> Any:
    return made(vendors()[vendor][kind == "async"], vendor, transport=transport)


def methods(api: Any) -> Iterator[tuple[str, Any]]:
    """Every public method of every resource of a client, by its name."""
    for name in dir(api.__class__):
        if name.startswith("_") or inspect.isfunction(inspect.getattr_static(api, name)):
            continue
        resource = getattr(api, name)
        if hasattr(resource, "_caller"):
            for method, _ in inspect.getmembers(resource.__class__, inspect.isfunction):
                if not method.startswith("_"):
                    yield f"{name}.{method}", getattr(resource, method)


def arguments(name: str, method: Any) -> dict[str, Any]:
    """A value for each argument that a method requires."""
    required = {
        item.name: str(item.annotation)
        for item in inspect.signature(method).parameters.values()
        if item.default is item.empty and item.kind is not item.VAR_POSITIONAL
    }
    return {key: _value(kind) for key, kind in required.items()} | GIVEN.get(name, {})


def _value(annotation: str) -> Any:
    if annotation in VALUES:
        return VALUES[annotation]
    if annotation.startswith("Sequence["):
        return [_value(annotation[9:-1])]
    return {} if "Mapping[" in annotation else "x"


async def settled(result: Any) -> Any:
    return await result if inspect.isawaitable(result) else result


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("vendor", vendors())
def test_raw_is_a_response_or_says_why_not(vendor: str, kind: str) -> None:
    """``api.raw`` of any method is a RawResponse of the one request that was sent, or a RequestError without any."""
    script = Script((200, b'{"as": "it came"}', {"Content-Type": "application/json", "X-Mark": "1"}), repeat=True)
    found: set[str] = set()

    async def run() -> None:
        api = client(vendor, kind, script)
        for name, method in methods(api):
            found.add(name)
            script.requests.clear()
            if name in SEVERAL_CALLS:
                with pytest.raises(RequestError, match="more than one call"):
                    await settled(api.raw(method, **arguments(name, method)))
                assert script.requests == [], name
                continue
            response = await settled(api.raw(method, **arguments(name, method)))
            assert type(response) is RawResponse, name
            assert (response.status, response.headers["x-mark"]) == (200, "1"), name
            assert response.content == b'{"as": "it came"}', name
            assert len(script.requests) == response.attempts == 1, name
        await settled(api.close())

    asyncio.run(run())
    assert len(found) > 20
    assert not Path("never-written").exists()


def test_the_list_of_methods_with_several_calls_is_exact() -> None:
    """Every method that is listed as more than one call is there."""
    found = {name for vendor in vendors() for name, _ in methods(client(vendor, "sync", Script()))}
    assert found >= SEVERAL_CALLS


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_raw_takes_methods_of_its_own_client(kind: str) -> None:
    """What is no method of a resource of this kind of client is refused with words that say what raw takes."""
    script = Script()
    api, other = client("dispatch", kind, script), client("dispatch", "sync" if kind == "async" else "async", script)
    pages = api.appointments.list()
    for wrong in (api.request, api.close, api.with_options, pages.first, other.appointments.get, len, print, None):
        with pytest.raises(RequestError, match=r"raw takes a method .* such as api\.appointments\.get"):
            api.raw(wrong, 7)
    for name in ("request", "close", "environment", "deviations", "raw"):
        with pytest.raises(RequestError, match=r"raw takes a method"):
            getattr(api.raw, name)
    assert script.requests == []
