"""Operations as data.

One :class:`Operation` says everything about one method on one path that code may need to ask: how its arguments travel,
which responses are successes and how they decode, whether it may be repeated, how it pages. The client runs operations,
the contract tests judge by them, and neither knows any vendor.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any, Final, Generic, Literal, TypeVar

from attrs import field, frozen

from ._decoders import Lazy, at, descend, untyped
from ._notes import Decode, Notes, whole
from ._problems import ErrorStatuses
from ._unset import UNSET, Unset

T = TypeVar("T")

Where = Literal["path", "query", "header", "cookie"]
BodyKind = Literal["json", "form", "multipart", "bytes"]
IDEMPOTENT: Final = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PUT"})
"""The methods of which HTTP says that a repeated request does what one does."""
PageStyle = Literal["offset", "page", "cursor", "window"]


@frozen
class Parameter:
    """One argument outside the body.

    ``wire`` is the name that travels, ``name`` the Python argument; ``style`` and ``explode`` are OpenAPI's.
    ``json`` says that the value travels as JSON text instead. ``takes`` reads the models that the value consists of:
    dicts that are given in their place are checked for misspelt keys. ``filter`` is ``(field, predicate)`` where the
    argument filters a list by a field of its rows.
    """

    wire: str
    name: str
    where: Where = "query"
    required: bool = False
    style: str = "form"
    explode: bool = True
    json: bool = False
    filter: tuple[str, str] | None = None
    takes: Decode[Any] | None = None


@frozen
class FieldEncoding:
    """How one field of a form travels where the document says so: as text of ``content_type``, or in a ``style`` of
    parameters; ``headers`` are those of its part in a multipart body."""

    content_type: str = ""
    style: str = ""
    explode: bool = True
    headers: Mapping[str, str] = field(factory=dict[str, str])


@frozen
class Body:
    """How a request body travels.

    ``model`` builds the body from keyword arguments; without it the one argument called ``argument`` is sent as it is.
    ``renamed`` maps arguments to model attributes where a parameter already has the attribute's name, and ``unsent``
    names the attributes that only responses have. For multipart,
    ``parts`` maps arguments to part names where they differ, and ``files`` names the arguments that are files; a
    multipart body without known parts is one mapping called ``argument``. ``encoding`` says by wire name how fields of
    a form travel that do not do so in the usual way. ``takes`` is what the one argument consists of, and ``fields``
    what the arguments of a multipart body do (see :class:`Parameter`).
    """

    content_type: str = "application/json"
    kind: BodyKind = "json"
    required: bool = True
    model: Lazy[Any] | None = None
    argument: str = "body"
    renamed: Mapping[str, str] = field(factory=dict[str, str])
    unsent: tuple[str, ...] = ()
    parts: Mapping[str, str] = field(factory=dict[str, str])
    files: tuple[str, ...] = ()
    encoding: Mapping[str, FieldEncoding] = field(factory=dict[str, FieldEncoding])
    takes: Decode[Any] | None = None
    fields: Mapping[str, Decode[Any]] = field(factory=dict[str, Decode[Any]])


@frozen
class Answer(Generic[T]):
    """One documented success: ``status`` is ``"200"``, ``"2XX"`` or ``"default"``.

    ``envelope`` is the dotted key of the part that ``decode`` reads; a response without that key is read bare, which is
    a deviation unless ``bare`` says that the vendor documents it so. ``kind`` says how the bytes are read before
    ``decode`` sees them; of ``lines``, ``events`` (whose data is JSON) and ``text-events`` it sees one value at a time.
    """

    status: str
    decode: Decode[T] = field(default=untyped)
    envelope: str = ""
    bare: bool = False
    kind: Literal["json", "text", "bytes", "nothing", "redirect", "lines", "events", "text-events"] = "json"
    content_type: str = "application/json"

    def part(self, document: Any) -> Any:
        """The part of a parsed response that :attr:`decode` reads: inside the envelope if present."""
        if not self.envelope:
            return document
        inner = descend(document, self.envelope)
        return document if inner is UNSET else inner

    def read(self, document: Any, notes: Notes) -> T:
        """Decode a parsed response, the envelope opened; without one this is noted, and the response is read bare."""
        if not self.envelope:
            return self.decode(document, notes)
        inner = descend(document, self.envelope)
        if inner is UNSET:
            if not self.bare:
                what = f"the envelope {self.envelope!r}"
                notes.add("envelope", what, "its content without it", f".{self.envelope}")
            return self.decode(document, notes)
        return at(f".{self.envelope}", self.decode, inner, notes)

    def matches(self, status: int) -> bool:
        """Whether this response documents ``status``."""
        text = str(status)
        return self.status in (text, "default") or (self.status[1:].upper() == "XX" and self.status[0] == text[0])


@frozen
class Failure:
    """How a vendor says "no" with a success code: ``field`` equals ``equals``, or lies outside ``success``.

    ``field`` and ``message`` (the vendor's own text) are dotted paths in the response; ``success`` is a closed range of
    status numbers for vendors that put a second status inside the response.
    """

    field: str
    message: str
    equals: Any = UNSET
    success: tuple[int, int] | None = None

    def found_in(self, document: Any) -> bool:
        """Whether a parsed response is a failure."""
        value = whole(descend(document, self.field))
        if value is UNSET:
            return False
        if self.success is None:
            return bool(value == self.equals)
        return type(value) is int and not self.success[0] <= value <= self.success[1]

    def text(self, document: Any) -> str:
        """The vendor's own words for it; empty if there are no words."""
        value = descend(document, self.message)
        return value if isinstance(value, str) else ""


@frozen
class Pagination:
    """How a list pages; names of parameters are wire names, ``items`` and ``total`` dotted paths in the response.

    ``start`` is the number of the first page (style ``page``); ``max_limit`` the largest page the vendor serves, where
    it says so. The next cursor is at the dotted path ``next``, or in the query of the address there, in the header
    ``next_header``, or in the field ``next_row`` of the last row. ``more`` is the dotted path of what is false on the
    last page, ``last`` of what is true there. ``key`` names the fields of a row that no other row of the
    list has alike; it is empty where nobody says so.
    """

    style: PageStyle
    items: str
    limit: str | None = None
    position: str | None = None
    total: str | None = None
    next: str | None = None
    next_header: str | None = None
    next_row: str | None = None
    more: str | None = None
    last: str | None = None
    max_limit: int | None = None
    start: int = 1
    key: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(factory=dict[str, Any])


@frozen
class Entity:
    """What an operation does, to which kind of record: the vendor-neutral view of it.

    ``action`` is ``create``, ``get``, ``list``, ``update``, ``replace``, ``upsert``, ``delete`` or ``custom``.
    ``key_parameter`` names the argument that carries the record's id; ``key_field`` the response field that equals it.
    ``returned`` names the fields of a response of which one must equal the id that was asked for; it is empty where the
    response need not repeat it.
    """

    name: str
    action: str
    key_parameter: str | None = None
    key_field: str | None = None
    returned: tuple[str, ...] = ()


@frozen
class Operation(Generic[T]):
    """One method on one path; ``T`` is what a call returns (for a paged operation: one row).

    ``idempotency_header`` names the header with a key of the call, by which the vendor tells a repeat from a new one.
    ``servers`` are the addresses of this operation alone, in the order of the document.
    """

    id: str
    method: str
    path: str
    resource: str
    name: str
    entity: Entity
    parameters: tuple[Parameter, ...] = ()
    body: Body | None = None
    answers: tuple[Answer[T], ...] = ()
    errors: tuple[str, ...] = ()
    security: tuple[tuple[str, ...], ...] = ()
    idempotent: bool = False
    idempotency_header: str | None = None
    failure: Failure | None = None
    pagination: Pagination | None = None
    servers: tuple[str, ...] = ()

    @property
    def safe(self) -> bool:
        """Whether HTTP says that the method changes nothing."""
        return self.method in ("GET", "HEAD", "OPTIONS")

    def error_decoder(self, status: int) -> Decode[Any] | None:
        """What reads the body of an error; None where the document says nothing of it."""
        return self.errors.decoder(status) if isinstance(self.errors, ErrorStatuses) else None

    def answer(self, status: int) -> Answer[T] | None:
        """The documented success for a status; exact codes win over ranges, and those over ``default``."""
        code = str(status)
        for answer in self.answers:
            if answer.status == code:
                return answer
        found = [answer for answer in self.answers if answer.matches(status)]
        return min(found, key=lambda answer: answer.status == "default", default=None)


@frozen
class OperationDefaults:
    """What the operations of a vendor have in common; called with what differs, it makes an operation."""

    security: tuple[tuple[str, ...], ...] = ()
    failure: Failure | None = None

    def __call__(
        self,
        id: str,
        call: str,
        request: str,
        entity: Entity,
        *,
        parameters: tuple[Parameter, ...] = (),
        body: Body | None = None,
        answers: tuple[Answer[T], ...] = (),
        errors: tuple[str, ...] = (),
        security: tuple[tuple[str, ...], ...] | None = None,
        idempotent: bool | None = None,
        idempotency_header: str | None = None,
        failure: Failure | Unset | None = UNSET,
        pagination: Pagination | None = None,
        servers: tuple[str, ...] = (),
    ) -> Operation[T]:
        """An operation: ``call`` is its resource and its name (``jobs.list``), ``request`` its method and its path
        (``GET /jobs``). It may be repeated where HTTP says so of the method, unless ``idempotent`` says it."""
        resource, _, name = call.rpartition(".")
        method, _, path = request.partition(" ")
        return Operation(
            id=id,
            method=method,
            path=path,
            resource=resource,
            name=name,
            entity=entity,
            parameters=parameters,
            body=body,
            answers=answers,
            errors=errors,
            security=self.security if security is None else security,
            idempotent=method in IDEMPOTENT if idempotent is None else idempotent,
            idempotency_header=idempotency_header,
            failure=self.failure if failure is UNSET else failure,
            pagination=pagination,
            servers=servers,
        )


class OperationTable(Mapping[str, Operation[Any]]):
    """All operations of one vendor by their operationId; a module is imported when one of its operations is read."""

    def __init__(self, package: str, places: Mapping[str, tuple[str, str]]) -> None:
        self._package = package
        self._places = places
        self._read: dict[str, Operation[Any]] = {}

    def __getitem__(self, key: str) -> Operation[Any]:
        operation = self._read.get(key)
        if operation is None:
            module, name = self._places[key]
            operation = self._read[key] = getattr(import_module(f"{self._package}.{module}"), name)
        return operation

    def __contains__(self, key: object) -> bool:
        return key in self._places

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)
