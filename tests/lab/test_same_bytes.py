"""The blocking and the asynchronous client of a vendor put the same bytes on the wire."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from attrs import frozen

from accordant import CallOptions, Upload
from accordant.testing import FakeClock
from benchmarks.lab.cases import TWINS, VENDORS
from benchmarks.lab.clients import CANARY, LAB_VENDORS
from benchmarks.lab.groups.lists import Table, deleting
from benchmarks.lab.replies import cut, http, unless
from benchmarks.lab.server import Act, LabServer
from benchmarks.lab.shapes import SHAPES, Shapes

DAY = datetime.date(2026, 3, 1)
ALL = tuple(VENDORS)


@frozen
class Scenario:
    """Calls one after the other, against a script. Each call gets the client, and the vendor's verbs."""

    calls: Sequence[Callable[[Any, Any], Any]]
    script: Callable[[Shapes], Sequence[Act]]
    vendors: tuple[str, ...] = ALL
    tokens: Callable[[Shapes], Sequence[Act]] | None = None
    requests: int | None = None
    """How many requests must have come, those for tokens included."""


def _verb(words: str) -> Callable[[Any, Any], Any]:
    return lambda api, vendor: vendor.verb(words).start(api)


def _file(size: int) -> Upload:
    return Upload(bytes(range(256)) * (size // 256), filename='t\u00fcr "1".png', content_type="image/png")


SCENARIOS = {
    "read": Scenario([_verb("get 1"), _verb("get 2")], lambda v: [v.record(1), v.record(2)], requests=2),
    "write": Scenario([_verb("create")], lambda v: [v.made(8)], requests=1),
    "delete": Scenario([_verb("delete 1")], lambda v: [v.gone()], requests=1),
    "head": Scenario([_verb("head")], lambda _: [http(b"", headers={"Content-Length": "0"})], requests=1),
    "retries": Scenario([_verb("get 1")], lambda v: [v.error(503), cut(), v.record(1)], requests=3),
    "wait": Scenario([_verb("get 1")], lambda v: [v.error(429, headers={"Retry-After": "3"}), v.record(1)], requests=2),
    "write after 429": Scenario([_verb("create")], lambda v: [v.error(429), v.made(8)], requests=2),
    "pages": Scenario([_verb("list")], lambda v: [Table(v, 5)], ("dispatch", "dibop"), requests=3),
    "pages without a total": Scenario([_verb("list")], lambda v: [Table(v, 5)], ("dime_scheduler",)),
    "pages with a row deleted": Scenario(
        [_verb("list")],
        lambda v: [Table(v, 7, deleting(0))],
        ("dispatch", "dibop"),
    ),
    "token": Scenario(
        [_verb("get 1"), _verb("create")],
        lambda v: [v.record(1), v.made(8)],
        tokens=lambda v: [v.token("first")],
        requests=3,
    ),
    "token renewed": Scenario(
        [_verb("get 1"), _verb("get 1")],
        lambda v: [unless(b"Bearer second", v.record(1), v.error(401))],
        tokens=lambda v: [v.token("first"), v.token("second")],
        requests=5,
    ),
    "token refreshed": Scenario(
        [_verb("get 1"), _verb("get 2")],
        lambda v: [v.record(1), v.error(401), v.record(2)],
        ("dispatch",),
        tokens=lambda v: [v.token("first", refresh_token="good-once"), v.token("second")],
        requests=5,
    ),
    "token endpoint down": Scenario(
        [_verb("get 1")],
        lambda v: [v.record(1)],
        tokens=lambda v: [v.error(503), cut(), v.token("third")],
        requests=4,
    ),
    "undocumented": Scenario(
        [
            lambda api, _: api.request(
                "POST", "/v9/thing", query={"a b": "\u00fc&=", "n": [1, 2]}, json={"x": 1.5, "y": "\u00fc"}
            ),
            lambda api, _: api.request("PUT", "/v9/thing", content=b"\x00\xffraw"),
            lambda api, _: api.request("PATCH", "/v9/thing", json=None),
        ],
        lambda _: [http({})],
        requests=3,
    ),
    "options": Scenario(
        [
            lambda api, _: api.request("GET", "/x", options=CallOptions(headers={"X-Trace": "one"})),
            lambda api, vendor: vendor.get(api.with_options(headers={"X-Tenant": "two"}), 1),
        ],
        lambda v: [http({}), v.record(1)],
        requests=2,
    ),
    "upload": Scenario(
        [
            lambda api, _: api.datafiles.upload(file=_file(512)),
            lambda api, _: api.datafiles.upload(file=_file(300_000)),
        ],
        lambda _: [http({"datafile": {"uid": "7d0b2b9c-7a57-4d0f-9d6b-1f7d0b2b9c7a"}}, 201)],
        ("dispatch",),
        requests=2,
    ),
    "filters": Scenario(
        [
            lambda api, _: api.appointments.list(status_in=["scheduled", "enroute"], limit=10).collect(),
            lambda api, _: api.customers.list(limit=10).first(),
        ],
        lambda _: [http({"appointments": [], "customers": [], "meta": {"total": 0}})],
        ("dispatch",),
        requests=2,
    ),
    "execution": Scenario(
        [lambda api, _: api.orchestrations.execute("7", parameters={"from": "2026", "n": 1})],
        lambda _: [http({"execution_id": "1", "status": "queued"}, 202)],
        ("dibop",),
        requests=1,
    ),
    "many at once": Scenario(
        [lambda api, _: api.categories.upsert([{"name": "a", "color": "#112233"}, {"name": "b"}])],
        lambda v: [v.gone()],
        ("dime_scheduler",),
        requests=1,
    ),
    "days": Scenario(
        [lambda api, _: api.work_orders.list(start_date=DAY, end_date=DAY, location_ids=[1, 2], priority=["High"])],
        lambda v: [v.rows([1])],
        ("espace",),
        requests=1,
    ),
}
EVERY = [(name, vendor) for name, scenario in SCENARIOS.items() for vendor in scenario.vendors]


def recorded(name: str, vendor_name: str, twin: str) -> list[bytes]:
    """The requests of a scenario, whole, with the port of the server left out."""
    scenario, vendor, shapes = SCENARIOS[name], LAB_VENDORS[vendor_name], SHAPES[vendor_name]
    credentials = vendor.direct if scenario.tokens is None else vendor.login
    tokens = scenario.tokens(shapes) if scenario.tokens else ()
    path = shapes.token_path if scenario.tokens else ""
    with LabServer(scenario.script(shapes), tokens=tokens, token_path=path) as server:
        settings = {**credentials, **vendor.more, "base_url": server.url, "clock": FakeClock(chance=0.0)}
        if twin == "sync":
            with vendor.client(twin)(**settings) as api:
                for call in scenario.calls:
                    call(api, vendor)
        else:
            asyncio.run(_awaited(vendor, settings, scenario))
        port = str(server.port).encode()
        return [request.replace(b":" + port, b":PORT") for request in (*server.token_requests, *server.requests)]


async def _awaited(vendor: Any, settings: dict[str, Any], scenario: Scenario) -> None:
    async with vendor.client("async")(**settings) as api:
        for call in scenario.calls:
            got = call(api, vendor)
            if asyncio.iscoroutine(got):
                await got


@pytest.mark.parametrize(("name", "vendor"), EVERY)
def test_both_twins_send_the_same_bytes(name: str, vendor: str) -> None:
    """Heads and bodies are the same to the byte: retries, tokens, pages and uploads included."""
    blocking, asynchronous = (recorded(name, vendor, twin) for twin in TWINS)
    assert blocking == asynchronous
    assert len(blocking) == (SCENARIOS[name].requests or len(blocking)) > 0


def test_what_is_recorded_is_whole() -> None:
    """A recorded request holds its request line, its credentials and its body, so that a difference would show."""
    token, create = recorded("token", "dispatch", "sync")[0], recorded("write", "dispatch", "sync")[0]
    assert token.startswith(b"POST /v3/oauth/token HTTP/1.1\r\n")
    assert CANARY.encode() in token
    assert f"Authorization: Bearer {CANARY}".lower().encode() in create.lower()
    assert create.endswith(b'"duration":60}')


def test_an_upload_is_recorded_to_its_end() -> None:
    """The multipart body of an upload is compared whole, and its boundary comes from the clock that was given."""
    small, large = recorded("upload", "dispatch", "async")
    assert small.rstrip().endswith(b"--")
    assert len(large) > 299_000
    assert b"0000000000000001" in small
