"""The four vendors with changed documents, as they are after the vendor published a newer one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import accordant_documents
from accordant_codegen.read import rules
from accordant_sandbox import Sandbox
from accordant_sandbox.http.document import Document
from tests.sandbox import dibop_caller, dime_scheduler_caller, dispatch_caller, espace_caller

__all__ = ["CALLERS", "GADGET", "add_gadgets", "sandbox_of"]


class _WithKey(dime_scheduler_caller.Api):
    """Calls of Dime.Scheduler with its key on each."""

    def call(
        self,
        method: str,
        target: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        raw: bytes = b"",
    ) -> dime_scheduler_caller.Got:
        return super().call(method, target, body, {**self.headers, **(headers or {})}, raw)


CALLERS: dict[str, Callable[[Sandbox], Any]] = {
    "dibop": dibop_caller.Api,
    "dime_scheduler": _WithKey,
    "dispatch": dispatch_caller.Api,
    "espace": espace_caller.Api,
}
GADGET = {
    "type": "object",
    "required": ["id", "label"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "label": {"type": "string"},
        "weight": {"type": ["number", "null"]},
    },
}


def sandbox_of(vendor: str, change: Callable[[dict[str, Any]], object]) -> Sandbox:
    """A sandbox of a vendor whose document was changed and normalised."""
    data = accordant_documents.load(vendor)
    change(data)
    rules.normalise(data)
    made = import_module(f"accordant_sandbox.vendors.{vendor}").vendor(Document(vendor, data))
    return Sandbox(made)


def add_gadgets(data: dict[str, Any]) -> None:
    """A kind of record that no hand-written line knows: `/gadgets` with all that one does to records, and one act."""
    prefix = "/api/v2" if "/api/v2/event/list" in data["paths"] else ""
    one = {"content": {"application/json": {"schema": GADGET}}}
    many = {"content": {"application/json": {"schema": {"type": "array", "items": GADGET}}}}
    body = {"required": True, "content": {"application/json": {"schema": GADGET}}}
    key = [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}]

    def operation(name: str, status: str, response: dict[str, Any], **more: Any) -> dict[str, Any]:
        return {"operationId": name, "responses": {status: {"description": "done", **response}}, **more}

    data["paths"][f"{prefix}/gadgets"] = {
        "get": operation("listGadgets", "200", many),
        "post": operation("createGadget", "201", one, requestBody=body),
    }
    data["paths"][f"{prefix}/gadgets/{{id}}"] = {
        "get": operation("getGadget", "200", one, parameters=key),
        "patch": operation("updateGadget", "200", one, parameters=key, requestBody=body),
        "delete": operation("deleteGadget", "204", {}, parameters=key),
    }
    data["paths"][f"{prefix}/gadgets/{{id}}/polish"] = {"post": operation("polishGadget", "200", one, parameters=key)}
