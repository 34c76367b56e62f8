"""The text of operation values: everything about an operation that is data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from accordant_runtime import is_object

from ..read.document import sent_path
from ..text import literal, quoted
from ..types.code import RUNTIME, CodeText, Need, code, joined

_PAGE_KEYS = {
    "limit": "limit",
    "size": "limit",
    "offset": "position",
    "page": "position",
    "cursor": "position",
    "from": "position",
    "total": "total",
    "next": "next",
    "next-header": "next_header",
    "next-row": "next_row",
    "more": "more",
    "last": "last",
    "max-limit": "max_limit",
    "start": "start",
}


def tuple_text(items: list[str]) -> str:
    """A tuple literal without the trailing comma that would make the formatter write one item a line."""
    return f"({items[0]},)" if len(items) == 1 else f"({', '.join(items)})"


def facts(
    path: str, method: str, operation: dict[str, Any], body_names: Mapping[str, str], problems: str = ""
) -> list[str]:
    """Method, path, entity, errors, security, idempotence and paging; ``body_names`` are the arguments of the body by
    their wire names, ``problems`` the name of the table that says what errors hold."""
    key: dict[str, Any] = operation.get("x-accordant-key") or {}
    entity = [quoted(operation["x-accordant-entity"]), quoted(operation["x-accordant-action"])]
    names = {item["name"]: item["x-accordant-name"] for item in operation.get("parameters", [])}
    argument = names.get(key.get("parameter")) or body_names.get(key.get("body") or "")
    if argument:
        entity.append(f"key_parameter={quoted(argument)}")
    field_name = key.get("field")
    if field_name:
        entity.append(f"key_field={quoted(field_name)}")
    if argument and key.get("returned"):
        entity.append(f"returned={tuple_text([quoted(name) for name in key['returned']])}")
    security = [tuple_text([quoted(name) for name in item]) for item in operation.get("security", [])]
    idempotent = operation.get("x-accordant-idempotent", method in ("get", "head", "put", "delete", "options"))
    statuses = list(map(quoted, error_statuses(operation)))
    listed = f"{problems}.of({', '.join(statuses)})" if problems else tuple_text(statuses)
    lines = [
        f"method={quoted(method.upper())},",
        f"path={quoted(sent_path(path))},",
        f"entity=Entity({', '.join(entity)}),",
        f"errors={listed},",
        f"security={tuple_text(security)},",
    ]
    lines += ["idempotent=True,"] if idempotent else []
    header = operation.get("x-accordant-idempotency-key")
    lines += [f"idempotency_header={quoted(header)},"] if header is not None else []
    servers = [quoted(server["url"]) for server in operation.get("servers", [])]
    lines += [f"servers={tuple_text(servers)},"] if servers else []
    failure = operation.get("x-accordant-failure")
    lines += [f"failure={_failure(failure)},"] if failure is not None else []
    pagination = operation.get("x-accordant-pagination")
    row_key = operation.get("x-accordant-row-key", [])
    return [*lines, f"pagination={_pagination(pagination, row_key)},"] if pagination is not None else lines


def error_statuses(operation: dict[str, Any]) -> list[str]:
    """The status keys that document errors."""
    return sorted(status for status in operation["responses"] if status[0] in "45" or status == "default")


def _failure(value: dict[str, Any]) -> str:
    parts = [quoted(value["field"]), quoted(value["message"])]
    parts += [f"equals={value['equals']!r}"] if "equals" in value else []
    parts += [f"success=({value['success'][0]}, {value['success'][1]})"] if "success" in value else []
    return f"Failure({', '.join(parts)})"


def _pagination(value: dict[str, Any], row_key: list[str]) -> str:
    parts = [quoted(value["style"]), quoted(value["items"])]
    extra: dict[str, Any] = {}
    for key, item in value.items():
        if key in _PAGE_KEYS:
            parts.append(f"{_PAGE_KEYS[key]}={literal(item)}")
        elif key not in ("style", "items"):
            extra[key] = item
    if row_key:
        parts.append(f"key={tuple_text([quoted(name) for name in row_key])}")
    if extra:
        parts.append(f"extra={extra!r}")
    return f"Pagination({', '.join(parts)})"


def set_by_paging(operation: dict[str, Any], parameter: dict[str, Any]) -> bool:
    """Whether the walk over the pages sets this parameter, so that a caller need not."""
    pagination: dict[str, Any] = operation.get("x-accordant-pagination") or {}
    return parameter["name"] in [pagination.get(key) for key in ("limit", "size", "offset", "page", "cursor")]


def parameters(operation: dict[str, Any], takes: Iterable[CodeText]) -> list[CodeText]:
    """How every argument outside the body travels; ``takes`` says of each what finds misspelt keys in it."""
    texts: list[CodeText] = []
    for item, taken in zip(operation.get("parameters", []), takes, strict=True):
        parts: list[CodeText | str] = [quoted(item["name"]), quoted(item["x-accordant-name"]), quoted(item["in"])]
        default_style = "form" if item["in"] in ("query", "cookie") else "simple"
        style = item.get("style", default_style)
        parts += ["required=True"] if item.get("required") and not set_by_paging(operation, item) else []
        parts += [f"style={quoted(style)}"] if style != "form" else []
        parts += ["explode=False"] if item.get("explode", style in ("form", "deepObject")) is False else []
        parts += ["json=True"] if is_object(item.get("content")) else []
        rule = item.get("x-accordant-filter")
        parts += [f"filter=({quoted(rule['field'])}, {quoted(rule['predicate'])})"] if is_object(rule) else []
        parts += [code("takes=", taken)] if taken.text else []
        texts.append(code("Parameter(", joined(", ", parts), "),"))
    return [CodeText("parameters=("), *texts, CodeText("),")] if texts else []


def runtime_needs(operation: dict[str, Any]) -> frozenset[Need]:
    """What the value of an operation needs of the runtime, beside its body and its responses."""
    names = {"Operation", "Entity"}
    names |= {"Parameter"} if operation.get("parameters") else set()
    names |= {"Failure"} if "x-accordant-failure" in operation else set()
    names |= {"Pagination"} if "x-accordant-pagination" in operation else set()
    return frozenset((RUNTIME, name) for name in names)
