"""Which of the offered media types we speak, and which responses are successes."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_object

_PATCHES = ("application/merge-patch+json", "application/json-patch+json")
"""JSON that says how to change a document: not the document itself, least of all the second."""
_STREAMS = {
    "text/event-stream": "events",
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/x-jsonlines": "lines",
    "application/jsonlines": "lines",
    "application/x-json-stream": "lines",
    "application/stream+json": "lines",
    "application/json-seq": "lines",
}
_TEXTS = frozenset({"application/xml", "application/yaml", "application/x-yaml", "application/javascript"})


def choose_content(content: Any) -> tuple[str, dict[str, Any]] | None:
    """The media type that we speak: the fittest JSON before multipart, forms, streams, and whatever comes first."""
    if not is_object(content) or not content:
        return None
    chosen = min(content, key=_rank)
    return chosen, content[chosen]


def _rank(content_type: str) -> tuple[int, int]:
    """How well a media type serves us; the first of equals is taken."""
    plain = plain_type(content_type)
    if is_json(content_type):
        if plain in _PATCHES:
            return 0, 4 + _PATCHES.index(plain)
        if plain == "application/problem+json":
            return 0, 3
        return 0, ["application/json", "text/json"].index(plain) if not plain.endswith("+json") else 2
    if plain.startswith("multipart/"):
        return 1, 0 if plain == "multipart/form-data" else 1
    if plain.startswith("application/x-www-form"):
        return 2, 0
    return (3, 0) if stream_kind(content_type) else (4, 0)


def plain_type(content_type: str) -> str:
    """A media type without its parameters, in lower case."""
    return content_type.split(";")[0].strip().lower()


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON: one document of it."""
    plain = plain_type(content_type)
    return plain == "application/json" or (plain.endswith("+json") and not stream_kind(plain)) or plain == "text/json"


def is_text(content_type: str) -> bool:
    """Whether a media type is text, as XML is."""
    plain = plain_type(content_type)
    return plain.startswith("text/") or plain.endswith(("+xml", "+yaml")) or plain in _TEXTS


def stream_kind(content_type: str) -> str:
    """``events`` for server-sent events, ``lines`` for a JSON value in each line; empty for what comes as a whole."""
    return _STREAMS.get(plain_type(content_type), "")


def body_kind(content_type: str) -> str:
    """How a body of this media type is made: ``json``, ``multipart``, ``form`` or ``bytes``."""
    if is_json(content_type):
        return "json"
    plain = plain_type(content_type)
    if plain.startswith("multipart/"):
        return "multipart"
    return "form" if plain.startswith("application/x-www-form") else "bytes"


def successes(operation: dict[str, Any]) -> list[str]:
    """The status keys that document a success; ``default`` where nothing else does."""
    found = [status for status in operation["responses"] if status[:1] in ("2", "3")]
    return found or [status for status in operation["responses"] if status == "default"]
