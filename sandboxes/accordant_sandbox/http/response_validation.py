"""Response validation: no response leaves a sandbox that the document does not allow."""

from __future__ import annotations

from dataclasses import dataclass

from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.exchange import ABSENT, Answer

__all__ = ["Defect", "fits", "header_fits", "validate_response", "validate_webhook"]


@dataclass(frozen=True, slots=True)
class Defect:
    """A response that breaks the document: the operation, the status, the JSON path, the rule, and a sentence."""

    operation: str
    status: int
    path: str
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.operation} {self.status} {self.path}: {self.message} ({self.rule})"


def validate_response(operation: Operation, answer: Answer, *, told: bool = True) -> Defect | None:
    """The first thing about a response that its document forbids; None when all is well.

    Unless it is `told`, a body that does not fit is only said not to.
    """

    def defect(path: str, rule: str, message: str) -> Defect:
        return Defect(operation.id, answer.status, path, rule, message)

    found = operation.response(answer.status)
    if found is None:
        return defect("status", "responses", f"status {answer.status} is not documented")
    response, pointer = found
    schemas = operation.document.schemas
    for name, raw in response.get("headers", {}).items():
        header = schemas.deref(raw)
        value = answer.headers.get(name)
        if value is None:
            if header.get("required"):
                return defect(f"header {name}", "required", "the header is missing")
        elif not header_fits(operation, answer.status, name, value):
            return defect(f"header {name}", "schema", "the header does not fit its schema")
    content = response.get("content", {})
    if answer.content is not None or answer.body is ABSENT:
        empty = not answer.content
        return defect("body", "content", "a documented body is missing") if content and empty else None
    if not content:
        return defect("body", "content", "the document allows no body here")
    if answer.media_type is None or answer.media_type not in content:
        return defect("header content-type", "content", f"{answer.media_type} is not documented")
    if "schema" not in content[answer.media_type]:
        return None
    token = answer.media_type.replace("/", "~1")
    schema = f"{pointer}/content/{token}/schema"
    if schemas.is_valid(schema, answer.body):
        return None
    if not told:
        return defect("body", "schema", "the body does not fit its schema")
    first = schemas.violations(schema, answer.body)[0]
    return defect(first.path, first.rule, first.message)


def header_fits(operation: Operation, status: int, name: str, value: str) -> bool:
    """Whether the document allows a header with that value; it does where it says nothing of it."""
    found = operation.response(status)
    raw = found[0].get("headers", {}).get(name) if found is not None else None
    if found is None or raw is None:
        return True
    schemas = operation.document.schemas
    header, at = schemas.follow(raw, f"{found[1]}/headers/{name}")
    return schemas.is_valid(f"{at}/schema", schemas.coerce(schemas.deref(header.get("schema", {})), value))


def fits(operation: Operation, answer: Answer) -> bool:
    """Whether the document allows a response: much cheaper than to say what it forbids about it."""
    return validate_response(operation, answer, told=False) is None


def validate_webhook(document: Document, topic: str, body: object) -> Defect | None:
    """The first thing about a webhook's body that the document's entry of that topic forbids; None without an entry."""
    node, pointer = (
        document.data.get("webhooks", {}).get(topic),
        f"/webhooks/{topic.replace('~', '~0').replace('/', '~1')}",
    )
    for part in ("post", "requestBody", "content", "application/json", "schema"):
        if node is None:
            return None
        node, pointer = document.schemas.follow(node, pointer)
        node, pointer = node.get(part), f"{pointer}/{part.replace('/', '~1')}"
    violations = [] if node is None else document.schemas.violations(pointer, body)
    return Defect(topic, 0, violations[0].path, violations[0].rule, violations[0].message) if violations else None
