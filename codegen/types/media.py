"""Which of the offered media types we speak, and which responses are successes."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_object


def choose_content(content: Any) -> tuple[str, dict[str, Any]] | None:
    """The media type that we speak: JSON before multipart, forms, and whatever comes first."""
    if not is_object(content) or not content:
        return None
    ranked = sorted(content, key=lambda name: (not is_json(name), "multipart" not in name, "form" not in name))
    return ranked[0], content[ranked[0]]


def is_json(content_type: str) -> bool:
    """Whether a media type is JSON."""
    plain = content_type.split(";")[0].strip().lower()
    return plain == "application/json" or plain.endswith("+json") or plain == "text/json"


def body_kind(content_type: str) -> str:
    """How a body of this media type is made: ``json``, ``multipart``, ``form`` or ``bytes``."""
    if is_json(content_type):
        return "json"
    if content_type.startswith("multipart/"):
        return "multipart"
    return "form" if content_type.startswith("application/x-www-form") else "bytes"


def successes(operation: dict[str, Any]) -> list[str]:
    """The status keys that document a success; ``default`` where nothing else does."""
    found = [status for status in operation["responses"] if status[:1] in ("2", "3")]
    return found or [status for status in operation["responses"] if status == "default"]
