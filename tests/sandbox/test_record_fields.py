"""How a test names fields and values of records."""

from __future__ import annotations

import asyncio

import pytest

from accordant.dibop import AsyncDibop, Dibop
from accordant_sandbox import Sandbox, SandboxError


def test_snake_case_names_are_the_vendors_fields() -> None:
    """A field of any vendor is known by its snake_case name, and by the document's."""
    sandbox = Sandbox("espace", seed="empty")
    sandbox.given("locations", name="North", location_code="N")
    sandbox.given("locations", Name="South", LocationCode="S")
    assert sandbox.state.locations.one(name="North")["LocationCode"] == "N"
    assert sandbox.state.locations.one(LocationCode="S")["Name"] == "South"


def test_a_misspelt_field_is_refused() -> None:
    """A field that there is not is refused with the closest one, when rows are made and when they are looked for."""
    sandbox = Sandbox("dispatch")
    with pytest.raises(SandboxError, match="unknown field of jobs 'titel'; did you mean 'title'"):
        sandbox.given("jobs", titel="Leak")
    with pytest.raises(SandboxError, match="unknown field of jobs 'titel'; did you mean 'title'"):
        sandbox.state.jobs.all(titel="Leak")
    assert not sandbox.state.jobs.all(title="Leak")


def test_a_value_that_the_document_does_not_list_is_refused() -> None:
    """A misspelt value of a listed field is refused with the closest one: a search for it would find nothing."""
    sandbox = Sandbox("dispatch")
    words = "unknown value of status of appointments 'schedulled'; did you mean 'scheduled'"
    with pytest.raises(SandboxError, match=words):
        sandbox.given("appointments", status="schedulled")
    with pytest.raises(SandboxError, match=words):
        sandbox.state.appointments.all(status="schedulled")


def test_a_field_is_given_once() -> None:
    """Two spellings of one field are refused."""
    sandbox = Sandbox("espace", seed="empty")
    with pytest.raises(SandboxError, match="Name is given twice"):
        sandbox.given("locations", name="North", Name="South")


def test_waiting_moves_the_sandboxs_clock() -> None:
    """A client that waits for an execution waits on the sandbox's clock, blocking and not: a test does not wait."""
    sandbox = Sandbox("dibop")
    before = sandbox.clock.now()
    with Dibop(**sandbox.credentials) as api:
        orchestration = api.orchestrations.list().collect()[0].id
        assert api.orchestrations.execute_and_wait(orchestration).status == "success"

    async def run() -> None:
        async with AsyncDibop(**sandbox.credentials) as api:
            assert (await api.orchestrations.execute_and_wait(orchestration)).status == "success"

    between = sandbox.clock.now()
    asyncio.run(run())
    assert before < between < sandbox.clock.now()


def test_a_client_lives_in_the_sandboxs_time() -> None:
    """More calls than the vendor's limit a minute take no time: the client's pauses pass on the sandbox's clock."""
    sandbox = Sandbox("dibop")
    before = sandbox.clock.now()
    with Dibop(**sandbox.credentials) as api:
        for _ in range(301):
            api.systems.list().first()
    assert (sandbox.clock.now() - before).total_seconds() >= 59
    sandbox.reset()
    with Dibop(**sandbox.credentials) as api:
        assert api.systems.list().first()
