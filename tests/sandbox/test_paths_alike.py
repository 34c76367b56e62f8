"""Operations whose paths are alike: what a request says beside its path decides which of them is meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from accordant_codegen import gates
from accordant_codegen.render import operation_values
from accordant_contract.document.document import Document
from accordant_contract.document.values import Arguments
from accordant_contract.target.request_builder import build
from accordant_sandbox import Sandbox
from tests.sandbox.derived_corpus import successes

TEXT = {"type": "string"}


def operation(name: str, *parameters: Any, body: Any = None) -> dict[str, Any]:
    """An operation that takes these parameters and that body."""
    taken = {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}} if body else {}
    return {"operationId": name, "parameters": [*parameters], "responses": {"204": {"description": ""}}, **taken}


def parameter(name: str, where: str, schema: Any = TEXT) -> dict[str, Any]:
    """A parameter that has to be there."""
    return {"name": name, "in": where, "required": True, "schema": schema}


def needing(name: str) -> dict[str, Any]:
    """The schema of an object that must have a member."""
    return {"type": "object", "required": [name], "properties": {name: TEXT}}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of people, read by id or by number, and of files whose operations differ behind a `#`."""
    by_id = parameter("id", "path", {"type": "string", "format": "uuid"})
    file = parameter("file", "path")
    paths = {
        "/people/{number}": {"get": operation("byNumber", parameter("number", "path", {"type": "integer"}))},
        "/people/{id}": {"get": operation("byId", by_id)},
        "/people/{name}": {"get": operation("byName", parameter("name", "path"))},
        "/files/{file}": {"put": operation("change", file, body=needing("title"))},
        "/files/{file}#share": {"put": operation("share", file, body=needing("link"))},
        "/files/{file}#lock": {"put": operation("lock", file, parameter("until", "query"), body=needing("title"))},
    }
    document = {"openapi": "3.1.0", "info": {"title": "Files", "version": "1"}, "paths": paths}
    with Sandbox.for_document(document, name="files") as found:
        yield found


def test_what_a_path_says_itself_comes_before_what_a_parameter_takes() -> None:
    """Of paths that fit, the one with the earliest plain part is meant, whichever the document names first; one with a
    parameter in its midst comes between."""
    where = {
        "/{kind}/new": "kindNew",
        "/{kind}/{id}": "kind",
        "/jobs/{id}": "job",
        "/jobs/{id}.json": "jobAsJson",
        "/jobs/new": "newJob",
        "/jobs/{id}/notes": "notes",
    }
    paths: dict[str, Any] = {}
    for path, name in where.items():
        needed = [parameter(each, "path") for each in ("kind", "id") if f"{{{each}}}" in path]
        paths[path] = {"get": operation(name, *needed)}
    document = {"openapi": "3.1.0", "info": {"title": "Jobs", "version": "1"}, "paths": paths}
    with Sandbox.for_document(document, name="jobs") as found:
        match = found.engine.router.match
        base = found.vendor.document.base_path
        meant = {
            path: getattr(getattr(match("GET", base + path), "operation", None), "id", None)
            for path in ("/jobs/new", "/jobs/7", "/jobs/7.json", "/sites/new", "/sites/7", "/jobs/7/notes", "/jobs/")
        }
        assert meant == {
            "/jobs/new": "newJob",
            "/jobs/7": "job",
            "/jobs/7.json": "jobAsJson",
            "/sites/new": "kindNew",
            "/sites/7": "kind",
            "/jobs/7/notes": "notes",
            "/jobs/": None,
        }
        assert found.engine.router.nearest("/jbos/new") == f"{base}/jobs/new"


@pytest.mark.parametrize(
    ("method", "path", "body", "meant"),
    [
        ("GET", "/people/7", None, "byNumber"),
        ("GET", "/people/4be1a7d0-0f52-4d0b-9a4e-0d9f2a1f7c55", None, "byId"),
        ("GET", "/people/Ann", None, "byName"),
        ("PUT", "/files/1", {"title": "a"}, "change"),
        ("PUT", "/files/1", {"link": "b"}, "share"),
        ("PUT", "/files/1?until=noon", {"title": "a"}, "lock"),
    ],
)
def test_a_request_reaches_the_operation_that_it_fits(
    sandbox: Sandbox, method: str, path: str, body: Any, meant: str
) -> None:
    """Of operations whose paths are alike the one is served whose path parameters, query and body fit."""
    content = b"" if body is None else json.dumps(body).encode()
    headers = [("Content-Type", "application/json")]
    status, *_ = sandbox.transport(method, f"{sandbox.credentials['base_url']}{path}", headers, content, 5.0)
    assert (status, list(sandbox.journal)[-1].operation) == (204, meant)


def test_operations_of_one_path_are_all_served(sandbox: Sandbox) -> None:
    """A valid request to each of the operations is returned a success of that operation."""
    assert set(successes(sandbox).values()) == {"good"}


def test_what_is_behind_a_hash_is_not_sent() -> None:
    """The generated client and the contract tests send a path without the fragment that tells operations apart."""
    put = {"operationId": "share", "responses": {"204": {"description": ""}}}
    stated = {"x-accordant-entity": "file", "x-accordant-action": "custom"}
    facts = operation_values.facts(
        "/files/{file}#share", "put", {**put, **stated}, {}, operation_values.CommonFacts("()", "")
    )
    assert "'PUT /files/{file}'," in [each.replace('"', "'") for each in facts]
    document = {
        "openapi": "3.1.0",
        "info": {"title": "F", "version": "1"},
        "paths": {"/files/{file}#share": {"put": put}},
    }
    gates.same_operations("files", document, {"share": ["PUT", "/files/{file}"]})
    shared = Document("files", document).operations["share"]
    assert build(shared, Arguments(path={"file": "7"}), "http://files.test").url == "http://files.test/files/7"
