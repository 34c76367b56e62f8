"""The generated clients against their documents: cases that an independent generator makes of the schemas."""

from __future__ import annotations

import asyncio
import copy
import inspect
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from random import Random
from typing import Any, cast

import schemathesis
from attrs import define, field, frozen
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.core import NotSet
from schemathesis.core.errors import UnsupportedSchema

from accordant import CallOptions
from accordant.testing import FakeClock, Script, SentRequest
from accordant_contract.document.document import Document, Operation
from accordant_contract.document.document import load as load_document
from accordant_contract.document.values import ABSENT, Arguments
from accordant_contract.fuzz.engine import Fuzzer as Fuzzer  # this registers the formats that the documents use
from accordant_contract.target.clients import generated_operations, keywords
from accordant_contract.traffic.matching import Matcher, arguments_of
from accordant_runtime import dumps, is_array, is_object, to_wire
from tests.client.vendors import made, vendors

__all__ = ["Both", "Case", "Turn", "almost", "cases"]

ODD: tuple[Any, ...] = (None, True, -1, 2**53, 1.5, "", "x", [], [None], {}, {"a": [1]})
"""What stands somewhere in a response that the document does not allow quite."""


@frozen
class Case:
    """A request that the document allows, a status that it lists, and a body that it allows there."""

    operation: Operation
    arguments: Arguments
    status: int
    answer: Any


@frozen
class Turn:
    """What one client made of a case: the request that it sent first, and its result or error."""

    request: SentRequest | None
    result: Any
    error: Exception | None
    deviations: tuple[str, ...]

    def sent(self, matcher: Matcher) -> tuple[Operation, Arguments] | None:
        """The operation that the request is one of, and what it carries, read by the document alone."""
        if self.request is None:
            return None
        found = matcher.find(self.request.method, self.request.url)
        assert found is not None, f"{self.request.method} {self.request.url} is none of the document's"
        headers = tuple(self.request.headers.items())
        return found.operation, arguments_of(found, self.request.url, headers, self.request.body)


def cases(vendor: str, part: int, parts: int, examples: int) -> Iterator[Case]:
    """Cases of one in so many operations of a vendor: for each documented JSON response so many."""
    document = load_document(vendor)
    mixed = _with_answers(document)
    schema = schemathesis.openapi.from_dict(mixed)
    bodies: dict[bytes, list[Any]] = {}
    """Bodies by their schema: most failures of a vendor have the same, and from one seed the same is drawn."""
    for operation in list(document.operations.values())[part::parts]:
        kinds = operation.body
        if kinds and not any("json" in each or "urlencoded" in each for each in kinds):
            continue  # files: tests/client/test_uploads.py
        requests = _drawn(schema[operation.path][operation.method], examples)
        for status, described in _answers(operation).items():
            if (written := dumps(described)) not in bodies:
                try:
                    drawn = _drawn(schema[f"/answers/{operation.id}/{status}"]["POST"], examples)
                except UnsupportedSchema:
                    drawn = []  # a record that holds itself
                bodies[written] = [each.body for each in drawn]
            for request, answer in zip(requests, bodies[written], strict=False):
                headers: Mapping[str, Any] = request.headers or {}
                arguments = Arguments(
                    dict(request.path_parameters or {}),
                    dict(request.query or {}),
                    {name: value for name, value in headers.items() if operation.parameter(name)},
                    ABSENT if isinstance(request.body, NotSet) else request.body,
                    request.media_type,
                )
                yield Case(operation, arguments, status, answer)


def _answers(operation: Operation) -> dict[int, Mapping[str, Any]]:
    """The schemas of the JSON responses of an operation by their status."""
    found: dict[int, Mapping[str, Any]] = {}
    for status, (node, _) in operation.responses.items():
        content: Mapping[str, Mapping[str, Any]] = node.get("content") or {}
        schema = next((each.get("schema") for media, each in content.items() if "json" in media), None)
        if schema is not None and status.isdigit():
            found[int(status)] = schema
    return found


def _with_answers(document: Document) -> dict[str, Any]:
    """The document, and beside its paths one for each JSON response, whose request body is that response's."""
    data = copy.deepcopy(dict(document.data))
    for operation in document.operations.values():
        for status, schema in _answers(operation).items():
            body = {"required": True, "content": {"application/json": {"schema": schema}}}
            data["paths"][f"/answers/{operation.id}/{status}"] = {
                "post": {"requestBody": body, "responses": {"200": {"description": "none"}}}
            }
    return data


def _drawn(operation: Any, examples: int) -> list[Any]:
    drawn: list[Any] = []

    @seed(1)
    @settings(
        max_examples=examples,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(cast("Iterable[HealthCheck]", HealthCheck)),
    )
    @given(case=operation.as_strategy())
    def draw(case: Any) -> None:
        drawn.append(case)

    cast(Callable[[], None], draw)()
    return drawn[-examples:]


def almost(value: Any, chance: Random) -> Any:
    """A JSON value with one thing in it that is something else, missing, or more than before."""
    if is_object(value) and value and chance.random() < 0.8:
        changed: dict[str, Any] = dict(value)
        name = chance.choice(list(changed))
        if chance.random() < 0.15:
            del changed[name]
        elif chance.random() < 0.15:
            changed["xUnknown"] = chance.choice(ODD)
        else:
            changed[name] = almost(changed[name], chance)
        return changed
    if is_array(value) and value and chance.random() < 0.8:
        index = chance.randrange(len(value))
        return [*value[:index], almost(value[index], chance), *value[index + 1 :]]
    return chance.choice(ODD)


@define
class Both:
    """Both clients of a vendor on a transport that gives one response; nothing is sent anywhere."""

    vendor: str
    operations: Mapping[str, Any] = field(init=False)
    _script: Script = field(factory=Script, init=False)
    _sync: Any = field(init=False)
    _async: Any = field(init=False)
    _loop: asyncio.Runner = field(factory=asyncio.Runner, init=False)

    def __attrs_post_init__(self) -> None:
        self.operations = generated_operations(self.vendor)
        one, other = vendors()[self.vendor]

        def respond_at_once(*request: Any) -> Any:
            return self._script(*request)

        async def respond(*request: Any) -> Any:
            return self._script(*request)

        self._sync = made(one, self.vendor, transport=respond_at_once, clock=FakeClock())
        self._async = made(other, self.vendor, transport=respond, clock=FakeClock())

    def close(self) -> None:
        """Close both clients."""
        self._sync.close()
        self._loop.run(self._async.close())
        self._loop.close()

    def turns(self, case: Case, answer: Any) -> Iterator[Turn]:
        """What the blocking and the asynchronous client make of a case, with this body in the response."""
        given = keywords(self.operations[case.operation.id], case.arguments)
        for api in (self._sync, self._async):
            self._script = Script((case.status, answer), repeat=True)
            api.deviations.clear()
            result, error = None, None
            try:
                method = getattr(getattr(api, case.operation.resource), case.operation.name)
                result = self._result(method(**given, options=CallOptions(retries=0)))
            except Exception as caught:  # the test says which are allowed
                error = caught
            first = self._script.requests[0] if self._script.requests else None
            yield Turn(first, result, error, tuple(map(str, api.deviations)))

    def _result(self, found: Any) -> Any:
        """What a call returned: of a list its rows, as far as one response has them."""
        if hasattr(found, "collect"):
            found = found.collect(max_items=1)
        if inspect.isawaitable(found):
            found = self._loop.run(cast("Coroutine[Any, Any, Any]", found))
        return to_wire(found)
