"""How faults are written: a function per fault on a shelf of its class.

The function is the fault's only hook; its docstring is the sentence that the fault makes untrue.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NotRequired, Required, TypeAlias, TypedDict, TypeVar, Unpack

from accordant_sandbox.faults.base import Fault, Row

if TYPE_CHECKING:
    from accordant_sandbox.engine.auth import Principal
    from accordant_sandbox.http.document import Operation
    from accordant_sandbox.http.exchange import Answer, Call, Reply, Request, Wire
    from accordant_sandbox.model.paging import Window
    from accordant_sandbox.model.vendor import Vendor

__all__ = ["About", "Applies", "Shelf"]

Applies: TypeAlias = "Callable[[Operation, Vendor], bool]"
Unrouted: TypeAlias = "Callable[[Request, str], Answer | None]"
Before: TypeAlias = "Callable[[Call], Answer | bool | None]"
Around: TypeAlias = "Callable[[Call, Callable[[], Answer]], Answer | None]"
Authenticate: TypeAlias = "Callable[[Call, Callable[[], Principal | None]], Principal | None]"
Validate: TypeAlias = "Callable[[Call, Callable[[], None]], bool | None]"
Rows: TypeAlias = "Callable[[Call, Sequence[Row]], Sequence[Row] | None]"
OnWindow: TypeAlias = "Callable[[Call, Window], Window | None]"
OnAnswer: TypeAlias = "Callable[[Call, Answer], Answer | None]"
OnWire: TypeAlias = "Callable[[Call, Reply], Reply | Wire | None]"
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


class Shelf:
    """The faults of one class."""

    def __init__(self, cls: str) -> None:
        self._cls = cls
        self._faults: list[Fault] = []

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Everything put here so far."""
        return tuple(self._faults)

    def unrouted(self, **about: Unpack[About]) -> Callable[[Unrouted], Unrouted]:
        """A fault that answers requests which match no operation."""
        return self._put("unrouted", about)

    def before(self, **about: Unpack[About]) -> Callable[[Before], Before]:
        """A fault that acts before anything else happens."""
        return self._put("before", about)

    def around(self, **about: Unpack[About]) -> Callable[[Around], Around]:
        """A fault around everything up to the answer."""
        return self._put("around", about)

    def authenticate(self, **about: Unpack[About]) -> Callable[[Authenticate], Authenticate]:
        """A fault around the check of credentials."""
        return self._put("authenticate", about)

    def validate(self, **about: Unpack[About]) -> Callable[[Validate], Validate]:
        """A fault around the reading of parameters and body."""
        return self._put("validate", about)

    def rows(self, **about: Unpack[About]) -> Callable[[Rows], Rows]:
        """A fault in the rows of a list before they are cut to a page."""
        return self._put("rows", about)

    def window(self, **about: Unpack[About]) -> Callable[[OnWindow], OnWindow]:
        """A fault in the choice of the rows that a page shows."""
        return self._put("window", about)

    def answer(self, **about: Unpack[About]) -> Callable[[OnAnswer], OnAnswer]:
        """A fault in a finished answer."""
        return self._put("answer", about)

    def wire(self, **about: Unpack[About]) -> Callable[[OnWire], OnWire]:
        """A fault in the bytes of a reply, or in the connection that carries them."""
        return self._put("wire", about)

    def _put(self, hook: str, about: About) -> Callable[[Function], Function]:
        def put(function: Function) -> Function:
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

        return put
