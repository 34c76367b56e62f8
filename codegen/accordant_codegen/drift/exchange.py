"""What one operation takes and returns, in two documents: parameters, bodies, statuses, media types, headers."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_array, is_object

from ..read.document import follow
from .lines import WIRE, DriftLine, Impact
from .schemas import SchemaComparison, Spot
from .views import ANYTHING, REQUEST, RESPONSE, Direction

_IGNORED_HEADERS = {"accept", "content-type", "authorization"}
_STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}


class ExchangeComparison:
    """Compares one operation; what it finds goes to ``found``, and schemas to the comparison of schemas."""

    def __init__(
        self, old: dict[str, Any], new: dict[str, Any], schemas: SchemaComparison, found: list[DriftLine], label: str
    ) -> None:
        self.old, self.new = old, new
        self._schemas = schemas
        self._found = found
        self._label = label

    def _note(self, kind: str, impact: Impact, text: str) -> None:
        self._found.append(DriftLine(kind, impact, WIRE, self._label, text))

    def _spot(self, direction: Direction, what: str) -> Spot:
        return Spot((self._label, "operation"), f"{self._label}: {what}", direction)

    def operation(
        self, before: dict[str, Any], after: dict[str, Any], *, variables: tuple[list[str], list[str]]
    ) -> None:
        """Everything that travels."""
        self._parameters(before, after, variables)
        self.body(before.get("requestBody"), after.get("requestBody"), REQUEST)
        self._responses(before.get("responses"), after.get("responses"))

    # parameters

    def _parameters(
        self, before: dict[str, Any], after: dict[str, Any], variables: tuple[list[str], list[str]]
    ) -> None:
        was = _parameters(self.old, before, variables[0])
        now = _parameters(self.new, after, variables[1])
        for name in [each for each in was if each not in now]:
            text = f"{_parameter(was[name])} is gone"
            moved = next((each for each in now if each[1] == name[1] and each not in was), None)
            if moved is not None:
                text = f"{_parameter(was[name])} travels in the {moved[0]} now"
            self._note("parameter-moved" if moved else "parameter-removed", Impact.BREAKING, text)
        for name in [each for each in now if each not in was]:
            required = bool(now[name].get("required")) and name[0] != "path"
            text = f"{_parameter(now[name])} is new{' and required' if required else ''}"
            kind = "required-parameter-added" if required else "parameter-added"
            self._note(kind, Impact.BREAKING if required else Impact.ADDITIVE, text)
        for name in [each for each in was if each in now]:
            self._parameter(was[name], now[name], path=name[0] == "path")

    def _parameter(self, before: dict[str, Any], after: dict[str, Any], *, path: bool) -> None:
        words = _parameter(after)
        required = [bool(each.get("required")) for each in (before, after)]
        if required[0] != required[1] and not path:
            became = "required" if required[1] else "optional"
            impact = Impact.BREAKING if required[1] else Impact.ADDITIVE
            self._note(f"parameter-became-{became}", impact, f"{words} is {became} now")
        if _style(before) != _style(after):
            text = f"{words} is written in another way ({_style(after)}, it was {_style(before)})"
            self._note("parameter-style-changed", Impact.BREAKING, text)
        if bool(before.get("deprecated")) != bool(after.get("deprecated")):
            now = bool(after.get("deprecated"))
            kind = "parameter-deprecated" if now else "parameter-no-longer-deprecated"
            self._note(kind, Impact.ADDITIVE, f"{words} is {'' if now else 'no longer '}deprecated")
        self._schemas.compare(_schema(before), _schema(after), self._spot(REQUEST, words))

    # bodies

    def body(self, before: Any, after: Any, direction: Direction) -> None:
        """A request body; that of a webhook is read, not sent."""
        was, now = _resolved(self.old, before), _resolved(self.new, after)
        if was is None and now is None:
            return
        if was is None or now is None:
            required = bool((now or {}).get("required"))
            gone = now is None
            kind = "body-removed" if gone else "required-body-added" if required else "body-added"
            impact = Impact.BREAKING if gone or required else Impact.ADDITIVE
            text = "takes no body any more" if gone else f"takes a body now{', which is required' if required else ''}"
            self._note(kind, impact, text)
            return
        needed = bool(now.get("required"))
        if bool(was.get("required")) != needed and direction == REQUEST:
            became = "required" if needed else "optional"
            impact = Impact.BREAKING if needed else Impact.ADDITIVE
            self._note(f"body-became-{became}", impact, f"its body is {became} now")
        self._content(was, now, direction, "body")

    def _content(self, before: dict[str, Any], after: dict[str, Any], direction: Direction, what: str) -> None:
        was, now = _media(before), _media(after)
        for name in [each for each in was if each not in now]:
            self._note(f"{direction}-media-type-removed", Impact.BREAKING, f"{what}: {name} is gone")
        for name in [each for each in now if each not in was]:
            self._note(f"{direction}-media-type-added", Impact.ADDITIVE, f"{what}: {name} is new")
        common = [each for each in was if each in now]
        if not common and len(was) == len(now) == 1:  # another media type for the same thing
            self._schemas.compare(_schema(*was.values()), _schema(*now.values()), self._spot(direction, what))
        for name in common:
            spot = self._spot(direction, what if len(common) == 1 else f"{what} ({name})")
            self._schemas.compare(_schema(was[name]), _schema(now[name]), spot)
            if (was[name].get("encoding") or {}) != (now[name].get("encoding") or {}) and direction == REQUEST:
                self._note("encoding-changed", Impact.BREAKING, f"{what}: parts are encoded in another way")

    # responses

    def _responses(self, before: Any, after: Any) -> None:
        was, now = _statuses(self.old, before), _statuses(self.new, after)
        gone = [each for each in was if each not in now]
        fresh = [each for each in now if each not in was]
        for status in gone:
            success = _is_success(status, was)
            moved = [each for each in fresh if success and _is_success(each, now)]
            if moved:
                self._response(was[status], now[moved[0]], moved[0])
            text = f"does not return {_status(status)} any more{f', but {_status(moved[0])}' if moved else ''}"
            kind = "success-status-removed" if success else "error-status-removed"
            self._note(kind, Impact.BREAKING if success else Impact.ADDITIVE, text)
        for status in fresh:
            kind = "success-status-added" if _is_success(status, now) else "error-status-added"
            self._note(kind, Impact.ADDITIVE, f"may return {_status(status)} now")
        for status in [each for each in was if each in now]:
            self._response(was[status], now[status], status)

    def _response(self, before: dict[str, Any], after: dict[str, Any], status: str) -> None:
        what = f"response {status}"
        was, now = _media(before), _media(after)
        if bool(was) != bool(now):
            text = f"{what} has {'a' if now else 'no'} body now"
            self._note(
                f"response-body-{'added' if now else 'removed'}", Impact.ADDITIVE if now else Impact.BREAKING, text
            )
        else:
            self._content(before, after, RESPONSE, what)
        self._headers(before, after, what)

    def _headers(self, before: dict[str, Any], after: dict[str, Any], what: str) -> None:
        was, now = _headers(self.old, before), _headers(self.new, after)
        for name in [each for each in was if each not in now]:
            impact = Impact.BREAKING if was[name].get("required") else Impact.ADDITIVE
            self._note("response-header-removed", impact, f"{what}: header {name} is gone")
        for name in [each for each in now if each not in was]:
            self._note("response-header-added", Impact.ADDITIVE, f"{what}: header {name} is new")
        for name in [each for each in was if each in now]:
            if was[name].get("required") and not now[name].get("required"):
                self._note(
                    "response-header-became-optional", Impact.BREAKING, f"{what}: header {name} may be absent now"
                )
            spot = self._spot(RESPONSE, f"{what}: header {name}")
            self._schemas.compare(_schema(was[name]), _schema(now[name]), spot)


def _resolved(document: dict[str, Any], node: Any) -> dict[str, Any] | None:
    try:
        target: Any = follow(document, node)
    except KeyError:
        return None
    return target if is_object(target) else None


def _parameters(
    document: dict[str, Any], operation: dict[str, Any], variables: list[str]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Parameters by place and name; those of the path by their position, for a variable's name does not travel."""
    result: dict[tuple[str, str], dict[str, Any]] = {}
    items: Any = operation.get("parameters")
    for item in items if is_array(items) else ():
        parameter = _resolved(document, item)
        if parameter is None:
            continue
        place, name = str(parameter.get("in")), str(parameter.get("name"))
        if place == "header":
            name = name.lower()
            if name in _IGNORED_HEADERS:
                continue
        if place == "path" and name in variables:
            name = str(variables.index(name))
        result[place, name] = parameter
    return result


def _parameter(parameter: dict[str, Any]) -> str:
    return f"{parameter.get('in')} parameter `{parameter.get('name')}`"


def _style(parameter: dict[str, Any]) -> str:
    style = parameter.get("style") or _STYLES.get(str(parameter.get("in")), "form")
    explode = parameter.get("explode", style == "form")
    content: Any = parameter.get("content")
    words = [str(style), "exploded" if explode else "not exploded"]
    words += ["reserved characters stay"] if parameter.get("allowReserved") else []
    return next(iter(content)) if is_object(content) and content else ", ".join(words)


def _schema(holder: dict[str, Any]) -> Any:
    content: Any = holder.get("content")
    if "schema" not in holder and is_object(content) and content:
        first: Any = next(iter(content.values()))
        return first.get("schema", ANYTHING) if is_object(first) else ANYTHING
    return holder.get("schema", ANYTHING)


def _media(holder: dict[str, Any]) -> dict[str, dict[str, Any]]:
    content: Any = holder.get("content")
    if not is_object(content):
        return {}
    return {name.partition(";")[0].strip().lower(): item for name, item in content.items() if is_object(item)}


def _statuses(document: dict[str, Any], responses: Any) -> dict[str, dict[str, Any]]:
    items = responses.items() if is_object(responses) else ()
    found = {str(status).upper(): _resolved(document, item) for status, item in items if not status.startswith("x-")}
    return {status: item for status, item in found.items() if item is not None}


def _is_success(status: str, known: dict[str, Any]) -> bool:
    return status.startswith("2") or (status == "DEFAULT" and not any(each.startswith("2") for each in known))


def _status(status: str) -> str:
    return "the default response" if status == "DEFAULT" else f"status {status}"


def _headers(document: dict[str, Any], response: dict[str, Any]) -> dict[str, dict[str, Any]]:
    headers: Any = response.get("headers")
    items = headers.items() if is_object(headers) else ()
    found = {str(name).lower(): _resolved(document, item) for name, item in items}
    return {name: item for name, item in found.items() if item is not None and name != "content-type"}
