"""The effective document as the contract tests read it: operations, and what ``x-accordant-*`` says of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache, cached_property
from typing import Any, Final

from attrs import field, frozen

import accordant_documents
from accordant_runtime import UNSET, descend, is_array
from accordant_sandbox.http.addresses import parts_of

from ..errors import ContractError
from .facts import Key, Paging, Parameter, action_of, bounds, named_last, parameter_of
from .schemas import Schemas
from .values import ABSENT, Arguments, Intent

METHODS: Final = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@frozen(eq=False)
class Operation:
    """One method on one path."""

    id: str
    method: str
    path: str
    pointer: str
    data: Mapping[str, Any]
    schemas: Schemas
    parameters: tuple[Parameter, ...]
    security: tuple[tuple[str, ...], ...]
    _kin: Mapping[str, list[Operation]] = field(factory=dict[str, "list[Operation]"], repr=False)
    """The operations of the document by their kind of record."""
    _said: dict[int, tuple[dict[str, Any], str] | None] = field(factory=dict[int, Any], init=False, repr=False)

    @cached_property
    def clients_set(self) -> frozenset[str]:
        """The properties of a record that the body of some operation of its kind may say."""
        writes = (each for each in self._kin.get(self.entity, ()) if each.writes and each.body_schema is not None)
        known = [self.schemas.properties(each.body_schema) for each in writes]
        marks = ("readOnly", "x-accordant-read-only")
        return frozenset(
            name for parts in known for name, part in parts.items() if not any(part.get(mark) for mark in marks)
        )

    @property
    def secured(self) -> bool:
        """Whether it is closed to callers without a credential."""
        return bool(self.security) and () not in self.security

    @cached_property
    def action(self) -> str:
        """What it does: create, get, list, update, replace, upsert, delete or custom; a choice names no record."""
        return action_of(self.data, self.parameters)

    @property
    def retires(self) -> bool:
        """Whether its success takes a record out of use: a deletion, or a DELETE at the record's own path."""
        own = bool(self.key.name) and self.path.endswith(f"{{{self.key.name}}}")
        return self.action == "delete" or (self.method == "DELETE" and own)

    @property
    def lists_inside(self) -> bool:
        """Whether it lists what is inside of one record of its kind, which its path names at the end."""
        return self.action == "list" and bool(self.entity) and named_last(self.path, self.parameters) == self.entity

    @cached_property
    def entity(self) -> str:
        """The kind of record that it concerns."""
        return str(self.data.get("x-accordant-entity", ""))

    @property
    def resource(self) -> str:
        """The attribute of the client that has it."""
        return str(self.data.get("x-accordant-resource", ""))

    @property
    def name(self) -> str:
        """The client's method for it."""
        return str(self.data.get("x-accordant-name", self.id))

    @property
    def envelope(self) -> str:
        """The dotted key of the part of a success that holds the record or records."""
        return str(self.data.get("x-accordant-envelope", ""))

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method not in ("GET", "HEAD", "OPTIONS")

    @property
    def reads(self) -> bool:
        """Whether it only reads: it cannot change what the vendor holds."""
        return not self.writes or self.action in ("get", "list")

    @property
    def repeatable(self) -> bool:
        """Whether the document says that sending it twice is as good as once."""
        return bool(self.data.get("x-accordant-idempotent"))

    @cached_property
    def key(self) -> Key:
        """Where the record's id is in request and response."""
        data = self.data.get("x-accordant-key")
        if data is None:
            return Key("id")
        field, scope, header = data.get("field"), tuple(data.get("scope", ())), data.get("header")
        others = tuple(name for names in data.get("alternatives", {}).values() for name in names)
        if data.get("body"):
            return Key(field, "body", str(data["body"]), scope, others)
        name = data.get("parameter")
        found = next((each for each in self.parameters if each.name == name), None)
        if name is None or found is None:
            return Key(field, scope=scope, header=header)
        return Key(field, "path" if found.where == "path" else "query", str(name), scope)

    @cached_property
    def paging(self) -> Paging | None:
        """How it pages; ``None`` where it does not."""
        data = self.data.get("x-accordant-pagination")
        if data is None:
            return None
        size = data.get("limit", data.get("size", data.get("cap")))
        position = data.get("offset", data.get("page", data.get("position")))
        sizes = next((each.schema for each in self.parameters if each.name == size), dict[str, Any]())
        return Paging(
            str(data["style"]),
            str(data.get("items", "")),
            size,
            position,
            *(data.get("total"), data.get("max-limit")),
            tuple(data.get("identity", ())),
            int(data.get("start", 1)),
            data.get("cursor"),
            {name: str(data[name]) for name in ("next", "next-header", "next-row", "more", "last") if name in data},
            sizes.get("default"),
            *bounds(sizes),
        )

    @cached_property
    def responses(self) -> dict[str, tuple[dict[str, Any], str]]:
        """Response objects with their pointers, by status key (``200``, ``4XX``, ``default``)."""
        nodes: Mapping[str, Any] = self.data.get("responses", {})
        return {str(key): self.schemas.follow(node, f"{self.pointer}/responses/{key}") for key, node in nodes.items()}

    @property
    def refuses_requests(self) -> bool:
        """Whether a failure is documented that says what is wrong with a request, and not with who sends it."""
        about_caller = {"401", "403", "429"}
        return any(key == "default" or (key.startswith("4") and key not in about_caller) for key in self.responses)

    def response(self, status: int) -> tuple[dict[str, Any], str] | None:
        """What the document says of a status, with its pointer; ``None`` when it does not know it."""
        if status not in self._said:
            keys = (str(status), f"{status // 100}XX", f"{status // 100}xx", "default")
            self._said[status] = next((self.responses[key] for key in keys if key in self.responses), None)
        return self._said[status]

    @cached_property
    def body(self) -> dict[str, str]:
        """Pointers of the request body's schemas, by media type."""
        if "requestBody" not in self.data:
            return {}
        node, pointer = self.schemas.follow(self.data["requestBody"], f"{self.pointer}/requestBody")
        return {kind: f"{pointer}/content/{token(kind)}/schema" for kind in node.get("content", {})}

    @cached_property
    def body_schema(self) -> dict[str, Any] | None:
        """The schema of the first documented request body; of one record, where it may be one or an array of them."""
        return self._one_or_many[0]

    @property
    def takes_many(self) -> bool:
        """Whether the request body may be one record or an array of them."""
        return self._one_or_many[1]

    @cached_property
    def _one_or_many(self) -> tuple[dict[str, Any] | None, bool]:
        if not self.body:
            return None, False
        schema = self.schemas.schema({"$ref": f"#{next(iter(self.body.values()))}"})
        parts = [self.schemas.schema(part) for keyword in ("anyOf", "oneOf") for part in schema.get(keyword, ())]
        lists = [part for part in parts if part.get("type") == "array"]
        ones = [part for part in parts if part.get("type") != "array"]
        if len(ones) == len(lists) == 1:
            return ones[0], True
        return schema, False

    def allows(self, body: Any) -> bool:
        """Whether the document allows a request body; bodies that are no JSON are taken to be allowed."""
        kind = next(iter(self.body), "")
        return "json" not in kind or body is ABSENT or self.schemas.valid(self.body[kind], body)

    def intent(self, arguments: Arguments, wanted: Intent) -> Intent:
        """What a request is sent for: where no body could be made that the document allows, a refusal may be right."""
        return "unknown" if wanted == "valid" and arguments.raw is None and not self.allows(arguments.body) else wanted

    @cached_property
    def body_required(self) -> bool:
        """Whether a request without a body is invalid."""
        return bool(self.body) and bool(self.schemas.follow(self.data["requestBody"])[0].get("required"))

    @cached_property
    def success(self) -> dict[str, Any] | None:
        """The JSON schema of the (first) success, or ``None``."""
        for key in sorted(self.responses):
            node, _ = self.responses[key]
            schema = node.get("content", {}).get("application/json", {}).get("schema")
            if key.startswith("2") and schema is not None:
                return self.schemas.schema(schema)
        return None

    @cached_property
    def record_schema(self) -> dict[str, Any] | None:
        """The schema of one record in a success: the row of a list, else the inside of the envelope."""
        schema = self.success
        for name in self.way.split(".") if schema is not None and self.way else ():
            inner = self.schemas.properties(schema).get(name)
            if inner is None:
                break
            schema = inner
        if schema is not None and "items" in schema:
            return self.schemas.schema(schema["items"])
        return schema

    @cached_property
    def instants(self) -> dict[str, str]:
        """The fields of a record that hold times, with their format."""
        known = self.schemas.properties(self.record_schema) if self.record_schema else {}
        formats = {name: str(part.get("format")) for name, part in known.items()}
        return {name: each for name, each in formats.items() if each in ("date-time", "local-date-time")}

    @property
    def way(self) -> str:
        """The dotted key of the rows of a list, else of the record."""
        return self.paging.items if self.paging else self.envelope

    def rows(self, document: Any) -> list[Any] | None:
        """The rows in a list's response, or ``None`` where they are not where they belong."""
        found = descend(document, self.way)
        return found if is_array(found) else None

    def record(self, document: Any) -> Any:
        """The record in a response: inside the envelope, or the response itself where it comes bare; the only one of a
        list where that is how one record is shown."""
        found = descend(document, self.envelope)
        found = document if found is UNSET else found
        alone = is_array(found) and len(found) == 1 and self.action not in ("list", "custom")
        return found[0] if alone else found

    def total(self, document: Any) -> int | None:
        """The number of rows over all pages as the response states it, or ``None``."""
        found = descend(document, self.paging.total) if self.paging and self.paging.total else None
        return found if type(found) is int else None

    def parameter(self, name: str | None) -> Parameter | None:
        """A parameter by its wire name."""
        return next((each for each in self.parameters if each.name == name), None)


class Document:
    """One vendor's effective document."""

    def __init__(self, name: str, data: Mapping[str, Any], digest: str = "") -> None:
        self.name = name
        self.data = data
        self.digest = digest
        self.schemas = Schemas(name, data)
        self._of: dict[tuple[str, ...], list[Operation]] = {}
        self._kin: dict[str, list[Operation]] = {}
        self.operations: dict[str, Operation] = {each.id: each for each in self._read()}
        for each in self.operations.values():
            self._kin.setdefault(each.entity, []).append(each)

    def of(self, entity: str, *actions: str) -> list[Operation]:
        """The operations on one kind of record, by action; not the lists of what is inside of one."""
        if (known := self._of.get((entity, *actions))) is None:
            mine = [each for each in self.operations.values() if each.entity == entity and not each.lists_inside]
            known = self._of[entity, *actions] = [each for each in mine if each.action in actions]
        return list(known)

    @cached_property
    def simplest(self) -> Operation | None:
        """A secured operation that only reads and needs nothing: what a credential is tried on."""
        for each in self.operations.values():
            if each.secured and each.method == "GET" and not any(one.required for one in each.parameters):
                return each
        return None

    @cached_property
    def entities(self) -> tuple[str, ...]:
        """The kinds of record, in the order of the document."""
        return tuple(dict.fromkeys(each.entity for each in self.operations.values() if each.entity))

    @cached_property
    def scopes(self) -> dict[str, tuple[str, ...]]:
        """Per kind, the properties within which its key is unique; kinds with a wholly unique key are omitted."""
        return {each.entity: each.key.scope for each in self.operations.values() if each.key.scope}

    @cached_property
    def base_path(self) -> str:
        """The path part of the first server's address: every path begins with it."""
        servers = self.data.get("servers") or [{"url": ""}]
        return parts_of(str(servers[0].get("url", ""))).path.rstrip("/")

    @property
    def schemes(self) -> Mapping[str, Mapping[str, Any]]:
        """The security schemes by name."""
        found: Mapping[str, Mapping[str, Any]] = self.data.get("components", {}).get("securitySchemes", {})
        return found

    def _read(self) -> Iterator[Operation]:
        for path, raw in self.data.get("paths", {}).items():
            item, pointer = self.schemas.follow(raw, f"/paths/{token(path)}")
            for method in METHODS:
                if method not in item:
                    continue
                data = item[method]
                if "operationId" not in data:
                    raise ContractError(f"{self.name}: #{pointer}/{method}: the operation has no operationId")
                nodes = [*item.get("parameters", []), *data.get("parameters", [])]
                read = [parameter_of(node, self.schemas) for node in nodes]
                # Of two with one name, that of the path: it has to be there.
                parameters = {each.name: each for each in (*read, *(each for each in read if each.where == "path"))}
                security = tuple(tuple(each) for each in data.get("security", self.data.get("security", [])))
                rest = (data, self.schemas, tuple(parameters.values()), security)
                yield Operation(str(data["operationId"]), method.upper(), path, f"{pointer}/{method}", *rest, self._kin)


@cache
def load(name: str) -> Document:
    """A vendor's document by name; one object for the whole process, as nothing ever changes it."""
    try:
        content = accordant_documents.path(name).read_bytes()
    except KeyError as problem:
        raise ContractError(
            f"there is no vendor {name!r}; there are: {', '.join(accordant_documents.names())}"
        ) from problem
    return Document(name, accordant_documents.load(name), hashlib.sha256(content).hexdigest())


def token(text: str) -> str:
    """A name as one token of a JSON pointer."""
    return text.replace("~", "~0").replace("/", "~1")
