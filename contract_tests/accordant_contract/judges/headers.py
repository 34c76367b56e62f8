"""Do headers tell the truth about the body that they come with?"""

from __future__ import annotations

import codecs
import re
from typing import Final

from ..document.document import Operation
from ..document.values import Exchange, Finding, Findings, Response

CHECK: Final = "header_truth"
_CHARSET: Final = re.compile(r"charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_JSON: Final = re.compile(r"application/(?:[\w.-]+\+)?json\b", re.IGNORECASE)
_SHARED: Final = re.compile(r"(?:^|,)\s*(?:public|s-maxage\s*=\s*[1-9])", re.IGNORECASE)


def header_truth(operation: Operation, exchange: Exchange) -> Findings:
    """Charset and Content-Length are those of the body, and what needs a credential is not kept in shared caches."""
    response = exchange.response
    if response is None:
        return

    def finding(name: str, text: str) -> Finding:
        return Finding(CHECK, operation.id, f"header {name}: {text}", kind=name, exchanges=(exchange,))

    media_type = response.header("content-type") or ""
    charset = _CHARSET.search(media_type)
    if charset is not None and not response.header("content-encoding") and _lies(charset[1], response.body):
        yield finding("Content-Type", f"the body is no {charset[1]}, as its charset says: its bytes are UTF-8")
    elif charset is not None and response.body and _JSON.match(media_type) and not _may_be_utf8(charset[1]):
        yield finding("Content-Type", f"JSON is UTF-8 (RFC 8259, section 8.1), and the charset says {charset[1]}")
    length = response.header("content-length")
    whole = operation.method != "HEAD" and exchange.status not in (204, 304)
    if length is not None and whole and length.isdigit() and int(length) != len(response.body):
        yield finding("Content-Length", f"it says {length}, and {len(response.body)} bytes came")
    caching = response.header("cache-control") or ""
    if operation.secured and exchange.success and _SHARED.search(caching):
        text = f"{caching!r} lets any cache keep, and show to others, what needs a credential"
        yield finding("Cache-Control", text)


def etag_truth(operation: Operation, earlier: Exchange, later: Exchange) -> Findings:
    """Two responses to the same request with the same strong ETag have the same body (RFC 9110, section 8.8.1)."""
    one, other = earlier.response, later.response
    if one is None or other is None or not (earlier.success and later.success):
        return
    tag = strong_etag(other)
    if tag is not None and tag == strong_etag(one) and one.body != other.body:
        text = f"header ETag: it is {tag} as before, and the body is another"
        yield Finding(CHECK, operation.id, text, kind="ETag", exchanges=(earlier, later))


def not_modified(operation: Operation, first: Exchange, known: Exchange, unknown: Exchange) -> Findings:
    """A body is left out (304) for a caller who has it, by its ETag, and never for one who has another.

    ``known`` was sent with the ETag of ``first`` in If-None-Match, ``unknown`` with one that nobody gave out.
    """

    def finding(text: str, *exchanges: Exchange) -> Finding:
        return Finding(CHECK, operation.id, f"header If-None-Match: {text}", kind="If-None-Match", exchanges=exchanges)

    if known.status == 304 and known.response is not None and known.response.body:
        yield finding("304 came with a body", first, known)
    if unknown.status == 304:
        yield finding("304 came for an ETag that was never given out", first, unknown)


def strong_etag(response: Response) -> str | None:
    """The ETag of a response, if it promises the same bytes."""
    tag = response.header("etag")
    return tag if tag and tag.startswith('"') else None


def _may_be_utf8(charset: str) -> bool:
    """Whether bytes of a charset are UTF-8 as well."""
    return codecs.lookup(charset).name in ("utf-8", "ascii")


def _lies(charset: str, body: bytes) -> bool:
    """Whether a body is UTF-8 beyond ASCII, and the charset says that it is something else."""
    try:
        name = codecs.lookup(charset).name
    except LookupError:
        return True
    if name in ("utf-8", "ascii") and not body.isascii():
        return name == "ascii"
    try:
        return name != "utf-8" and not body.isascii() and bool(body.decode("utf-8"))
    except UnicodeDecodeError:
        return False
