"""The vendor's own client, sync and async, driven against a target as a user would."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from importlib import import_module
from typing import Any, Final

from attrs import define, field, fields

import accordant_documents
from accordant import Clock
from accordant.testing import FakeClock
from accordant_runtime import Body, Upload, is_array, is_object, to_wire
from accordant_runtime import Operation as Generated

from ..document.document import Operation
from ..document.values import ABSENT, Arguments, Part
from ..errors import ContractError
from .commands import typed
from .targets import Target

TIMEOUT: Final = 2.0
"""Seconds that the client gives one attempt at a sandbox that was told to go wrong: it may hang."""
ROWS: Final = 6
"""Rows of a list that the client reads."""


@define(eq=False)
class Clients:
    """The vendor's client, sync and async, on one target; closed together.

    ``own_arguments`` gives the secrets of an operation that the client does not know.
    """

    target: Target
    own_arguments: Callable[[Operation], Mapping[str, str]]
    dropped: list[str] = field(factory=list[str], init=False)
    """The attempts without a response, at a target where one of them may be nobody's fault."""
    trouble: list[str] = field(factory=list[str], init=False)
    """What the client met on its way: one sentence for each attempt that did not go well."""
    noted: list[str] = field(factory=list[str], init=False)
    """What the client found in responses that differs from the document."""
    failures: int = field(default=0, init=False)
    """How many calls did not get through."""
    _sync: Any = field(default=None, init=False, repr=False)
    _async: Any = field(default=None, init=False, repr=False)
    _loop: asyncio.Runner | None = field(default=None, init=False, repr=False)

    def call(self, operation: Operation, arguments: Mapping[str, Any], *, asynchronous: bool) -> Any:
        """Call an operation as a user would; a list returns its first rows, in JSON form.

        Raises ``AccordantError``, and ``TimeoutError`` where the client does not come back.
        """
        if self.target.patience is not None:
            self.target.patience.turn(operation.id, room=ROWS)
        if asynchronous:
            if self._loop is None:
                self._loop = asyncio.Runner()
            # Not `Runner.run`: each sets a signal handler, which Python takes longer over than over many a call.
            return self._loop.get_loop().run_until_complete(self._call_async(operation, arguments))
        if self._sync is None:
            self._sync = self._made("")
        method = getattr(getattr(self._sync, operation.resource), operation.name)
        result = method(**_taken(method, arguments), **self.own_arguments(operation))
        return _plain(result.collect(max_items=ROWS) if hasattr(result, "collect") else result)

    def close(self) -> None:
        """Close both."""
        if self._sync is not None:
            self._sync.close()
        if self._loop is not None:
            if self._async is not None:
                self._loop.get_loop().run_until_complete(self._async.close())
            self._loop.close()

    async def _call_async(self, operation: Operation, arguments: Mapping[str, Any]) -> Any:
        if self._async is None:
            self._async = self._made("Async")
        method = getattr(getattr(self._async, operation.resource), operation.name)
        result = method(**_taken(method, arguments), **self.own_arguments(operation))
        if hasattr(result, "collect"):
            return _plain(await result.collect(max_items=ROWS))
        return _plain(await result if inspect.isawaitable(result) else result)

    def _made(self, kind: str) -> Any:
        module, _, name = self.target.vendor.client.partition(":")
        try:
            made = getattr(import_module(module), f"{kind}{name}")
        except (ImportError, AttributeError) as error:
            raise ContractError(f"there is no client {module}.{kind}{name} to drive") from error
        patient = self.target.patience is not None
        timeout = TIMEOUT if self.target.faulty and not patient else self.target.timeout
        settings: dict[str, Any] = {
            "timeout": timeout,
            "on_attempt": self._attempted,
            "deviations": self._note,
            **self.target.client_arguments,
        }
        if self.target.control is not None:
            settings["clock"] = _TargetClock(self.target) if patient else FakeClock(self.target.now().timestamp())
        return made(**settings)

    def _note(self, report: Any) -> None:
        self.noted += [str(each) for each in report.deviations]

    def _attempted(self, attempt: Any) -> None:
        patience = self.target.patience
        if patience is not None:
            patience.count(attempt.operation)
        if attempt.status == 429 and patience is not None:
            return
        if attempt.error is not None and patience is not None:
            self.dropped.append(f"{attempt.error} at {attempt.method} {attempt.path}")
        elif attempt.error is not None:
            self.trouble.append(f"{attempt.error} at {attempt.method} {attempt.path}")
        elif attempt.status >= 400:
            self.trouble.append(f"status {attempt.status} at {attempt.method} {attempt.path}")


class _TargetClock(Clock):
    """The clock of a sandbox elsewhere: the client waits by letting that clock go on."""

    def __init__(self, target: Target) -> None:
        self._target = target

    def monotonic(self) -> float:
        return self._target.now().timestamp()

    def time(self) -> float:
        return self._target.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self._target.wait(seconds)

    async def sleep_async(self, seconds: float) -> None:
        self._target.wait(seconds)


def keywords(generated: Generated[Any], arguments: Arguments) -> dict[str, Any]:
    """The arguments of the client's method for what a request carries."""
    given: dict[str, Any] = arguments.given
    result: dict[str, Any] = {each.name: given[each.wire] for each in generated.parameters if each.wire in given}
    if generated.body is not None and arguments.body is not ABSENT:
        result.update(_body(generated.body, arguments.body))
    return result


def _taken(method: Callable[..., Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as a method takes them: the parts of a multipart body one by one, where it knows them."""
    known = _parameters(getattr(method, "__func__", method))
    result: dict[str, Any] = {}
    for name, value in arguments.items():
        result.update(value if name not in known and is_object(value) else {name: value})
    return result


@lru_cache(maxsize=4096)
def _parameters(function: Callable[..., Any]) -> Collection[str]:
    return frozenset(inspect.signature(function).parameters)


def _body(body: Body, value: Any) -> dict[str, Any]:
    if body.kind == "multipart" and is_object(value):
        arguments = {part: argument for argument, part in body.parts.items()}
        parts: dict[str, Any] = {str(arguments.get(name) or name): _part(item) for name, item in value.items()}
        return parts if body.files or body.parts else {body.argument: parts}
    if body.model is None or not is_object(value):
        return {body.argument: value.content if isinstance(value, Part) else value}
    attributes = {_folded(str(each.name)): str(each.name) for each in fields(body.model.target)}
    attributes |= {wire: attribute for attribute, (wire, _) in body.model.target.WIRE.items()}
    renamed = {attribute: argument for argument, attribute in body.renamed.items()}
    result: dict[str, Any] = {}
    for name, item in value.items():
        attribute = attributes.get(name, attributes.get(_folded(name)))
        if attribute is not None and attribute not in body.unsent:
            result[renamed.get(attribute, attribute)] = item
    return result


def _part(value: Any) -> Any:
    if isinstance(value, Part):
        return Upload(value.content, value.filename, value.media_type)
    return [_part(each) for each in value] if is_array(value) else value


def _plain(result: Any) -> Any:
    return [to_wire(each) for each in result[:ROWS]] if is_array(result) else to_wire(result)


def _folded(name: str) -> str:
    return name.replace("_", "").lower()


def generated_operations(name: str) -> Mapping[str, Generated[Any]]:
    """The generated client's operations; raises :class:`ContractError` where they were not generated."""
    try:
        package = accordant_documents.generated(name)
        operations: Mapping[str, Generated[Any]] = import_module(f"{package}.operations").OPERATIONS
    except (ImportError, KeyError) as error:
        again = typed("regenerate", name)
        raise ContractError(f"there is no generated client for {name}: run {again}") from error
    return operations
