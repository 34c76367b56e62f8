"""A program that `release.wheel_test` freezes with PyInstaller and runs where no Python is: calls to a sandbox."""

from __future__ import annotations

import asyncio

from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.dispatch.models import JobStatus
from accordant.testing import Sandbox


async def _count(sandbox: Sandbox) -> int:
    async with AsyncDispatch(**sandbox.http_credentials) as api:
        return len(await api.jobs.list().collect())


with Sandbox("dispatch") as _sandbox, Dispatch(**_sandbox.http_credentials) as _api:
    _blocking = len(_api.jobs.list(status_in=[*JobStatus]).collect())
    assert _blocking > 0
    assert asyncio.run(_count(_sandbox)) == _blocking
    print("calls from a frozen program: 2")
