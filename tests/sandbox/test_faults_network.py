"""Faults of connection, encoding and time over a real socket, as an HTTP client meets them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import sleep

import httpx
import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api

BROKEN = {
    "connection_broken.refused": httpx.NetworkError,
    "connection_broken.reset": httpx.NetworkError,
    "connection_broken.empty": httpx.RemoteProtocolError,
    "connection_broken.truncated": httpx.RemoteProtocolError,
    "connection_broken.bad_chunk": httpx.RemoteProtocolError,
    "connection_broken.garbage": httpx.RemoteProtocolError,
    "encoding_lie.gzip": httpx.DecodingError,
}
LATE = ("hang", "hang.after_headers", "slow")


@pytest.fixture
def client(sandbox: Sandbox, api: Api) -> Iterator[httpx.Client]:
    """A plain HTTP client with a token."""
    headers = {"Authorization": f"Bearer {api.token}"}
    with httpx.Client(base_url=sandbox.url, headers=headers, trust_env=False, verify=False) as made:
        yield made


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_connection_is_an_error_of_the_transport(sandbox: Sandbox, client: httpx.Client, name: str) -> None:
    """Each way of breaking an answer reaches a client as the matching error, and the next call is served."""
    with sandbox.fault(name, times=1), pytest.raises(BROKEN[name]):
        client.get("/v3/jobs")
    assert client.get("/v3/jobs").status_code == 200


@pytest.mark.parametrize("name", LATE)
def test_a_late_answer_runs_into_the_timeout(sandbox: Sandbox, client: httpx.Client, name: str) -> None:
    """An answer that does not come is a timeout of the client."""
    with sandbox.fault(name, times=1, seconds=5), pytest.raises(httpx.ReadTimeout):
        client.get("/v3/jobs", timeout=0.05)


def test_a_write_can_be_done_although_its_answer_is_lost(sandbox: Sandbox, client: httpx.Client) -> None:
    """After `reset_after_apply` the record is there; after `reset` it is not."""
    for name, brands in (("connection_broken.reset", 2), ("connection_broken.reset_after_apply", 3)):
        with sandbox.fault(name), pytest.raises(httpx.NetworkError):
            client.post("/v3/brands", json={"name": "Acme"})
        assert len(sandbox.state.brands) == brands


def test_a_dribbled_body_comes_whole_in_the_end(sandbox: Sandbox, client: httpx.Client) -> None:
    """A body that comes byte by byte is complete, so only a limit on the whole call ends the waiting."""
    with sandbox.fault("connection_broken.dribble", seconds=0):
        assert client.get("/v3/sources/1").json()["source"]["id"] == 1


def test_a_header_stands_twice_on_the_wire(sandbox: Sandbox, client: httpx.Client) -> None:
    """A duplicated header reaches the client as two headers."""
    with sandbox.fault("header_duplicate"):
        answer = client.get("/v3/jobs")
    assert answer.headers.get_list("content-type") == ["text/html", "application/json"]


def test_redirects_never_lead_out_of_this_machine(sandbox: Sandbox, client: httpx.Client) -> None:
    """Where a faulty redirect leads, nobody listens: the call ends on this machine."""
    with sandbox.fault("redirect_foreign"):
        location = client.get("/v3/jobs").headers["location"]
    assert location == "http://127.0.0.2:9/v3/jobs"
    with pytest.raises(httpx.ConnectError):
        httpx.get(location, trust_env=False, verify=False, timeout=1)


def test_a_response_that_is_under_way_arrives_although_the_server_stops(sandbox: Sandbox, client: httpx.Client) -> None:
    """Stopping a sandbox takes no new connection, and leaves the clients that wait a moment for their responses."""
    assert client.get("/v3/jobs").status_code == 200
    with ThreadPoolExecutor(1) as caller, sandbox.fault("slow", times=1, seconds=0.1):
        waiting = caller.submit(client.get, "/v3/sources/1")
        while not any(entry.path == "/v3/sources/1" for entry in sandbox.journal):
            sleep(0.001)
        sandbox.close()
        assert waiting.result().json()["source"]["id"] == 1
    with pytest.raises(httpx.ConnectError):
        client.get("/v3/jobs")


@pytest.mark.parametrize("fault", ["hang", "slow", "hang.after_headers"])
def test_a_response_that_is_not_due_yet_ends_with_the_server(
    sandbox: Sandbox, client: httpx.Client, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    """A sandbox that stops waits for no response that a fault keeps back: its connection ends, nothing is printed."""
    with ThreadPoolExecutor(1) as caller, sandbox.fault(fault, times=1, seconds=30):
        waiting = caller.submit(client.get, "/v3/sources/1", timeout=20)
        while not any(entry.path == "/v3/sources/1" for entry in sandbox.journal):
            sleep(0.001)
        sandbox.close()
        with pytest.raises(httpx.TransportError):
            waiting.result()
    assert not [record for record in caplog.records if record.name.startswith("uvicorn")]
