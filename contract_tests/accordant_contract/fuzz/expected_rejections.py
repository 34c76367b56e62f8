"""Why the refusal of a generated request may be right for any vendor: what it refers to, and its large numbers."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from attrs import define, field

from accordant_runtime import is_array, is_object

from ..document.document import Document, Operation
from ..document.facts import Parameter
from ..document.forms import FORMS, encoding_of, may_be_allowed
from ..document.policy import Policy
from ..document.references import references
from ..document.schemas import types_of
from ..document.values import ABSENT, Exchange, Finding
from ..records.record_keys import named_in_bodies_alone
from ..records.selection import removed, within

_LARGEST = 2**63
_BITS = {"int32": 31, "int64": 63}
_BLAMED = re.compile(r"parameters? ((?:`[^`]+`(?:, )?)+) in query")
_QUOTED = re.compile(r"`([^`]+)`")
_WITH_FRACTION = re.compile(r"^-?\d+\.0*(,|$)|^-?\d+(\.\d+)?[eE][+-]?\d+$")


@define(eq=False)
class ExpectedRejections:
    """Knows the ids that exist, from every response so far, and says why a refusal needs no explanation.

    The document cannot say which ids exist, so a generator makes some that do not; and it gives integers no bounds,
    where JSON readers have 64 bits.
    """

    document: Document
    policy: Policy
    known: dict[str, set[str]] = field(factory=dict[str, "set[str]"])
    inside: dict[tuple[str, str], set[tuple[str, str]]] = field(factory=dict[tuple[str, str], "set[tuple[str, str]]"])
    """The records inside of others, by kind and id."""

    def learn(self, exchange: Exchange) -> None:
        """Remember the ids in a response, and forget what it took out of use."""
        operation = self.document.operations[exchange.operation]
        name = operation.key.field
        if not exchange.success:
            return
        for kind, key in removed(operation, exchange.arguments.given):
            self._forget(kind, _as_shown(key))
        if operation.retires or name is None:
            self._forget(operation.entity, _as_shown(exchange.arguments.given.get(operation.key.name or "", ABSENT)))
            return
        if operation.action == "get" and not operation.refuses_requests:
            return  # it has no way to say that a record is not there: its success does not say that one is
        rows, around = operation.rows(exchange.document), within(operation, exchange)
        for value in rows if rows is not None else [operation.record(exchange.document)]:
            if is_object(value) and name in value:
                self.known.setdefault(operation.entity, set()).add(str(value[name]))
                for kind, key in around.items():
                    self.inside.setdefault((kind, str(key)), set()).add((operation.entity, str(value[name])))

    def _forget(self, entity: str, key: str) -> None:
        """Forget a record, and those that are inside of it: where it goes, they go."""
        self.known.get(entity, set()).discard(key)
        for kind, inner in self.inside.pop((entity, key), set[tuple[str, str]]()):
            self._forget(kind, inner)

    def acceptance(self, exchange: Exchange) -> bool:
        """Whether a request that the document forbids looks on the way like one that it allows.

        A list of one empty text, joined by commas, is an empty list; XML has no numbers, and one item looks as a list
        of it does, in a path and in a form as well; in `{id}.{format}` an id with a dot looks like a shorter one. No
        refusal is expected either where the document has no failure for it.
        """
        operation = self.document.operations[exchange.operation]
        if not operation.refuses_requests or "xml" in _content_type(exchange):
            return True
        body, kind = exchange.arguments.body, _content_type(exchange)
        is_form = kind in FORMS and kind in operation.body and is_object(body)
        if is_form and (_has_styles(operation, kind) or may_be_allowed(operation, kind, body)):
            return True
        if any(_reads_as_more(operation, each, exchange.arguments.given) for each in operation.parameters):
            return True
        if _runs_together(operation, exchange):
            return True
        joined = [each for each in operation.parameters if each.schema.get("type") == "array" and not each.explode]
        return any(exchange.arguments.given.get(each.name) in ("", [""]) for each in joined)

    def misread(self, finding: Finding) -> bool:
        """Whether the fuzzer reads a request more strictly, or makes more of it, than the document does.

        A body that it calls forbidden may be an allowed one of a schema without a type; a create whose body is no
        object has nothing of a record in it that could be there afterwards; a parameter that may be left out is left
        out where its value is an object without members; a record of another kind need not be there
        under the same key; no path reaches a record whose key is an
        empty text or the dots of a folder; a path asks for another one where it names what was never shown; a
        request with a body that the document forbids may be refused in any way, and any request with each status that
        its operation documents; and nothing was created or deleted where the body of a success refuses it.
        """
        if not finding.exchanges:
            return False
        if finding.check in ("ensure_resource_availability", "use_after_free") and _came_to_nothing(finding):
            return True
        if finding.check == "ensure_resource_availability":
            created, last = finding.exchanges[0], finding.exchanges[-1]
            asked = [str(each) for each in last.arguments.path.values()]
            if not is_object(created.arguments.body) or any(each in ("", ".", "..") for each in asked):
                return True
            made, wanted = map(self.document.operations.get, (created.operation, last.operation))
            own = wanted.key.name if wanted is not None else None
            if made and wanted and wanted.entity != made.entity and own in last.arguments.path:
                return True
            changes = last is not created and last.arguments.body is not ABSENT
            if changes and "json" in _content_type(last) and not self._allowed_body(last):
                return True
            named = {*_texts([created.document, created.arguments.body])}
            place = created.response.header("location") if created.response is not None else None
            return bool(asked) and asked[-1] not in named and asked[-1] not in (place or "")
        last = finding.exchanges[-1]
        if finding.check == "negative_data_rejection" and self._refused_otherwise(last):
            return True
        told = finding.message.partition("Invalid component")[2]
        elsewhere = any(f"in {place}" in told for place in ("query", "path", "header", "cookie"))
        if finding.check != "negative_data_rejection":
            return False
        if _left_no_trace(self.document.operations[last.operation], told, last):
            return True
        return "in body" in told and not elsewhere and self._allowed_body(last)

    def _refused_otherwise(self, exchange: Exchange) -> bool:
        """Whether a request was refused with a status that the operation documents: the fuzzer knows the usual ones."""
        known = self.document.operations[exchange.operation].responses
        return 400 <= exchange.status < 500 and str(exchange.status) in known

    def _allowed_body(self, exchange: Exchange) -> bool:
        operation, body = self.document.operations[exchange.operation], exchange.arguments.body
        kind = _content_type(exchange)
        if kind in FORMS and (body is ABSENT or not body) and not operation.body_required:
            return True  # a form without a field is no body at all
        if exchange.request.body and kind in operation.body and "json" not in kind and kind not in FORMS:
            schema = operation.schemas.schema({"$ref": f"#{operation.body[kind]}"})
            # Whatever is sent is a text there, and what a text of another media type says, its programs know.
            return types_of(schema) == ("string",) or "xml" not in kind
        pointers = [pointer for media, pointer in operation.body.items() if "json" in media]
        sent = body is not ABSENT and "json" in kind
        return sent and any(operation.schemas.valid(pointer, body) for pointer in pointers)

    def refusal(self, exchange: Exchange) -> str | None:
        """Why the refusal of a request that the document allows may be right; ``None`` where nothing speaks for it."""
        operation = self.document.operations[exchange.operation]
        if forbidden(operation, exchange):
            return "the document forbids it: the generator has missed a format"
        for entity, value in references(operation, exchange.arguments):
            if str(value) not in self.known.get(entity, ()):
                return f"{entity} {value!r} does not exist"
            if entity == operation.entity and named_in_bodies_alone(self.document, operation):
                return f"{entity} {value!r} may be called otherwise: no response shows its {operation.key.field}"
            for choice in self.policy.choices:
                if choice.concerns(operation.id, entity):
                    return f"{entity} {value!r} may be another than the operation asks for: {choice.reason}"
        if operation.body_schema is not None and _miscased(operation, operation.body_schema, exchange.arguments.body):
            return "a further property that is a known one in another case"
        if _content_type(exchange) in FORMS and _has_styles(operation, _content_type(exchange)):
            return "a form with styles, which the generator does not write"
        if _lost_in_a_form(operation, exchange):
            return "an empty list, which a form cannot say"
        if "xml" in _content_type(exchange) and exchange.arguments.body == [] and not exchange.request.body:
            return "an empty list, of which XML has nothing to write"
        if len(list(references(operation, exchange.arguments))) > 1 and _may_be_absent(operation, exchange.status):
            return "one record that it names may not be inside of the other, and the document has no 404"
        if _written_as_float(operation, exchange):
            return "a whole number that travels as text with a fraction, such as 7.0"
        if "grant_type" in exchange.arguments.given or "grant_type" in _names(exchange.arguments.body):
            return "a grant that the server may not know"
        if any(abs(number) >= _LARGEST for number in _numbers([exchange.arguments.given, exchange.arguments.body])):
            return "a number beyond 64 bits"
        if operation.body_schema is not None and _strange(operation, operation.body_schema, exchange.arguments.body):
            return "a value that is none of the known ones"
        for rule in self.policy.refusals:
            if rule.explains(exchange):
                return rule.reason
        situation = self.policy.situation(operation.id)
        if situation is None:
            return None
        body = exchange.arguments.body
        if situation.steps or not is_object(body) or any(name not in body for name in situation.required):
            return situation.reason
        return None


def _as_shown(key: Any) -> str:
    """An id as responses show it: 2.0 in a path is the record 2."""
    return str(int(key) if isinstance(key, float) and key.is_integer() else key)


def forbidden(operation: Operation, exchange: Exchange) -> bool:
    """Whether the document forbids a request after all: generators do not keep to every format."""
    schemas, body = operation.schemas, exchange.arguments.body
    for parameter in operation.parameters:
        value, kind = exchange.arguments.given.get(parameter.name), parameter.schema.get("format")
        if isinstance(value, str) and kind and not schemas.has_format(str(kind), value):
            return True
        bits = _BITS.get(str(kind))
        if bits and str(value).lstrip("-").isdecimal() and not -(2**bits) <= int(str(value)) < 2**bits:
            return True
    # Only JSON is a value that a schema can judge; a multipart body holds files.
    pointers = [pointer for media, pointer in operation.body.items() if "json" in media] if body is not ABSENT else []
    return len(pointers) == len(operation.body) > 0 and not any(schemas.valid(pointer, body) for pointer in pointers)


def _came_to_nothing(finding: Finding) -> bool:
    """Whether what the fuzzer took for a creation or a deletion was refused in the body of its success."""
    method = "DELETE" if finding.check == "use_after_free" else "POST"
    done = [each for each in finding.exchanges[:-1] if each.request.method == method]
    return bool(done) and done[-1].refused != ""


def _left_no_trace(operation: Operation, told: str, exchange: Exchange) -> bool:
    """Whether the query parameters that are said to be forbidden are not in the URL, and need not be there."""
    blamed = _BLAMED.search(told)
    names = {*_QUOTED.findall(blamed[1])} if blamed else set[str]()
    sent = {name.partition("[")[0] for name, _ in parse_qsl(urlsplit(exchange.request.url).query, True)}
    required = {each.name for each in operation.parameters if each.where == "query" and each.required}
    return bool(names) and not names & (sent | required)


def _may_be_absent(operation: Operation, status: int) -> bool:
    """Whether a status may say that a record is not there: a 4xx of a document that has none for it."""
    known = any(key in operation.responses for key in ("404", "410", "4XX", "default"))
    return not known and str(status) in operation.responses and 400 <= status < 500


def _content_type(exchange: Exchange) -> str:
    """The media type of a request's body, in lower case."""
    found = [value for name, value in exchange.request.headers if name.lower() == "content-type"]
    return found[0].partition(";")[0].strip().lower() if found else ""


def _has_styles(operation: Operation, kind: str) -> bool:
    """Whether lists or objects travel in a form as no generator of ours writes them."""
    return any({"style", "explode"} & each.keys() for each in encoding_of(operation, kind).values() if is_object(each))


def _reads_as_more(operation: Operation, parameter: Parameter, given: Mapping[str, Any]) -> bool:
    """Whether a parameter that should be a list or an object has one value, which its style reads as a list of one, or
    as an object with one member."""
    value = given.get(parameter.name)
    if parameter.where not in ("path", "header") or value is None or is_array(value) or is_object(value):
        return False
    plain = operation.schemas.schema(parameter.schema)
    items = operation.schemas.schema(plain.get("items", {}))
    return "object" in types_of(plain) or ("array" in types_of(plain) and not {*types_of(items)} - {"string"})


def _lost_in_a_form(operation: Operation, exchange: Exchange) -> bool:
    """Whether a form lacks a list that it must have: one without items leaves no trace in it."""
    kind, body = _content_type(exchange), exchange.arguments.body
    pointer = operation.body.get(kind)
    if pointer is None or kind not in FORMS or not is_object(body):
        return False
    schema = operation.schemas.schema({"$ref": f"#{pointer}"})
    parts = operation.schemas.properties(schema)
    missing = [parts[name] for name in schema.get("required", ()) if name in parts and body.get(name, []) == []]
    return any("array" in types_of(each) for each in missing)


def _written_as_float(operation: Operation, exchange: Exchange) -> bool:
    """Whether a parameter that is an integer has a float: the same number in JSON, but not the same text in a URL."""
    for parameter in operation.parameters:
        value = exchange.arguments.given.get(parameter.name)
        plain = operation.schemas.schema(parameter.schema)
        kinds = plain.get("type"), operation.schemas.schema(plain.get("items", {})).get("type")
        texts = map(str, value if is_array(value) else [value])
        if "integer" in kinds and any(map(_WITH_FRACTION.search, texts)):
            return True
    return False


def _miscased(operation: Operation, schema: Mapping[str, Any], value: Any) -> bool:
    """Whether an object has a further property that a server which reads names in any case takes for a known one."""
    plain = operation.schemas.schema(schema)
    if is_array(value):
        return any(_miscased(operation, plain.get("items", {}), each) for each in value)
    if not is_object(value):
        return False
    parts = operation.schemas.properties(plain)
    known = {name.casefold() for name in parts}
    inner = (_miscased(operation, parts[name], each) for name, each in value.items() if name in parts)
    return any(name not in parts and name.casefold() in known for name in value) or any(inner)


def _strange(operation: Operation, schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value lies outside the values that are known of an open enumeration."""
    plain = operation.schemas.schema(schema)
    if is_object(value):
        parts = operation.schemas.properties(plain)
        return any(_strange(operation, parts[name], each) for name, each in value.items() if name in parts)
    if is_array(value):
        return any(_strange(operation, plain.get("items", {}), each) for each in value)
    return value not in plain.get("x-accordant-known-values", [value])


def _texts(value: Any) -> Iterator[str]:
    """What a path may say of what is in a value."""
    if is_object(value):
        for each in value.values():
            yield from _texts(each)
    elif is_array(value):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, (str, int, float)):
        yield str(value)


def _names(value: Any) -> Collection[str]:
    return value.keys() if is_object(value) else ()


def _numbers(value: Any) -> Iterator[float]:
    if is_object(value):
        for each in value.values():
            yield from _numbers(each)
    elif is_array(value):
        for item in value:
            yield from _numbers(item)
    elif isinstance(value, (int, float)) or (isinstance(value, str) and value.lstrip("-").isdecimal()):
        yield float(value)


def _runs_together(operation: Operation, exchange: Exchange) -> bool:
    """Whether one of several variables in a part of a path holds the text that separates it from the next."""
    for part in operation.path.split("/"):
        pieces = re.split(r"\{([^{}]*)\}", part)  # texts, with a name between each two
        between = zip(pieces[1:-2:2], pieces[2:-1:2], strict=True)
        if any(text in str(exchange.arguments.path.get(name, "")) for name, text in between):
            return True
    return False


def leads_elsewhere(operation: Operation, exchange: Exchange) -> bool:
    """Whether a path has lost a part, as the value of a link can be empty, or what it says behind a `?`, or gained one,
    as a link can give a whole object, whose text is not escaped: it is that of another operation, or none."""
    told = parse_qsl(operation.path.partition("?")[2].partition("#")[0], keep_blank_values=True)
    sent = parse_qsl(urlsplit(exchange.request.url).query, keep_blank_values=True)
    kept = all(any(name == one and ("{" in value or value == said) for one, said in sent) for name, value in told)
    values = exchange.arguments.path.values()
    return not kept or any(value in ("", ".", "..") or (is_object(value) and "/" in str(value)) for value in values)
