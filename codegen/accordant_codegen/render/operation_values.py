"""The text of operation values: everything about an operation that is data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from accordant_runtime import IDEMPOTENT, is_object

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


DEFAULTS: Final = "defaults"
"""The module that says what the operations of a package have in common."""


@frozen
class CommonFacts:
    """What most operations of a document have in common, as code: security and failures; empty for nothing."""

    security: str
    failure: str

    @property
    def text(self) -> str:
        """The arguments of the value that says it."""
        said = {"security": self.security if self.security != "()" else "", "failure": self.failure}
        return ", ".join(f"{name}={value}" for name, value in said.items() if value)

    @property
    def names(self) -> str:
        """What its module imports from the runtime."""
        return "Failure, Lazy, OperationDefaults" if self.failure else "Lazy, OperationDefaults"


def common_facts(every: Iterable[dict[str, Any]]) -> CommonFacts:
    """What most of the operations have in common; of several that are as frequent it is the first."""
    found = [(_security(operation), _failure_of(operation)) for operation in every] or [("()", "")]
    security, failure = (Counter(values).most_common(1)[0][0] for values in zip(*found, strict=True))
    return CommonFacts(security, failure)


def _security(operation: dict[str, Any]) -> str:
    return tuple_text([tuple_text([quoted(name) for name in item]) for item in operation.get("security", [])])


def _failure_of(operation: dict[str, Any]) -> str:
    failure = operation.get("x-accordant-failure")
    return "" if failure is None else _failure(failure)


def facts(
    path: str,
    method: str,
    operation: dict[str, Any],
    body_names: Mapping[str, str],
    defaults: CommonFacts,
    problems: str = "",
) -> list[str]:
    """Method with path, entity, errors and paging; security, idempotence and failures where they differ from what goes
    without saying. ``body_names`` are the arguments of the body by their wire names, ``problems`` is the name of the
    table that says what errors hold."""
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
    security, failure = _security(operation), _failure_of(operation)
    usual = method.upper() in IDEMPOTENT
    idempotent = operation.get("x-accordant-idempotent", usual)
    statuses = list(map(quoted, error_statuses(operation)))
    listed = f"{problems}.of({', '.join(statuses)})" if problems else tuple_text(statuses)
    lines = [f"{quoted(f'{method.upper()} {sent_path(path)}')},", f"Entity({', '.join(entity)}),", f"errors={listed},"]
    lines += [f"security={security},"] if security != defaults.security else []
    lines += [f"idempotent={idempotent},"] if idempotent is not usual else []
    header = operation.get("x-accordant-idempotency-key")
    lines += [f"idempotency_header={quoted(header)},"] if header is not None else []
    servers = [quoted(server["url"]) for server in operation.get("servers", [])]
    lines += [f"servers={tuple_text(servers)},"] if servers else []
    lines += [f"failure={failure or None},"] if failure != defaults.failure else []
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


def runtime_needs(operation: dict[str, Any], defaults: CommonFacts) -> frozenset[Need]:
    """What the value of an operation needs of the runtime, beside its body and its responses."""
    names = {"Operation", "Entity"}
    names |= {"Parameter"} if operation.get("parameters") else set()
    names |= {"Failure"} if _failure_of(operation) not in ("", defaults.failure) else set()
    names |= {"Pagination"} if "x-accordant-pagination" in operation else set()
    return frozenset([(f".{DEFAULTS}", "operation"), *((RUNTIME, name) for name in names)])
