"""The characters of a response: what it says of their encoding, and what the bytes say."""

from __future__ import annotations

import codecs
import re
from typing import Final

from accordant_runtime import Notes

from .._http.messages import HttpResponse

_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_DECLARED: Final = re.compile(rb"""\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def text_of(response: HttpResponse) -> str:
    """The body as text: by its byte order mark, by the charset of its header, by the declaration of its XML, as UTF-8.

    Raises ``ValueError`` or ``LookupError`` for what is none.
    """
    content = response.content
    for mark, name in _MARKS:
        if content.startswith(mark):
            return content.decode(name)
    declared = _DECLARED.match(content[:200])
    return content.decode(_charset(response) or (declared.group(1).decode() if declared else "utf-8"))


def _charset(response: HttpResponse) -> str:
    for parameter in response.headers.get("content-type", "").split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"')
    return ""


def in_utf8(response: HttpResponse, content: bytes, notes: Notes) -> bytes:
    """The body in UTF-8, which JSON is (RFC 8259); a vendor that says otherwise is believed where that can be true."""
    charset = (_charset(response) or "utf-8").lower()
    if charset in ("utf-8", "utf8", "us-ascii", "ascii"):
        return content
    if not charset.startswith(("utf-", "utf1", "utf3")) and _is_utf8(content):
        notes.add("encoding", charset, "UTF-8")
        return content
    try:
        return content.decode(charset).encode()
    except (ValueError, LookupError):  # such as a charset that nobody knows; what it really is shows in the bytes
        notes.add("encoding", charset, "another encoding")
        return content


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except ValueError:
        return False
    return True
