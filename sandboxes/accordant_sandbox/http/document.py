"""The effective document of a vendor, as a sandbox reads it: operations with their parameters, bodies and responses.

One `Document` is shared by all sandboxes of a vendor in a process: it holds no state, and its validators are compiled
when first used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from accordant_sandbox.errors import SandboxError
from accordant_sandbox.http.addresses import parts_of
from accordant_sandbox.http.examples import ExampleValues
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.http.schemas import Schemas

__all__ = ["METHODS", "Document", "Operation", "Parameter"]

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@dataclass(frozen=True, slots=True)
class Parameter:
    """One path, query or header parameter: its wire name, place, schema (references followed) and array style."""

    name: str
    where: str
    required: bool
    schema: Mapping[str, Any]
    pointer: str
    explode: bool
    data: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Operation:
    """One method on one path.

    `pointer` is its JSON pointer in the document; `data` the raw operation object.
    """

    id: str
    method: str
    path: str
    data: Mapping[str, Any]
    pointer: str
    parameters: tuple[Parameter, ...]
    document: Document = field(repr=False)

    @cached_property
    def sent_path(self) -> str:
        """The part of the path that is sent: what is behind a `#` or a `?` tells operations apart."""
        return re.split("[#?]", self.path, maxsplit=1)[0]

    @cached_property
    def responses(self) -> Mapping[str, tuple[Mapping[str, Any], str]]:
        """Response objects with their pointers by status key (`200`, `4XX`, `default`), references followed."""
        nodes: Mapping[str, Any] = self.data.get("responses", {})
        return {
            str(key): self.document.schemas.follow(node, f"{self.pointer}/responses/{key}")
            for key, node in nodes.items()
        }

    @cached_property
    def success_status(self) -> int:
        """The documented success status: 201 of a POST that has one, else the lowest 2xx, else the lowest 3xx."""
        codes = sorted(int(key) for key in self.responses if key.isdigit() and "200" <= key < "400")
        stated = self.data.get("x-accordant-success")
        if not codes and any(key.upper() == "2XX" or key == "default" for key in self.responses):
            return stated if isinstance(stated, int) and 200 <= stated < 400 else 200
        if self.method == "POST" and 201 in codes:
            return 201
        if not codes:
            raise SandboxError(f"{self.pointer}/responses: no success status is documented")
        return codes[0]

    def response(self, status: int) -> tuple[Mapping[str, Any], str] | None:
        """The response object that documents a status, with its pointer; None when nothing documents it."""
        for key in (str(status), f"{status // 100}XX", f"{status // 100}xx", "default"):
            if key in self.responses:
                return self.responses[key]
        return None

    @cached_property
    def body(self) -> tuple[Mapping[str, Any], str] | None:
        """The request body object with its pointer; None when the operation takes none."""
        node = self.data.get("requestBody")
        return None if node is None else self.document.schemas.follow(node, f"{self.pointer}/requestBody")

    @cached_property
    def body_content(self) -> Mapping[str, str]:
        """JSON pointers of the body schemas by media type."""
        if self.body is None:
            return {}
        node, pointer = self.body
        return {kind: f"{pointer}/content/{_token(kind)}/schema" for kind in node.get("content", {})}

    def encoding(self, media_type: str) -> Mapping[str, Any]:
        """How the fields of a form travel, by name: `encoding` of a media type of the body."""
        content: Any = self.body[0].get("content", {}) if self.body is not None else {}
        stated = content[media_type].get("encoding") if media_type in content else None
        return stated if is_object(stated) else {}

    def has_schema(self, pointer: str) -> bool:
        """Whether a schema of `body_content` is there: a media type need not have one."""
        try:
            self.document.schemas.at(pointer)
        except SandboxError:
            return False
        return True

    @property
    def body_required(self) -> bool:
        """Whether a request without body is invalid."""
        return self.body is not None and bool(self.body[0].get("required", False))

    @cached_property
    def requirements(self) -> tuple[tuple[str, ...], ...]:
        """Alternatives of security schemes, each a set that must hold together; empty = open to everyone."""
        listed = self.data.get("security", self.document.data.get("security", []))
        return tuple(tuple(alternative) for alternative in listed)

    @property
    def secured(self) -> bool:
        """Whether the operation is closed to callers without a credential."""
        return bool(self.requirements) and () not in self.requirements

    @property
    def action(self) -> str | None:
        """What it does to its entity: create, get, list, update, replace, upsert, delete or custom."""
        return self.data.get("x-accordant-action")

    @property
    def entity(self) -> str | None:
        """The record kind that the action concerns."""
        return self.data.get("x-accordant-entity")

    @property
    def pagination(self) -> Mapping[str, Any] | None:
        """The paging metadata of a list operation."""
        return self.data.get("x-accordant-pagination")

    def body_schema(self, media_type: str = "application/json") -> Mapping[str, Any] | None:
        """The schema of the request body with its reference followed."""
        pointer = self.body_content.get(media_type)
        return None if pointer is None else self.document.schemas.stated(pointer)

    def answer_schema(
        self, status: int | None = None, media_type: str = "application/json"
    ) -> Mapping[str, Any] | None:
        """The schema of a response (of the success, when no status is given) with its reference followed, if any."""
        found = self.response(self.success_status if status is None else status)
        content: Mapping[str, Any] = {} if found is None else found[0].get("content") or {}
        if found is None or "schema" not in content.get(media_type, {}):
            return None  # an example may be all that is documented
        return self.document.schemas.at(f"{found[1]}/content/{_token(media_type)}/schema")


class Document:
    """An OpenAPI 3.1 document.

    Args:
        name: Its name in messages.
        data: The document.
        lenient: Leave operations out that cannot be read, instead of refusing the document.

    Raises:
        SandboxError: It is not one, or an operation has no `operationId`, or two share one.
    """

    def __init__(self, name: str, data: Mapping[str, Any], *, lenient: bool = False) -> None:
        if not str(data.get("openapi", "")).startswith("3.1") or not isinstance(data.get("paths"), Mapping):
            raise SandboxError(f"{name}: not an OpenAPI 3.1 document (no `openapi: 3.1.x` or no `paths`)")
        self.name = name
        self.data = data
        self.schemas = Schemas(name, data)
        self.lenient = lenient
        self.left_out: dict[str, str] = {}
        """Operations that cannot be read, by JSON pointer, each with the reason."""
        self.operations: dict[str, Operation] = {}
        for operation in self._read():
            if operation.id in self.operations:
                raise SandboxError(f"{name}: {operation.pointer}/operationId: {operation.id!r} is used twice")
            self.operations[operation.id] = operation

    @cached_property
    def examples(self) -> ExampleValues:
        """Values that fit its schemas."""
        return ExampleValues(self.schemas)

    @cached_property
    def key_names(self) -> tuple[str, ...]:
        """The headers, query parameters and cookies in which its security schemes have keys."""
        components = self.data.get("components")
        declared = components.get("securitySchemes") if is_object(components) else None
        schemes: dict[str, Any] = declared if is_object(declared) else {}
        keys = [each for each in schemes.values() if is_object(each) and each.get("type") == "apiKey"]
        return tuple(str(each["name"]) for each in keys if "name" in each)

    @cached_property
    def base_path(self) -> str:
        """The path part of the first server: every path of the document begins with it."""
        servers = self.data.get("servers") or [{"url": ""}]
        return parts_of(_filled_in(servers[0])).path.rstrip("/")

    def _read(self) -> Iterator[Operation]:
        for path, raw in self.data["paths"].items():
            try:
                item, pointer = self.schemas.follow(raw, f"/paths/{_token(path)}")
            except SandboxError as problem:
                self._leave_out(f"/paths/{_token(path)}", problem)
                continue
            for method in METHODS:
                if method in item:
                    try:
                        yield self._operation(path, method, item, pointer)
                    except (SandboxError, KeyError, TypeError, AttributeError) as problem:
                        self._leave_out(f"{pointer}/{method}", problem)

    def _leave_out(self, pointer: str, problem: Exception) -> None:
        if not self.lenient:
            raise problem
        self.left_out[pointer] = f"{type(problem).__name__}: {problem}"

    def _operation(self, path: str, method: str, item: Mapping[str, Any], pointer: str) -> Operation:
        data, where = item[method], f"{pointer}/{method}"
        if not data.get("operationId"):
            raise SandboxError(f"{self.name}: {where}: the operation has no operationId")
        parameters = self._parameters(item, pointer, data, where)
        made = Operation(data["operationId"], method.upper(), path, data, where, parameters, self)
        if self.lenient:
            made.responses  # noqa: B018 - a response that leads nowhere shows here, not at a call
        return made

    def _parameters(
        self, item: Mapping[str, Any], item_pointer: str, data: Mapping[str, Any], pointer: str
    ) -> tuple[Parameter, ...]:
        found: dict[tuple[str, str], Parameter] = {}
        for owner, owner_pointer in ((item, item_pointer), (data, pointer)):
            for index, raw in enumerate(owner.get("parameters", [])):
                node, at = self.schemas.follow(raw, f"{owner_pointer}/parameters/{index}")
                schema, schema_at = self.schemas.follow(node.get("schema", {}), f"{at}/schema")
                where = str(node["in"])
                style = node.get("style", "form" if where in ("query", "cookie") else "simple")
                found[node["name"], where] = Parameter(
                    str(node["name"]),
                    where,
                    bool(node.get("required", False)),
                    schema,
                    schema_at,
                    bool(node.get("explode", style == "form")),
                    node,
                )
        return tuple(found.values())


def _filled_in(server: Mapping[str, Any]) -> str:
    """The address of a server with the defaults of its variables."""
    url = str(server.get("url", ""))
    variables: Mapping[str, Any] = server.get("variables") or {}
    for name, node in variables.items():
        url = url.replace(f"{{{name}}}", str(node.get("default", "")))
    return url


def _token(text: str) -> str:
    return text.replace("~", "~0").replace("/", "~1")
