"""A DIBOP orchestration is triggered, and its end awaited."""

from __future__ import annotations

from accordant.dibop import AsyncDibop, Dibop


class OrchestrationFailedError(Exception):
    """The execution ended, and not with success."""


def decode_vin(dibop: Dibop, orchestration_id: str, vin: str, *, deadline: float = 120.0) -> str:
    """Execute the orchestration for a vehicle; returns the id of the execution that succeeded."""
    done = dibop.orchestrations.execute_and_wait(orchestration_id, parameters={"vin": vin}, deadline=deadline)
    if done.status != "success":
        raise OrchestrationFailedError(f"execution {done.execution_id} of {vin}: {done.status.value}")
    return str(done.execution_id)


async def decode_vin_async(dibop: AsyncDibop, orchestration_id: str, vin: str, *, deadline: float = 120.0) -> str:
    """The same on an event loop."""
    done = await dibop.orchestrations.execute_and_wait(orchestration_id, parameters={"vin": vin}, deadline=deadline)
    if done.status != "success":
        raise OrchestrationFailedError(f"execution {done.execution_id} of {vin}: {done.status.value}")
    return str(done.execution_id)
