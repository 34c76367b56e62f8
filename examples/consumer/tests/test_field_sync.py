"""What field-sync promises, on sandboxes: no account, no network."""

from __future__ import annotations

import asyncio
import sqlite3
from datetime import date

import pytest
from field_sync.appointments import copy_appointments
from field_sync.events import mirror_events
from field_sync.orchestration import OrchestrationFailedError, decode_vin, decode_vin_async

from accordant.dibop import AsyncDibop, Dibop
from accordant.dime_scheduler import DimeScheduler
from accordant.dispatch import Dispatch
from accordant.espace import Espace
from accordant.testing import FakeClock
from accordant_sandbox import Sandbox
from accordant_sandbox.server.pytest_support import Factory

ZONE = "Europe/Brussels"
VIN_DECODE = "a0000000-0000-4000-8000-000000000001"
FAILING_VIN = "FAIL0000000000503"
VIN = "2FTFW1ET5DFC10399"


class SandboxClock(FakeClock):
    """Waiting moves the sandbox's clock, so that an execution there ends without anybody waiting."""

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._sandbox = sandbox

    def advance(self, seconds: float) -> None:
        super().advance(seconds)
        self._sandbox.clock.advance(seconds=seconds)


def test_appointments_are_copied_once(accordant_sandbox: Factory, dime_scheduler_sandbox: Sandbox) -> None:
    """Every planned appointment is in Dime.Scheduler with its time, and a second run adds none."""
    dispatch_sandbox = accordant_sandbox("dispatch", seed="busy_day:appointments=30")
    with (
        Dispatch(**dispatch_sandbox.credentials) as dispatch,
        DimeScheduler(**dime_scheduler_sandbox.credentials, time_zone=ZONE) as dime,
    ):
        count = copy_appointments(dispatch, dime)
        assert count == copy_appointments(dispatch, dime) > 0
        planned = dispatch.appointments.list(status_in=["scheduled", "enroute"]).collect()
        assert count == len(planned)
        for each in planned:
            copied = dime.appointments.get(f"DISPATCH-{each.id}")
            assert copied.start_date == each.time, f"appointment {each.id} is planned at another time"


def test_appointments_survive_a_bad_moment(accordant_sandbox: Factory, dime_scheduler_sandbox: Sandbox) -> None:
    """A server error of Dispatch in the middle costs no appointment: the client tries again."""
    dispatch_sandbox = accordant_sandbox("dispatch", seed="busy_day:appointments=3")
    with (
        Dispatch(**dispatch_sandbox.credentials, clock=FakeClock()) as dispatch,
        DimeScheduler(**dime_scheduler_sandbox.credentials, time_zone=ZONE) as dime,
        dispatch_sandbox.fault("flaky_500", on="getJob", every=2),
    ):
        assert copy_appointments(dispatch, dime) == 3


def test_events_are_mirrored(espace_sandbox: Sandbox) -> None:
    """The mirror holds each date of each event once, also after a second run."""
    first, last = date(2025, 1, 1), date(2027, 12, 31)
    with Espace(**espace_sandbox.credentials) as espace, sqlite3.connect(":memory:") as database:
        count = mirror_events(espace, database, first, last)
        assert count == mirror_events(espace, database, first, last) > 0
        [(stored,)] = database.execute("SELECT count(*) FROM occurrences")
    database.close()
    assert stored == count


def test_an_orchestration_is_awaited(dibop_sandbox: Sandbox) -> None:
    """A triggered execution is awaited to its success, and its id can be looked up."""
    with Dibop(**dibop_sandbox.credentials, clock=SandboxClock(dibop_sandbox)) as dibop:
        execution = decode_vin(dibop, VIN_DECODE, VIN)
        assert dibop.executions.get(execution).status == "success"


def test_an_orchestration_that_fails(dibop_sandbox: Sandbox) -> None:
    """An execution that ends without success raises, and names the vehicle."""
    with (
        Dibop(**dibop_sandbox.credentials, clock=SandboxClock(dibop_sandbox)) as dibop,
        pytest.raises(OrchestrationFailedError, match=FAILING_VIN),
    ):
        decode_vin(dibop, VIN_DECODE, FAILING_VIN)


def test_an_orchestration_is_awaited_on_a_loop(dibop_sandbox: Sandbox) -> None:
    """The asynchronous twin does the same."""

    async def decoded() -> str:
        async with AsyncDibop(**dibop_sandbox.credentials, clock=SandboxClock(dibop_sandbox)) as dibop:
            return await decode_vin_async(dibop, VIN_DECODE, VIN)

    assert asyncio.run(decoded())
