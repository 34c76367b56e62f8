"""Running the hooks of armed faults: each sees its own memory, and what it did is noted on the call."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.model.faults import Armed, Fault
from accordant_sandbox.model.paging import Window
from accordant_sandbox.ports import Row

__all__ = ["act", "fault_rows", "fault_window", "surrounded"]

Result = TypeVar("Result")


def act(call: ActiveCall, armed: Armed, hook: Callable[..., Result], *arguments: Any) -> Result:
    """Run a hook; anything but None and False means that the fault acted."""
    with _entered(call, armed):
        result = hook(call, *arguments)
        done: object = result
        if done is not None and done is not False:
            _acted(call, armed)
        return result


def surrounded(
    call: ActiveCall, hook_of: Callable[[Fault], Callable[..., Result | None] | None], run: Callable[[], Result]
) -> Result:
    """Run a stage with one kind of hook of every armed fault around it, the first armed outermost."""
    for armed in reversed(call.armed):
        hook = hook_of(armed.fault)
        if hook:
            run = _wrapped(call, armed, hook, run)
    return run()


def fault_rows(call: ActiveCall, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of a list as the faults that act on it leave them."""
    for armed in call.armed:
        if armed.fault.rows:
            changed = act(call, armed, armed.fault.rows, rows)
            rows = rows if changed is None else changed
    return rows


def fault_window(call: ActiveCall, window: Window) -> Window:
    """The window of a page as the faults that act on it leave it."""
    for armed in call.armed:
        if armed.fault.window:
            window = act(call, armed, armed.fault.window, window) or window
    return window


def _wrapped(
    call: ActiveCall, armed: Armed, hook: Callable[..., Result | None], run: Callable[[], Result]
) -> Callable[[], Result]:
    """A stage with a fault's hook around it."""

    def stage() -> Result:
        with _entered(call, armed):
            result = hook(call, run)
            if result is None:
                return run()
            if not call.skipped:
                _acted(call, armed)
            return result

    return stage


@contextmanager
def _entered(call: ActiveCall, armed: Armed) -> Generator[None]:
    before = call.memory, call.options, call.skipped
    call.memory, call.options, call.skipped = armed.memory, armed.options, False
    try:
        yield
    finally:
        call.memory, call.options, call.skipped = before


def _acted(call: ActiveCall, armed: Armed) -> None:
    if armed.fault.name not in call.faults:
        call.faults.append(armed.fault.name)
