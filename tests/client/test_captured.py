"""The responses of calls in a block: request ids of successes, without raw access."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator

import pytest

from accordant import CallResponse
from accordant._http.messages import HttpResponse
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import NotFoundError, RequestError
from accordant.testing import Script
from accordant_sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("dispatch", seed="default", random_seed=7, clock="2026-03-01T09:00:00Z") as running:
        yield running


@pytest.fixture
def api(sandbox: Sandbox) -> Iterator[Dispatch]:
    with Dispatch(**sandbox.credentials) as api:
        yield api


def ids(sandbox: Sandbox, operation: str) -> list[str]:
    """The request ids that the sandbox gave the calls of an operation."""
    entries = [entry for entry in sandbox.journal if entry.operation == operation]
    return [dict(entry.answer_headers)["X-Request-Id"] for entry in entries]


def test_the_request_id_of_a_success(sandbox: Sandbox, api: Dispatch) -> None:
    """A block sees what each call's response had beside its value: the vendor's request id, the status, the headers."""
    with api.capture() as seen:
        job = api.jobs.get(123)
        brand = api.brands.create(name="Third")
    assert [(each.operation, each.status, each.attempts) for each in seen] == [
        ("getJob", 200, 1), ("createBrand", 201, 1),
    ]  # fmt: skip
    assert [seen.of(job).request_id] == ids(sandbox, "getJob")
    assert [seen.of(brand).request_id] == ids(sandbox, "createBrand") == [seen.last.request_id]
    assert seen.last.headers["cache-control"].startswith("max-age=0")
    assert seen[:1] == [seen.of(job)]
    assert isinstance(seen[0], CallResponse)


@pytest.mark.parametrize("window", [1, 3])
def test_the_request_ids_of_a_walk(sandbox: Sandbox, api: Dispatch, window: int) -> None:
    """Each page of a walk is a response, fetched ahead or not, and each row knows the one that it came in."""
    sandbox.given("appointments", 25, status="draft")
    with api.capture() as seen:
        rows = api.appointments.list(limit=10).prefetch(window).collect()
    assert [each.operation for each in seen] == ["listAppointments"] * 3
    assert sorted(str(each.request_id) for each in seen) == sorted(ids(sandbox, "listAppointments"))
    assert [len({seen.of(row).request_id for row in rows[start : start + 10]}) for start in (0, 10, 20)] == [1, 1, 1]
    assert len({seen.of(row).request_id for row in rows}) == 3
    with api.capture() as again:
        first = api.appointments.list().first()
    assert again.of(first) is again.last


def test_an_asynchronous_client(sandbox: Sandbox) -> None:
    """Calls that run at once in tasks are seen as well, and each value leads to its own response."""

    async def run() -> None:
        sandbox.given("appointments", 25, status="draft")
        async with AsyncDispatch(**sandbox.credentials) as api:
            with api.capture() as seen:
                jobs = await asyncio.gather(*(api.jobs.get(number) for number in (120, 121, 122)))
                await api.appointments.list(limit=10).prefetch(3).collect()
            assert sorted(each.operation for each in seen) == ["getJob"] * 3 + ["listAppointments"] * 3
            assert {seen.of(job).request_id for job in jobs} == set(ids(sandbox, "getJob"))

    asyncio.run(run())


def test_a_refusal_is_a_response(api: Dispatch) -> None:
    """A refused call is seen with its status, and its error says the same request id."""
    with api.capture() as seen, pytest.raises(NotFoundError) as caught:
        api.jobs.get(999)
    assert (seen.last.status, seen.last.request_id) == (404, caught.value.request_id)


def test_whose_calls_are_seen(sandbox: Sandbox, api: Dispatch) -> None:
    """A client's copies are heard; another client, another thread and calls outside of the block are not."""
    with Dispatch(**sandbox.credentials) as other, api.capture() as seen, other.capture() as others:
        with api.capture() as inner:
            api.with_options(deadline=5).jobs.get(120)
        other.jobs.get(121)
        thread = threading.Thread(target=api.jobs.get, args=(122,))
        thread.start()
        thread.join()
        with seen:
            api.jobs.get(123)
        api.request("GET", "/v3/brands")
    api.jobs.get(120)
    assert [each.operation for each in inner] == ["getJob"]
    assert [each.operation for each in others] == ["getJob"]
    assert [each.operation for each in seen] == ["getJob", "getJob", "GET /v3/brands"]
    assert repr(seen) == "<3 responses>"


def test_what_was_not_returned_has_no_response(api: Dispatch) -> None:
    """A value that no call in the block returned is an error, an equal one too, and so is the last of nothing."""
    with api.capture() as seen:
        pass
    with pytest.raises(LookupError, match="no call of this client had a response"):
        _ = seen.last
    job = api.jobs.get(123)
    with seen:
        assert api.jobs.get(123) == job
    with pytest.raises(LookupError, match="returned this Job"):
        seen.of(job)
    with pytest.raises(RequestError, match="most must be 1 or more, not 0"):
        api.capture(0)


def test_only_the_newest_are_kept(api: Dispatch) -> None:
    """A capture keeps as many responses as it was told, and not their bodies."""
    gc.freeze()  # what is looked for among all objects is younger than those of the tests before
    with api.capture(2) as seen:
        jobs = [api.jobs.get(number) for number in (120, 121, 122)]
        gc.collect()
        bodies = [each for each in gc.get_objects() if isinstance(each, HttpResponse) and b"Boiler" in each.content]
    assert [seen.of(job) for job in jobs[1:]] == list(seen)
    with pytest.raises(LookupError):
        seen.of(jobs[0])
    assert bodies == []


def test_a_secret_in_a_request_id_is_masked() -> None:
    """A request id that holds one of the client's secrets does not show it."""
    script = Script((200, {"id": 7}, {"X-Request-Id": "of-my-invented-token"}))
    with Dispatch(token="my-invented-token", transport=script) as api, api.capture() as seen:
        api.request("GET", "/v3/brands")
    assert seen.last.request_id == "of-***"
