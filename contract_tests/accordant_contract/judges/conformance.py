"""Does one response keep to the document? Status, media type, headers, body."""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, Final

from accordant_runtime import dumps, is_array, is_object

from ..document.document import Operation, token
from ..document.schemas import cut
from ..document.values import ABSENT, Exchange, Finding, Findings, Response

_LISTS: Final = frozenset(
    {"set-cookie", "vary", "www-authenticate", "link", "cache-control", "allow", "via", "warning", "server-timing"}
)
_JSON: Final = ("application/json", "text/json")
_IN_TIME: Final = ("408", "429")
"""Refusals of requests that come too slowly or too often, whatever they ask for."""


def status_code_conformance(operation: Operation, exchange: Exchange) -> Findings:
    """The status is one that the document lists for the operation.

    Where it lists no failure at all, a caller without a good credential may be refused all the same.
    """
    if operation.response(exchange.status) is None and exchange.status not in unlisted_refusals(operation):
        known = ", ".join(operation.responses)
        yield Finding(
            "status_code_conformance",
            operation.id,
            f"status {exchange.status} is not documented (documented: {known})",
            kind=str(exchange.status),
            exchanges=(exchange,),
        )


def unlisted_refusals(operation: Operation) -> tuple[int, ...]:
    """The statuses that refuse a caller of an operation of which the document lists no failure: 401 and 403 where it
    needs a credential, 400 and 401 where it gives one for a grant (RFC 6749, section 5.2)."""
    if any((each[:1] == "4" and each not in _IN_TIME) or each == "default" for each in operation.responses):
        return ()
    said = {each.name for each in operation.parameters}
    if operation.body_schema is not None:
        said |= operation.schemas.properties(operation.body_schema).keys()
    return (400, 401) if "grant_type" in said else (401, 403) if operation.secured else ()


def not_a_server_error(operation: Operation, exchange: Exchange) -> Findings:
    """Nothing that a client sends makes the server fail."""
    if exchange.response is None:
        text = f"no answer came: {exchange.failure}"
        yield Finding("not_a_server_error", operation.id, text, kind="no answer", exchanges=(exchange,))
    elif exchange.status >= 500:
        text = f"the server answered {exchange.status}"
        yield Finding("not_a_server_error", operation.id, text, kind=str(exchange.status), exchanges=(exchange,))


def positive_data_acceptance(operation: Operation, exchange: Exchange) -> Findings:
    """A request that the document allows, and that refers to existing records only, is accepted."""
    client_error = 400 <= exchange.status < 500 and exchange.status not in (401, 408, 429)
    if exchange.intent == "valid" and (client_error or exchange.refused):
        text = f"a valid request was refused with {exchange.status}: {exchange.refused or _excerpt(exchange)}"
        yield Finding("positive_data_acceptance", operation.id, text, kind=str(exchange.status), exchanges=(exchange,))


def negative_data_rejection(operation: Operation, exchange: Exchange) -> Findings:
    """A request that the document forbids is refused, where the document has a failure that says so."""
    if exchange.intent == "invalid" and exchange.success and operation.refuses_requests:
        text = f"a request that the document forbids was accepted with {exchange.status}"
        yield Finding("negative_data_rejection", operation.id, text, kind="accepted", exchanges=(exchange,))


def content_type_conformance(operation: Operation, exchange: Exchange) -> Findings:
    """A body comes as one of the documented media types, and says which."""
    response, documented = exchange.response, _content(operation, exchange)
    if response is None or not documented or not response.body:
        return
    if response.media_type not in {kind.partition(";")[0].strip().lower() for kind in documented}:
        came = response.media_type or "no Content-Type"
        text = f"{exchange.status} came as {came}; documented: {', '.join(documented)}"
        yield Finding("content_type_conformance", operation.id, text, kind=f"{exchange.status}", exchanges=(exchange,))


def response_headers_conformance(operation: Operation, exchange: Exchange) -> Findings:
    """Documented headers are there and fit their schema, and no header contradicts itself."""
    found = operation.response(exchange.status)
    response = exchange.response
    if response is None:
        return

    def finding(name: str, text: str) -> Finding:
        message = f"header {name}: {text}"
        return Finding("response_headers_conformance", operation.id, message, kind=name, exchanges=(exchange,))

    documented: Mapping[str, Any] = found[0].get("headers", {}) if found else {}
    for name, raw in documented.items():
        header, at = operation.schemas.follow(raw, f"{found[1] if found else ''}/headers/{token(name)}")
        value = response.header(name)
        if value is None:
            if header.get("required"):
                yield finding(name, "it is required and missing")
        elif "schema" in header:
            typed = _typed(value, operation.schemas.schema(header["schema"]))
            yield from (finding(name, each.message) for each in operation.schemas.violations(f"{at}/schema", typed))
    for name, times in Counter(key.lower() for key, _ in response.headers).items():
        if times > 1 and name not in _LISTS and len(set(response.all(name))) > 1:
            yield finding(name, f"two different values: {', '.join(response.all(name))}")


def response_schema_conformance(operation: Operation, exchange: Exchange) -> Findings:
    """A JSON body is JSON, and fits its schema, formats included; a response to HEAD has none."""
    found, response = operation.response(exchange.status), exchange.response
    if operation.method == "HEAD":
        return
    documented = _content(operation, exchange)
    if found is None or response is None or not any(kind in documented for kind in _JSON):
        return
    kind = next(each for each in _JSON if each in documented)
    pointer = f"{found[1]}/content/{token(kind)}/schema" if documented[kind].get("schema") is not None else ""
    key = "response_schema_conformance", operation.id, response.status
    for text, path, rule in response.facts.once(key, lambda: tuple(_unfit(operation, response, pointer))):
        sort = f"{exchange.status} {path} {rule}" if rule else f"{exchange.status} {text}"
        yield Finding("response_schema_conformance", operation.id, text, path, _plain(sort), (exchange,))


def _unfit(operation: Operation, response: Response, pointer: str) -> Iterator[tuple[str, str, str]]:
    """What keeps a body from fitting the schema at a pointer (``""``: any JSON does): a text, a path, the rule."""
    if not response.body:
        yield "the documented body is missing", "", ""
        return
    document, trouble = parsed(response)
    if trouble:
        yield trouble, "", ""
    elif pointer:
        for each in operation.schemas.violations(pointer, document):
            yield each.message[:300], each.path, each.rule
    if document is not ABSENT and rb"\ud" in response.body.lower() and cut(document):
        yield "a text holds half a character (a lone surrogate), which is no Unicode text", "", ""


def judges_content(operation: Operation, exchange: Exchange) -> bool:
    """Whether the schema of a success says something about what it holds: not about HTML, nor about an empty list."""
    found, document = operation.response(exchange.status), exchange.document
    if not exchange.success or found is None or exchange.response is None:
        return False
    content = _content(operation, exchange)
    if not content:  # documented as empty, and it is
        return not exchange.response.body
    kind = exchange.response.media_type
    if kind not in _JSON:
        return kind in content and bool(exchange.response.body)
    if kind not in content or not content[kind].get("schema") or document is ABSENT:
        return False
    rows = operation.rows(document) if operation.action == "list" or operation.paging else None
    return bool(rows) if rows is not None else _holds(document)


def _holds(document: Any) -> bool:
    """Whether a JSON value holds anything beside empty lists and objects."""
    if is_object(document):
        return any(map(_holds, document.values()))
    return any(map(_holds, document)) if is_array(document) else True


def parsed(response: Response) -> tuple[Any, str]:
    """The JSON in a response and what is wrong with it (``""``: nothing): encoding, syntax, a key that occurs twice."""
    body = response.body
    encoding = (response.header("content-encoding") or "").lower()
    if encoding in ("gzip", "deflate"):
        try:
            body = gzip.decompress(body) if encoding == "gzip" else zlib.decompress(body)
        except (OSError, EOFError, zlib.error):
            return ABSENT, f"Content-Encoding says {encoding}, the body is not"
    elif response.document is not ABSENT and dumps(response.document) == body:
        return response.document, ""  # every byte of it was read: no key occurs twice
    if body.startswith(b"\xef\xbb\xbf"):
        return ABSENT, "the body is not JSON: it begins with a byte-order mark"
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) != len(pairs):
            names = [name for name, _ in pairs]
            twice.extend(sorted({name for name in names if names.count(name) > 1}))
        return result

    try:
        document = json.loads(body.decode(), object_pairs_hook=unique, parse_constant=_refuse)
    except (ValueError, RecursionError) as problem:
        return ABSENT, f"the body is not JSON: {problem}"
    if twice:
        return document, f"the body has the key {twice[0]!r} twice in one object"
    return document, ""


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _content(operation: Operation, exchange: Exchange) -> Mapping[str, Any]:
    found = operation.response(exchange.status)
    content: Mapping[str, Any] = found[0].get("content", {}) if found else {}
    return content


def _typed(value: str, schema: Mapping[str, Any]) -> Any:
    kind = schema.get("type")
    try:
        if kind == "integer":
            return int(value)
        if kind == "number":
            return float(value)
    except ValueError:
        return value
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def _excerpt(exchange: Exchange) -> str:
    document = exchange.document
    if is_object(document) or is_array(document):
        return json.dumps(document)[:160]
    return exchange.response.body[:160].decode(errors="replace") if exchange.response else ""


def _plain(text: str) -> str:
    return "".join(part.split("]", 1)[-1] if index else part for index, part in enumerate(text.split("[")))
