"""Probes over the derived sandbox of a small document: what a run without the client finds there."""

from __future__ import annotations

import copy
import datetime
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from accordant_contract.document.document import Document
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.probes.context import ProbeContext
from accordant_contract.run.plan import plan
from accordant_contract.target.from_document import vendor_of
from accordant_contract.target.held import held
from accordant_contract.target.session import TargetSession
from accordant_contract.target.targets import Target
from accordant_sandbox import Sandbox

CLOSED = frozenset({"client", "knock", "wrong method", "unauthenticated"})
"""Probes that need a generated client, or that are about doors."""


def facts(name: str, action: str, entity: str, **more: Any) -> dict[str, Any]:
    """What every operation of an effective document has."""
    given = {"operationId": name, "x-accordant-action": action, "x-accordant-entity": entity}
    return {**given, "responses": {"200": {"description": ""}, "404": {"description": ""}}, **more}


def shows(schema: Any, status: str = "200") -> dict[str, Any]:
    """Responses: a success with that schema, and a record that is not there."""
    content = {"application/json": {"schema": schema}}
    return {"responses": {status: {"description": "", "content": content}, "404": {"description": ""}}}


def takes(schema: Any) -> dict[str, Any]:
    """A required body."""
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def variable(name: str, kind: str, schema: Any = None, **more: Any) -> dict[str, Any]:
    """A path variable that names a record."""
    given = {"name": name, "in": "path", "required": True, "schema": schema or {"type": "string"}}
    return {**given, "x-accordant-reference": kind, **more}


def key(parameter: str | None, field: str = "id") -> dict[str, Any]:
    """Which parameter holds the key, and which field of a record."""
    named = {"parameter": parameter} if parameter else {}
    return {"x-accordant-key": {**named, "field": field}}


class Clock:
    """The clock of a sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime.datetime:
        """The present there."""
        return self._sandbox.clock.now()

    def advance(self, seconds: float) -> None:
        """Move it forward."""
        self._sandbox.clock.advance(seconds=seconds)


@contextmanager
def probing(
    paths: dict[str, Any], schemas: dict[str, Any] | None = None, name: str = "made"
) -> Generator[ProbeContext]:
    """What probes work with, over the sandbox of a document with these paths."""
    info = {"title": "Made", "version": "1"}
    data = {"openapi": "3.1.0", "info": info, "paths": paths, "components": {"schemas": schemas or {}}}
    document = Document(name, copy.deepcopy(data), "")
    with Sandbox.for_document(copy.deepcopy(data), name=name) as sandbox:
        vendor = vendor_of(document)
        base = str(sandbox.credentials["base_url"]).rstrip("/")
        target = Target(vendor, "sandbox", base, sandbox.transport, {}, control=Clock(sandbox), exclusive=True)
        target.sandbox, target.held = sandbox, held(sandbox, document)
        session = TargetSession(target, document, ResultCollector(document, vendor.policy))
        yield ProbeContext(session, vendor.policy, 7)


def findings(paths: dict[str, Any], schemas: dict[str, Any] | None = None) -> list[tuple[str, str, str]]:
    """Check, operation and message of what the probes find, and operations that never succeeded."""
    with probing(paths, schemas) as context:
        results = context.session.results
        operations = list(context.session.document.operations.values())
        for probe, operation in plan(context.session.target.vendor, operations):
            if probe.name not in CLOSED:
                probe.run(context, operation)
        found = [
            (each.finding.check, each.finding.operation, each.finding.message) for each in results.findings.values()
        ]
        never = [("hollow_run", each.id, "no success") for each in operations if each.id not in results.covered]
        return found + never
