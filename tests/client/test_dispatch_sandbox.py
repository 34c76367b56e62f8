"""The Dispatch client against the Dispatch sandbox, in the process and over a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from accordant import Clock
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import CredentialError, NotFoundError, UnprocessableEntityError
from accordant_sandbox import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox("dispatch", seed="default", random_seed=7, clock="2026-03-01T09:00:00Z") as running:
        yield running


@pytest.fixture(params=["in the process", "over HTTP"])
def credentials(request: pytest.FixtureRequest, sandbox: Sandbox) -> dict[str, Any]:
    sandbox.reset()
    return dict(sandbox.credentials if request.param == "in the process" else sandbox.http_credentials)


def test_walk(sandbox: Sandbox, credentials: dict[str, Any]) -> None:
    """A walk finds every record once, with prefetch or without, and answers match the document."""
    sandbox.given("appointments", 250, status="scheduled")
    with Dispatch(**credentials) as api:
        pages = api.appointments.list(status_in=["scheduled"], limit=40)
        found = [item.id for item in pages]
        assert len(set(found)) == len(found) == pages.total
        assert [item.id for item in pages.prefetch(4)] == found
        assert len(api.deviations) == 0


def test_records(credentials: dict[str, Any]) -> None:
    """A record is made, read, changed and deleted; the bare and the enveloped form look the same."""
    with Dispatch(**credentials) as api:
        made = api.appointments.create(job_id=123, status="draft", duration=3600)
        assert api.appointments.get(made.id) == made
        assert api.appointments.update(made.id, duration=60).duration == 60
        api.appointments.delete(made.id)
        with pytest.raises(NotFoundError):
            api.appointments.get(made.id)
        with pytest.raises(UnprocessableEntityError) as caught:
            api.appointments.create(job_id=999_999, status="draft")
        assert caught.value.details


def test_own_organization(sandbox: Sandbox, credentials: dict[str, Any]) -> None:
    """A user of an organization makes customers and jobs without naming it; a job source that does so is refused."""
    address = {"street_1": "1 Main Street", "city": "Boston"}
    user = {name: sandbox.credentials_for("organization_user")[name] for name in ("username", "password")}
    with Dispatch(**{**credentials, **user}) as api:
        customer = api.customers.create(first_name="Pat")
        job = api.jobs.create(title="Tap", customer_id=customer.id, address=address, status="unscheduled")
        assert (customer.organization_id, job.organization_id) == (3, 3)
        assert len(api.deviations) == 0
    with Dispatch(**credentials) as api, pytest.raises(UnprocessableEntityError, match="organization_id: required"):
        api.customers.create(first_name="Pat")


def test_expired_token(sandbox: Sandbox, credentials: dict[str, Any]) -> None:
    """When the vendor's clock runs ahead of the client's, the 401 leads to one renewal that nobody notices."""
    with Dispatch(**credentials, clock=Clock()) as api:
        api.brands.list().first()
        sandbox.clock.advance(hours=4)
        assert api.raw(api.jobs.get, 123).attempts == 2


def test_files(credentials: dict[str, Any], tmp_path: Path) -> None:
    """What is uploaded comes back byte by byte, from another host."""
    path = tmp_path / "door.png"
    path.write_bytes(bytes(range(256)) * 100)
    with Dispatch(**credentials) as api:
        made = api.datafiles.upload(file=path)
        assert (made.filename, made.mime_type) == ("door.png", "image/png")
        assert api.datafiles.download(str(made.uid)) == path.read_bytes()
        copy = api.datafiles.download_to(str(made.uid), tmp_path / "copy.png")
        assert copy.read_bytes() == path.read_bytes()


def test_wrong_secret(credentials: dict[str, Any]) -> None:
    """A wrong secret raises CredentialError with the vendor's code."""
    credentials["client_secret"] = "wrong-secret"
    with Dispatch(**credentials) as api, pytest.raises(CredentialError) as caught:
        api.brands.list().first()
    assert caught.value.code == "invalid_client"


def test_asynchronously(sandbox: Sandbox, credentials: dict[str, Any]) -> None:
    """Many tasks share one asynchronous client."""
    sandbox.given("appointments", 30)

    async def run() -> list[int]:
        async with AsyncDispatch(**credentials) as api:
            rows = await api.appointments.list(limit=10).prefetch(3).collect()
            read = await asyncio.gather(*(api.appointments.get(item.id) for item in rows))
            return [item.id for item in read]

    assert len(set(asyncio.run(run()))) >= 30
