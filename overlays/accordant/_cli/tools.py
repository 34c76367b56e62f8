"""The methods of a client as tools for an assistant: which there are, what each takes, and what a call of it says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from attrs import frozen

from accordant_runtime import RequestModel, dumps, is_array

from .._client.clients import Client
from .._http.secrets import MASK, Redactor, secret_fields
from .arguments import wire_names
from .complaints import complaint
from .methods import Method, client_class, described, method_names, resources
from .printing import plain, rows_of
from .schemas import input_schema, introduction, takes_files
from .usage import UsageError, unknown
from .values import from_json

MOST: Final = "max_items"
"""The argument of a list's tool that ends the list."""
DEFAULT_MOST: Final = 50
_CUT: Final = "There are more rows than these: ask for more with max_items, or for fewer with the other arguments."


@frozen
class Tool:
    """A method that an assistant may call."""

    method: Method
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """``appointments_list``."""
        return f"{self.method.resource}_{self.method.name}"

    @property
    def description(self) -> str:
        """What it does, in the words of the client's documentation."""
        return introduction(self.method) or self.method.path

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return _reads(self.method)

    @property
    def deletes(self) -> bool:
        """Whether it may take something away."""
        operation = self.method.operation
        return operation is None or operation.method in ("DELETE", "PUT", "PATCH")

    @property
    def idempotent(self) -> bool:
        """Whether a second call changes nothing further."""
        operation = self.method.operation
        return operation is not None and operation.idempotent


def tools_of(vendor: str, only: Collection[str] = (), *, write: bool = False) -> dict[str, Tool]:
    """A vendor's tools by name: those that read, and with ``write`` the others; ``only`` names resources.

    A method that takes a file of this machine is no tool: an assistant chooses what it sends.

    Raises:
        UsageError: There is no such vendor or resource.
    """
    known = resources(client_class(vendor))
    chosen = [name.replace("-", "_") for name in only] or list(known)
    for name in chosen:
        if name not in known:
            raise unknown("resource", name, known)
    return {tool.name: tool for name in chosen for tool in _tools(vendor, name, known[name], write)}


def _tools(vendor: str, resource: str, kind: type[Any], write: bool) -> Iterator[Tool]:
    for name in method_names(kind):
        method = described(resource, name, getattr(kind, name))
        if takes_files(method) or not (write or _reads(method)):
            continue
        schema = input_schema(vendor, method)
        if method.lists:
            limit = {
                "type": "integer",
                "minimum": 0,
                "default": DEFAULT_MOST,
                "description": f"At most so many rows are returned, {DEFAULT_MOST} where it is not given.",
            }
            schema["properties"] = {**schema["properties"], MOST: limit}
        yield Tool(method, schema)


def _reads(method: Method) -> bool:
    """Of a method that is more than one operation nobody knows it; it counts as one that writes."""
    return method.operation is not None and method.operation.safe


def run_tool(
    api: Client, tool: Tool, given: Mapping[str, Any], step: Callable[[], None] = lambda: None
) -> tuple[str, bool]:
    """Call the method: JSON text, or one line about an error, and whether it is that. Secrets are masked in both.

    ``step`` is called before each row; it may raise to end a long walk.
    """
    redactor = _redactor(api)
    try:
        return redactor.text(_called(api, tool, given, step)), False
    except Exception as error:
        return redactor.text(complaint(error)), True


def _called(api: Client, tool: Tool, given: Mapping[str, Any], step: Callable[[], None]) -> str:
    method = tool.method
    most = _most(given[MOST]) if method.lists and MOST in given else DEFAULT_MOST
    rest, named = _values(method, {name: value for name, value in given.items() if not (method.lists and name == MOST)})
    function = getattr(getattr(api, method.resource), method.name)
    first = [each.name for each in method.arguments if rest and each.by_position and not each.repeated]
    result = function(*(named.pop(name) for name in first), *rest, **named)
    if not method.lists:
        return _text(result)
    rows: list[Any] = []
    for row in rows_of(result, most + 1):
        step()
        rows.append(shown(row))
    if len(rows) > most:
        return dumps({"items": list(islice(rows, most)), "cut": _CUT}).decode()
    return dumps({"items": rows}).decode()


def _most(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise UsageError(f"{MOST}: write a whole number of rows, 0 or more")
    return value


def _values(method: Method, given: Mapping[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """The arguments as the method takes them: those without a name, and the others."""
    known = {each.name: each for each in method.arguments}
    vendors = {wire: name for wire, name in wire_names(method).items() if name in known and wire not in known}
    rest: list[Any] = []
    named: dict[str, Any] = {}
    for word, value in given.items():
        argument = known.get(vendors.get(word, word))
        if argument is None:
            raise unknown(f"argument of {method.path}", word, known)
        if argument.repeated:
            if not is_array(value):
                raise UsageError(f"{word}: write a JSON list")
            rest += [from_json(f"{word}[{index}]", argument.kind, item) for index, item in enumerate(value)]
        else:
            named[argument.name] = from_json(word, argument.kind, value)
    missing = [each.name for each in method.arguments if each.required and each.name not in named]
    if missing:
        raise UsageError(f"{method.path} needs {', '.join(missing)}")
    return rest, named


def _text(result: Any) -> str:
    if not isinstance(result, bytes):
        return dumps(shown(result)).decode()
    try:
        return result.decode("utf-8")
    except UnicodeDecodeError:
        raise UsageError(
            f"the content has {len(result)} bytes that are no text: fetch it with accordant call"
        ) from None


def shown(value: Any) -> Any:
    """A result as JSON can say it, with what its document calls a password masked."""
    if is_array(value):
        return [shown(item) for item in value]
    result = plain(value)
    if isinstance(value, RequestModel):
        kind: Any = type(value)
        secrets = secret_fields(kind)
        for attribute, (wire, _) in type(value).WIRE.items():
            inside: Any = getattr(value, attribute, None)
            if wire not in result:
                continue
            if attribute in secrets:
                result[wire] = MASK if inside else result[wire]
            elif isinstance(inside, RequestModel) or is_array(inside):
                result[wire] = shown(inside)
    return result


def _redactor(api: Any) -> Redactor:
    redactor: Redactor = api._session.redactor
    return redactor
