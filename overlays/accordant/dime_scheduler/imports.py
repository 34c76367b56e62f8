"""Imports: stored procedures by the batch, in order, with the result of each.

A procedure is an object of a generated class (``UpsertJob(...)``, ``DeleteTask(...)``: one class for each of the 63
documented procedures), or :func:`procedure` for a tenant's own.
"""

from __future__ import annotations

import datetime
from collections.abc import Generator, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar, Final, Protocol
from uuid import UUID

from attrs import field, frozen

from accordant_generated.dime_scheduler import imports as generated
from accordant_generated.dime_scheduler.aio import imports as generated_aio
from accordant_generated.dime_scheduler.models.content_result import ContentResult
from accordant_generated.dime_scheduler.models.procedure_call import ProcedureCall
from accordant_runtime import UNSET, CallOptions, RequestError, is_array, to_text

from ..clients import refuse_raw
from ..errors import APIStatusError

BATCH: Final = 100
"""Procedures per request where the caller does not say [assumed]: no limit is documented."""


class Procedure(Protocol):
    """A procedure with its parameters: an object of a generated class."""

    LABEL: ClassVar[str]

    def to_dict(self) -> dict[str, Any]:
        """The parameters by their names."""
        ...


def procedure(name: str, parameters: Mapping[str, Any]) -> ProcedureCall:
    """A call of any procedure by name, a tenant's own too; only names that begin with ``mboc_`` can be called [docs].

    Values become text as the import wants it (see :func:`as_text`); UNSET ones are left out.
    """
    if not name.startswith("mboc_"):
        raise RequestError(f"the procedure {name!r} cannot be called: its name must begin with 'mboc_'")
    given = {key: value for key, value in parameters.items() if value is not UNSET}
    return ProcedureCall(
        stored_procedure_name=name,
        parameter_names=list(given),
        parameter_values=[None if value is None else as_text(value) for value in given.values()],
    )


def as_text(value: Any) -> str:
    """A parameter's value as the import wants it, the same here and in an object of a generated class.

    Booleans are ``true`` and ``false``, enums their number, and numbers decimal with a point and never an exponent.
    Datetimes are the tenant's wall clock where they are naive [docs]; aware ones keep their offset. Times and
    timedeltas are ``HH:MM:SS`` [docs], hours counted on beyond a day [assumed]. How several texts are joined is not
    documented, and a comma is taken [assumed]. Raises ``RequestError`` for a value without that text.
    """
    if isinstance(value, (bool, str, int, UUID, datetime.date, Enum)):
        return to_text(value)
    if isinstance(value, (float, Decimal)):
        return _number(value)
    if isinstance(value, datetime.time) and value.tzinfo is None:
        return value.isoformat()
    if isinstance(value, datetime.timedelta) and value >= datetime.timedelta():
        return _span(value)
    if is_array(value):
        return ",".join(as_text(item) for item in value)
    what = repr(value) if isinstance(value, (datetime.time, datetime.timedelta)) else f"a {type(value).__name__}"
    raise RequestError(f"a parameter cannot be {what}")


def _number(value: float | Decimal) -> str:
    # The shortest digits that name a float are those that its writer meant.
    exact = value if isinstance(value, Decimal) else Decimal(float.__repr__(value))
    if not exact.is_finite():
        raise RequestError(f"a parameter cannot be {value}")
    return format(exact, "f")


def _span(value: datetime.timedelta) -> str:
    minutes, seconds = divmod(value, datetime.timedelta(minutes=1))
    fraction = f".{seconds.microseconds:06}" if seconds.microseconds else ""
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds.seconds:02}{fraction}"


def called(item: Procedure | ProcedureCall) -> ProcedureCall:
    """The wire form of one procedure."""
    if isinstance(item, ProcedureCall):
        return item
    try:
        parameters = item.to_dict()
    except ValueError as error:
        raise RequestError(f"{item.LABEL}: {error}") from error
    return procedure(item.LABEL, parameters)


@frozen
class ImportItemResult:
    """What became of one procedure: ``error`` is ``None`` when it was applied or not sent.

    ``index`` counts the items of the batch from 0; ``attempted`` is false for those after a failure, which were not
    sent. All items of a refused request carry its error. Which of them it is about is not known, and those before it
    may be in force [assumed]: ``applied`` is ``None`` for each. With ``size=1`` it is ``True`` or ``False``, and
    ``None`` only where the vendor's server failed (``error.may_have_been_applied``).
    """

    index: int
    procedure: str
    attempted: bool
    applied: bool | None
    error: APIStatusError | None = None
    result: ContentResult | None = field(default=None, repr=False)

    @property
    def succeeded(self) -> bool:
        """Whether it was applied for certain."""
        return self.attempted and self.error is None


@frozen
class ImportBatchResult:
    """The results of a batch: ``items`` has one for each procedure, in order."""

    items: tuple[ImportItemResult, ...]

    @property
    def failures(self) -> tuple[ImportItemResult, ...]:
        """The items that were not applied, or not for certain: ``applied`` of each says which."""
        return tuple(item for item in self.items if not item.succeeded)

    def raise_for_failures(self) -> None:
        """Raise the vendor's first error, if present."""
        for item in self.items:
            if item.error is not None:
                raise item.error


Step = Generator[list[ProcedureCall], "ContentResult | APIStatusError", ImportBatchResult]


def batches(procedures: Iterable[Procedure | ProcedureCall], size: int, keep_going: bool) -> Step:
    """The walk over a batch: yields what to send, is sent what came of it."""
    if size < 1:
        raise RequestError(f"size must be 1 or more; it is {size}")
    calls = [called(item) for item in procedures]
    results: list[ImportItemResult] = []
    failed = False
    for start in range(0, len(calls), size):
        part = calls[start : start + size]
        outcome = (yield part) if keep_going or not failed else None
        error = outcome if isinstance(outcome, APIStatusError) else None
        result = outcome if isinstance(outcome, ContentResult) else None
        failed = failed or error is not None
        applied = result is not None
        # Of several, those before the one that was refused may be in force: the answer does not say which one it was.
        unsure = error is not None and (len(part) > 1 or error.may_have_been_applied)
        results += [
            ImportItemResult(
                index=start + offset,
                procedure=item.stored_procedure_name,
                attempted=outcome is not None,
                applied=None if unsure else applied,
                error=error,
                result=result,
            )
            for offset, item in enumerate(part)
        ]
    return ImportBatchResult(tuple(results))


class Imports(generated.Imports):
    """Bulk import through stored procedures, and tenant set-up."""

    def batch(
        self,
        *procedures: Procedure | ProcedureCall,
        size: int = BATCH,
        keep_going: bool = False,
        options: CallOptions | None = None,
    ) -> ImportBatchResult:
        """Run procedures in order, ``size`` to a request; returns the result of each.

        A refused request does not raise: its items carry the error, and which of several were applied is not known.
        What comes after it is not sent unless ``keep_going`` is set. With ``size=1`` each item has its
        own result. Other errors (no response, wrong credentials) raise as usual.
        """
        refuse_raw(self._caller)
        walk = batches(procedures, size, keep_going)
        try:
            part = next(walk)
            while True:
                outcome: ContentResult | APIStatusError
                try:
                    outcome = self.run(part, options=options)
                except APIStatusError as error:
                    outcome = refused(error)
                part = walk.send(outcome)
        except StopIteration as done:
            result: ImportBatchResult = done.value
            return result


class AsyncImports(generated_aio.AsyncImports):
    """Bulk import through stored procedures, and tenant set-up."""

    async def batch(
        self,
        *procedures: Procedure | ProcedureCall,
        size: int = BATCH,
        keep_going: bool = False,
        options: CallOptions | None = None,
    ) -> ImportBatchResult:
        """Run procedures in order, ``size`` to a request; returns the result of each.

        A refused request does not raise: its items carry the error, and which of several were applied is not known.
        What comes after it is not sent unless ``keep_going`` is set. With ``size=1`` each item has its
        own result. Other errors (no response, wrong credentials) raise as usual.
        """
        refuse_raw(self._caller)
        walk = batches(procedures, size, keep_going)
        try:
            part = next(walk)
            while True:
                outcome: ContentResult | APIStatusError
                try:
                    outcome = await self.run(part, options=options)
                except APIStatusError as error:
                    outcome = refused(error)
                part = walk.send(outcome)
        except StopIteration as done:
            result: ImportBatchResult = done.value
            return result


def refused(error: APIStatusError) -> APIStatusError:
    """The error of a refused import; one that is about the caller and not the import is raised."""
    if error.status in (401, 403, 429):
        raise error
    return error
