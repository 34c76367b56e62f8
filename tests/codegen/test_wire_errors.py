"""Errors whose bodies the document describes: typed, read late, and never in the way of the error itself."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from accordant.errors import APIStatusError
from accordant.testing import Script
from tests.codegen.wired import client, generated, importable


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of the generated package."""
    with importable(generated(tmp_path_factory.mktemp("wire"), "responses"), "responses") as name:
        yield name


@pytest.fixture(params=[False, True], ids=["sync", "async"])
def asynchronous(request: pytest.FixtureRequest) -> bool:
    """Every test that uses it runs with both clients."""
    return bool(request.param)


def raised(package: str, asynchronous: bool, status: int, body: Any, method: str = "get") -> APIStatusError:
    """The error of a call that gets this response."""
    script = Script((status, body), repeat=True)

    async def run() -> None:
        async with client(package, True, transport=script, retries=0) as api:
            await getattr(api.failures, method)(1)

    def call() -> None:
        if asynchronous:
            asyncio.run(run())
        else:
            getattr(client(package, False, transport=script, retries=0).failures, method)(1)

    with pytest.raises(APIStatusError) as caught:
        call()
    return caught.value


@pytest.mark.parametrize(
    ("status", "body", "name"),
    [
        (404, {"resource": "note", "hint": {"url": "u"}}, "Missing"),
        (422, {"code": 7}, "Other"),
        (500, {"why": "w"}, "GetErrorErrorDefault"),
        (409, {"code": 7}, "NoneType"),
    ],
)
def test_by_status(package: str, asynchronous: bool, status: int, body: Any, name: str) -> None:
    """The body of an error is the type that the document gives it: for its status, its range, or any other."""
    error = raised(package, asynchronous, status, body)
    assert type(error.parsed).__name__ == name
    if error.parsed is not None:
        assert error.parsed.to_dict() == body
    assert error.body.startswith(b"{")


def test_by_operation(package: str) -> None:
    """The same status may mean something else for another operation."""
    assert type(raised(package, False, 404, {"code": 1}, "delete").parsed).__name__ == "Other"


def test_as(package: str, asynchronous: bool) -> None:
    """``parsed_as`` gives the body where it is of the class that is asked for, and None elsewhere."""
    models = import_module(f"{package}.models")
    error = raised(package, asynchronous, 404, {"resource": "note", "hint": {"url": "u"}})
    found = error.parsed_as(models.Missing)
    assert found is not None
    assert (found.resource, found.hint.url) == ("note", "u")
    assert error.parsed_as(models.Other) is None


@pytest.mark.parametrize(
    ("body", "parsed"), [(b"<html>", None), (b"", None), ([1], [1]), ({"resource": 5}, None), ({}, None)]
)
def test_lenient(package: str, asynchronous: bool, body: Any, parsed: Any) -> None:
    """A body that is not what the document says is no further error: what does not fit is kept, no JSON is None."""
    error = raised(package, asynchronous, 404, body)
    found = error.parsed
    if isinstance(body, dict):
        assert type(found).__name__ == "Missing"
        assert found.to_dict() == body
    else:
        assert found == parsed


def test_pickled(package: str, asynchronous: bool) -> None:
    """An error that was pickled still knows its body's type."""
    error = raised(package, asynchronous, 404, {"resource": "note"})
    again = pickle.loads(pickle.dumps(error))
    assert again.parsed == error.parsed
    assert str(again) == str(error)


def test_operations_list_their_statuses(package: str) -> None:
    """The data of an operation lists the statuses as before, and says what reads each body."""
    operation = import_module(f"{package}.operations").OPERATIONS["getError"]
    assert operation.errors == ("404", "409", "4XX", "default")
    assert operation.error_decoder(404) is not operation.error_decoder(410)
    assert operation.error_decoder(409) is None
    assert pickle.loads(pickle.dumps(operation.errors)) == operation.errors
