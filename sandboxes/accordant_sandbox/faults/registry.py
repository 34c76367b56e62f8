"""How faults are written: a function per fault in the registry of its class.

The function is the fault's only hook; its docstring is the sentence that the fault makes untrue.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NotRequired, Required, TypeAlias, TypedDict, TypeVar, Unpack

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.http.document import Operation
from accordant_sandbox.http.exchange import Answer, Reply, Request, Wire
from accordant_sandbox.model.faults import Fault, Row
from accordant_sandbox.model.paging import Window
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Principal

__all__ = ["About", "Applies", "FaultRegistry"]

Applies: TypeAlias = Callable[[Operation, Vendor], bool]
Unrouted: TypeAlias = Callable[[Request, str], Answer | None]
Before: TypeAlias = Callable[[ActiveCall], Answer | bool | None]
Around: TypeAlias = Callable[[ActiveCall, Callable[[], Answer]], Answer | None]
Authenticate: TypeAlias = Callable[[ActiveCall, Callable[[], Principal | None]], Principal | None]
Validate: TypeAlias = Callable[[ActiveCall, Callable[[], None]], bool | None]
Rows: TypeAlias = Callable[[ActiveCall, Sequence[Row]], Sequence[Row] | None]
OnWindow: TypeAlias = Callable[[ActiveCall, Window], Window | None]
OnAnswer: TypeAlias = Callable[[ActiveCall, Answer], Answer | None]
OnWire: TypeAlias = Callable[[ActiveCall, Reply], Reply | Wire | None]
Function = TypeVar("Function", bound="Callable[..., Any]")


class About(TypedDict):
    """What is said about a fault beside its function; see `Fault`.

    `does` is the fault's sentence, `where` its `applies`, `name` the function's own where it is not given.
    """

    does: Required[str]
    oracle: Required[str]
    where: Required[Applies]
    name: NotRequired[str]
    every: NotRequired[int]
    options: NotRequired[Mapping[str, Any]]


class FaultRegistry:
    """The faults of one class."""

    def __init__(self, cls: str) -> None:
        self._cls = cls
        self._faults: list[Fault] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault that was registered so far."""
        return tuple(self._faults)

    def unrouted(self, **about: Unpack[About]) -> Callable[[Unrouted], Unrouted]:
        """A fault that responds to requests which match no operation."""
        return self._register("unrouted", about)

    def before(self, **about: Unpack[About]) -> Callable[[Before], Before]:
        """A fault that acts before anything else happens."""
        return self._register("before", about)

    def around(self, **about: Unpack[About]) -> Callable[[Around], Around]:
        """A fault around everything up to the response."""
        return self._register("around", about)

    def authenticate(self, **about: Unpack[About]) -> Callable[[Authenticate], Authenticate]:
        """A fault around the check of credentials."""
        return self._register("authenticate", about)

    def validate(self, **about: Unpack[About]) -> Callable[[Validate], Validate]:
        """A fault around the reading of parameters and body."""
        return self._register("validate", about)

    def rows(self, **about: Unpack[About]) -> Callable[[Rows], Rows]:
        """A fault in the rows of a list before they are cut to a page."""
        return self._register("rows", about)

    def window(self, **about: Unpack[About]) -> Callable[[OnWindow], OnWindow]:
        """A fault in the choice of the rows that a page shows."""
        return self._register("window", about)

    def answer(self, **about: Unpack[About]) -> Callable[[OnAnswer], OnAnswer]:
        """A fault in a finished response."""
        return self._register("answer", about)

    def wire(self, **about: Unpack[About]) -> Callable[[OnWire], OnWire]:
        """A fault in the bytes of a reply, or in the connection that carries them."""
        return self._register("wire", about)

    def _register(self, hook: str, about: About) -> Callable[[Function], Function]:
        def register(function: Function) -> Function:
            hooks: dict[str, Any] = {hook: function}
            self._faults.append(
                Fault(
                    name=about.get("name", function.__name__),
                    cls=self._cls,
                    sentence=about["does"],
                    oracle=about["oracle"],
                    applies=about["where"],
                    violates=inspect.getdoc(function) or "",
                    every=about.get("every", 1),
                    options=about.get("options", {}),
                    **hooks,
                )
            )
            return function

        return register
