"""Stubs: what one operation returns, chosen by a test."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import pytest

from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import DeadlineExceededError, NotFoundError, ServiceUnavailableError, TooManyRequestsError
from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.server.control import answer_control
from accordant_sandbox.server.raw_transport import build_request


@pytest.fixture
def sandbox() -> Sandbox:
    """Dispatch with its default records."""
    return Sandbox("dispatch")


def test_a_stub_serves_so_many_calls(sandbox: Sandbox) -> None:
    """Two calls fail with the vendor's own form of errors, and the third finds the record."""
    stub = sandbox.stub("getJob", status=503, times=2)
    job = sandbox.state.jobs.all()[0]["id"]
    with Dispatch(**sandbox.credentials, retries=0) as api:
        for _ in range(2):
            with pytest.raises(ServiceUnavailableError, match="getJob is stubbed"):
                api.jobs.get(job)
        assert api.jobs.get(job).id == job
    assert stub.calls == 2
    assert sandbox.idle_faults == []


def test_a_stub_begins_after_some_calls(sandbox: Sandbox) -> None:
    """`after` lets calls pass first; the stub ends with its block."""
    job = sandbox.state.jobs.all()[0]["id"]
    with Dispatch(**sandbox.credentials) as api:
        with sandbox.stub("getJob", status=404, after=1):
            assert api.jobs.get(job).id == job
            with pytest.raises(NotFoundError):
                api.jobs.get(job)
        assert api.jobs.get(job).id == job


def test_stubs_of_one_operation_serve_in_turn(sandbox: Sandbox) -> None:
    """The first stub serves until its times are used up, then the next one does."""
    first, second = sandbox.stub("getJob", status=429, times=1), sandbox.stub("getJob", status=404, times=1)
    with Dispatch(**sandbox.credentials, retries=0) as api:
        with pytest.raises(TooManyRequestsError):
            api.jobs.get(1)
        with pytest.raises(NotFoundError):
            api.jobs.get(1)
    assert (first.calls, second.calls) == (1, 1)


async def _title(sandbox: Sandbox) -> Any:
    async with AsyncDispatch(**sandbox.credentials) as api:
        return (await api.jobs.get(1)).title


def test_a_body_is_sent_as_it_is(sandbox: Sandbox) -> None:
    """A body that the document allows reaches the client, blocking and not; without one it is made up."""
    with sandbox.stub("getJob"), Dispatch(**sandbox.credentials) as api:
        body = orjson.loads(api.raw(api.jobs.get, 1).content)
    body["job"]["title"] = "Stubbed"
    with sandbox.stub("getJob", body=body), Dispatch(**sandbox.credentials) as api:
        assert api.jobs.get(1).title == "Stubbed"
        assert asyncio.run(_title(sandbox)) == "Stubbed"


def test_raw_content_and_headers(sandbox: Sandbox) -> None:
    """Bytes and headers go out as they are, if the check against the document is off."""
    content = b"<html>down</html>"
    sandbox.stub("getJob", status=200, content=content, media_type="text/html", headers={"X-Down": "1"}, check=False)
    with Dispatch(**sandbox.credentials) as api:
        raw = api.raw(api.jobs.get, 1)
    assert (raw.content, raw.headers["x-down"], raw.headers["content-type"]) == (content, "1", "text/html")


def test_a_delay_is_time_on_the_sandboxs_clock(sandbox: Sandbox) -> None:
    """A delay that is longer than the deadline ends the call at once, in the sandbox's time."""
    before = sandbox.clock.now()
    sandbox.stub("getJob", delay=60)
    with Dispatch(**sandbox.credentials, deadline=10) as api, pytest.raises(DeadlineExceededError):
        api.jobs.get(1)
    assert 10 <= (sandbox.clock.now() - before).total_seconds() < 60


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"status": 999}, "status must be a whole number from 200 to 599, not 999"),
        ({"status": 418, "body": {}}, "the document has no response 418"),
        ({"status": 302}, "the document has no response 302"),
        ({"body": {"job": {"id": "x"}}}, r"forbids this response at \$\.job"),
        ({"body": object()}, "the body is not JSON"),
        ({"body": {}, "content": b""}, "not both"),
        ({"content": "text"}, "content must be bytes, not str"),
        ({"delay": -1}, "delay must be a number of seconds"),
        ({"headers": {"X": "a\r\nB: c"}}, "without line breaks"),
        ({"times": 0}, "times and every start at 1"),
    ],
)
def test_an_impossible_stub_is_refused(sandbox: Sandbox, how: dict[str, Any], words: str) -> None:
    """What the document forbids or nobody can send is refused when it is said, with the place."""
    with pytest.raises(SandboxError, match=words):
        sandbox.stub("getJob", **how)


def test_an_unknown_operation_is_refused(sandbox: Sandbox) -> None:
    """A misspelt operation is refused with the closest one."""
    with pytest.raises(SandboxError, match="unknown operation 'getjob'; did you mean 'getJob'"):
        sandbox.stub("getjob")


def test_a_reset_takes_stubs_away(sandbox: Sandbox) -> None:
    """After a reset the sandbox responds itself."""
    job = sandbox.state.jobs.all()[0]["id"]
    sandbox.stub("getJob", status=503)
    sandbox.reset()
    with Dispatch(**sandbox.credentials) as api:
        assert api.jobs.get(job).id == job


def test_a_stub_over_the_control_plane(sandbox: Sandbox) -> None:
    """The control plane takes the same members, and refuses others."""

    def post(body: Any) -> Any:
        headers = [("Content-Type", "application/json"), ("Host", "localhost")]
        steps = answer_control(
            sandbox, build_request("POST", "http://localhost/_sandbox/stub", headers, orjson.dumps(body), False)
        )
        try:
            while True:
                next(steps)
        except StopIteration as done:
            return done.value.status, orjson.loads(done.value.content)

    assert post({"operation": "getJob", "status": 503})[0] == 200
    assert "unknown member of the body 'statuss'" in post({"operation": "getJob", "statuss": 503})[1]["error"]
    with Dispatch(**sandbox.credentials, retries=0) as api, pytest.raises(ServiceUnavailableError):
        api.jobs.get(1)
