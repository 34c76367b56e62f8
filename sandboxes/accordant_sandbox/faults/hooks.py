"""Running the hooks of armed faults: each sees its own memory, and what it did is noted on the call."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from accordant_sandbox.faults.base import Armed
    from accordant_sandbox.http.exchange import Call

__all__ = ["hook", "wrapped"]

Result = TypeVar("Result")


def hook(call: Call, arm: Armed, function: Callable[..., Result], *arguments: Any) -> Result:
    """Run a hook; anything but None and False means that the fault acted."""
    with _entered(call, arm):
        result = function(call, *arguments)
        done: object = result
        if done is not None and done is not False:
            _acted(call, arm)
        return result


def wrapped(
    call: Call, arm: Armed, function: Callable[[Call, Callable[[], Result]], Result | None], run: Callable[[], Result]
) -> Callable[[], Result]:
    """A stage with a fault's hook around it."""

    def stage() -> Result:
        with _entered(call, arm):
            result = function(call, run)
            if result is None:
                return run()
            if not call.skipped:
                _acted(call, arm)
            return result

    return stage


@contextmanager
def _entered(call: Call, arm: Armed) -> Generator[None]:
    before = call.memory, call.options, call.skipped
    call.memory, call.options, call.skipped = arm.memory, arm.options, False
    try:
        yield
    finally:
        call.memory, call.options, call.skipped = before


def _acted(call: Call, arm: Armed) -> None:
    if arm.fault.name not in call.faults:
        call.faults.append(arm.fault.name)
