"""The file of a vendor's kept cases: read, held against the present document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation
from ..document.values import ABSENT, Arguments
from ..errors import ContractError

FOLDER: Final = Path(__file__).parent
"""Where the corpora of this checkout are."""
FORMAT: Final = 1


@frozen(eq=False)
class KeptCase:
    """A request that was worth keeping.

    ``references`` are the records in it that were there when it was sent, by kind and key: where one is not there in
    another run, a record of its kind takes its place. ``why`` says what was new in it.
    """

    operation: str
    arguments: Arguments
    references: tuple[tuple[str, Any], ...] = ()
    why: str = ""

    def data(self) -> dict[str, Any]:
        """The case as JSON."""
        given = self.arguments
        parts = {"path": given.path, "query": given.query, "header": given.header}
        body = {} if given.body is ABSENT else {"body": given.body}
        named = {"references": [list(each) for each in self.references]} if self.references else {}
        return {
            "operation": self.operation,
            **{k: dict(v) for k, v in parts.items() if v},
            **body,
            **named,
            "why": self.why,
        }


@frozen(eq=False)
class Corpus:
    """The kept cases of a vendor that fit the present document.

    ``current`` says that they were kept with exactly this document, ``dropped`` how many no longer fit.
    """

    cases: tuple[KeptCase, ...] = ()
    current: bool = False
    dropped: int = 0

    def of(self, operation: str) -> list[KeptCase]:
        """The cases of one operation."""
        return [each for each in self.cases if each.operation == operation]


def path_in(folder: Path, vendor: str) -> Path:
    """The file of a vendor's kept cases; it need not exist."""
    return folder / f"{vendor}.json"


def read(file: Path, document: Document) -> Corpus:
    """The cases of a file that fit the document; raises :class:`ContractError` where the file is no corpus of it."""
    try:
        data = json.loads(file.read_bytes())
    except FileNotFoundError:
        return Corpus()
    except (OSError, ValueError) as error:
        raise ContractError(f"cannot read the kept cases in {file}: {error}; delete it, or keep anew") from None
    try:
        if data["format"] != FORMAT or data["vendor"] != document.name:
            raise ContractError(f"{file} holds kept cases of {data['vendor']!r}, not of {document.name}")
        found = [case_of(each) for each in data["cases"]]
        current = data["document"] == document.digest
    except (KeyError, TypeError, AttributeError) as error:
        raise ContractError(f"{file} is no file of kept cases ({error!r}); delete it, or keep anew") from None
    fitting = found if current else [each for each in found if _fits(each, document)]
    return Corpus(tuple(fitting), current, len(found) - len(fitting))


def content(document: Document, cases: Sequence[KeptCase]) -> str:
    """What a file of these cases holds: a line each, ordered as the document has their operations."""
    places = {name: place for place, name in enumerate(document.operations)}
    ordered = sorted(cases, key=lambda case: places[case.operation])
    lines = ",\n".join(json.dumps(each.data(), ensure_ascii=True, separators=(",", ":")) for each in ordered)
    head = f'"format":{FORMAT},"vendor":{json.dumps(document.name)},"document":{json.dumps(document.digest)}'
    return f'{{{head},"cases":[\n{lines}\n]}}\n'


def case_of(data: Mapping[str, Any]) -> KeptCase:
    """A case out of its JSON."""
    path, query, header = (dict[str, Any](data.get(place, {})) for place in ("path", "query", "header"))
    arguments = Arguments(path, query, header, data.get("body", ABSENT))
    references = tuple((str(entity), value) for entity, value in data.get("references", ()))
    return KeptCase(str(data["operation"]), arguments, references, str(data.get("why", "")))


def _fits(case: KeptCase, document: Document) -> bool:
    """Whether the document still knows the operation, each parameter and the body of a case."""
    operation = document.operations.get(case.operation)
    if operation is None:
        return False
    places = {each.name: each.where for each in operation.parameters}
    given = case.arguments
    for place, values in (("path", given.path), ("query", given.query), ("header", given.header)):
        if any(places.get(name) != place for name in values):
            return False
    needed = {each.name for each in operation.parameters if each.required and each.where != "cookie"}
    return needed <= given.given.keys() and _body_fits(operation, given.body)


def _body_fits(operation: Operation, body: Any) -> bool:
    if body is ABSENT:
        return not operation.body_required
    pointers = [pointer for media, pointer in operation.body.items() if "json" in media]
    return any(operation.schemas.valid(pointer, body) for pointer in pointers)


def with_present_records(operation: Operation, case: KeptCase, present: Mapping[tuple[str, str], Any]) -> Arguments:
    """The arguments of a case with other records in the place of those that are not there.

    ``present`` has, by the kind and the text of a key, the key to send instead.
    """
    if not present:
        return case.arguments
    given = case.arguments
    path = dict(given.path)
    for parameter in operation.parameters:
        entity = parameter.reference or (operation.entity if parameter.name == operation.key.name else None)
        if parameter.where == "path" and entity and parameter.name in path:
            path[parameter.name] = present.get((entity, str(path[parameter.name])), path[parameter.name])
    body = given.body
    if operation.body_schema is not None and body is not ABSENT:
        if operation.takes_many and is_array(body):
            body = [_within(operation, operation.body_schema, each, present) for each in body]
        else:
            body = _within(operation, operation.body_schema, body, present)
    return Arguments(path, given.query, given.header, body, given.media_type)


def _within(operation: Operation, schema: Mapping[str, Any], value: Any, present: Mapping[tuple[str, str], Any]) -> Any:
    plain = operation.schemas.schema(schema)
    entity = plain.get("x-accordant-reference")
    if entity and not is_object(value):
        if is_array(value):
            return [present.get((str(entity), str(each)), each) for each in value]
        return present.get((str(entity), str(value)), value)
    if is_object(value):
        parts = operation.schemas.properties(plain)
        return {
            name: _within(operation, parts[name], each, present) if name in parts else each
            for name, each in value.items()
        }
    if is_array(value) and "items" in plain:
        return [_within(operation, plain["items"], each, present) for each in value]
    return value
