"""HAR 1.2 as a JSON schema, written from its specification: what a recording of ours must keep to."""

from __future__ import annotations

from typing import Any, Final

import jsonschema_rs


def _object(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """An object with these members; further ones begin with an underscore."""
    return {
        "type": "object",
        "required": list(required),
        "properties": {**required, **optional, "comment": {"type": "string"}},
        "patternProperties": {"^_": True},
        "additionalProperties": False,
    }


_TEXT: Final[dict[str, Any]] = {"type": "string"}
_SIZE: Final[dict[str, Any]] = {"type": "integer", "minimum": -1}
_TIME: Final[dict[str, Any]] = {"type": "number", "minimum": -1}
_INSTANT: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_PAIRS: Final[dict[str, Any]] = {"type": "array", "items": _object({"name": _TEXT, "value": _TEXT})}
_PARAMS: Final[dict[str, Any]] = {
    "type": "array",
    "items": _object({"name": _TEXT}, value=_TEXT, fileName=_TEXT, contentType=_TEXT),
}
_POSTED: Final = _object({"mimeType": _TEXT, "params": _PARAMS}, text=_TEXT, encoding={"const": "base64"})
_COMMON: Final[dict[str, Any]] = {
    "httpVersion": _TEXT,
    "cookies": _PAIRS,
    "headers": _PAIRS,
    "headersSize": _SIZE,
    "bodySize": _SIZE,
}
_REQUEST: Final = _object(
    {"method": _TEXT, "url": {"type": "string", "format": "uri"}, "queryString": _PAIRS, **_COMMON}, postData=_POSTED
)
_CONTENT: Final = _object(
    {"size": {"type": "integer", "minimum": 0}, "mimeType": _TEXT},
    text=_TEXT,
    encoding={"const": "base64"},
    compression={"type": "integer"},
)
_RESPONSE: Final = _object(
    {"status": {"type": "integer"}, "statusText": _TEXT, "content": _CONTENT, "redirectURL": _TEXT, **_COMMON}
)
_ENTRY: Final = _object(
    {
        "startedDateTime": _INSTANT,
        "time": {"type": "number", "minimum": 0},
        "request": _REQUEST,
        "response": _RESPONSE,
        "cache": {"type": "object"},
        "timings": _object({"send": _TIME, "wait": _TIME, "receive": _TIME}, blocked=_TIME, dns=_TIME, connect=_TIME),
    },
    pageref=_TEXT,
    serverIPAddress=_TEXT,
    connection=_TEXT,
)
_PAGE: Final = _object({"startedDateTime": _INSTANT, "id": _TEXT, "title": _TEXT, "pageTimings": {"type": "object"}})
HAR: Final = _object(
    {
        "log": _object(
            {
                "version": {"const": "1.2"},
                "creator": _object({"name": _TEXT, "version": _TEXT}),
                "entries": {"type": "array", "items": _ENTRY},
            },
            browser=_object({"name": _TEXT, "version": _TEXT}),
            pages={"type": "array", "items": _PAGE},
        )
    }
)


def problems(recording: Any) -> list[str]:
    """What a recording breaks of HAR 1.2."""
    validator = jsonschema_rs.Draft202012Validator(HAR, validate_formats=True)
    return [f"{list(each.instance_path)}: {each.message[:200]}" for each in validator.iter_errors(recording)]
