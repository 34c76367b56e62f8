"""A stub in a test's hand: it counts, and goes at the end of a `with` block."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accordant_sandbox.faults.stubs import StubbedResponse, stub_fault
from accordant_sandbox.model.faults import Armed, FaultSet

if TYPE_CHECKING:
    from types import TracebackType

    from accordant_sandbox.http.document import Operation

__all__ = ["Stub", "place_stub"]


class Stub:
    """One operation's chosen response. It serves until its `times` are used up, or until it is removed."""

    def __init__(self, faults: FaultSet, armed: Armed) -> None:
        self._faults, self._armed = faults, armed

    @property
    def calls(self) -> int:
        """How many calls got this response."""
        return self._armed.acted

    def remove(self) -> None:
        """Let the sandbox respond again."""
        self._faults.disarm(self._armed)

    def __enter__(self) -> Stub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def __repr__(self) -> str:
        return f"<{self._armed.fault.name}: {self.calls} calls>"


def place_stub(
    faults: FaultSet, operation: Operation, response: StubbedResponse, times: int | None, after: int
) -> Stub:
    """Stub an operation. Of several stubs of one operation the first serves until its `times` are used up."""
    others = sum(each.fault.cls == "stub" for each in [*faults.armed, *faults.finished])
    name = f"stub {others + 1} of {operation.id}"
    return Stub(faults, faults.add(stub_fault(name, operation, response), times=times, after=after))
