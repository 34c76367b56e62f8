"""The file of one regression test: its fixture, its helpers, the requests, and what is asserted of them."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from ..document.checks import CHECKS
from ..document.document import Document
from ..errors import ContractError
from ..target.vendor import TargetVendor
from .expectations import expected, record_of
from .literals import literal
from .steps import SECRET, VARIABLE

_INSIDE: Final = re.compile(rf"{VARIABLE}([a-z0-9_]+?)_(?![a-z0-9])")
_HELPERS: Final = {
    "send": '''
def send(api: {client}, method: str, path: str, **how: Any) -> Reply:
    """One request with the client's credentials; an error of the vendor's is a response too."""
    try:
        response = api.request(method, path, **how)
        return Reply(response.status, response.headers, response.content)
    except APIStatusError as error:
        return Reply(error.status, error.headers, error.body)
''',
    "record": '''
def record(document: Any, envelope: str) -> Any:
    """The record in a response: inside its envelope, or the response itself where it comes bare."""
    found = document
    for name in envelope.split("."):
        if not isinstance(found, dict) or name not in found:
            return document
        found = found[name]
    return found
''',
    "values": '''
def values(document: Any, path: str) -> list[Any]:
    """Every value at a JSON path; `[]` is each item of a list."""
    found = [document]
    for name, items in re.findall(r"\\.([^.\\[]+)|(\\[\\])", path):
        if items:
            found = [each for value in found if isinstance(value, list) for each in value]
        else:
            found = [value[name] for value in found if isinstance(value, dict) and name in value]
    return found
''',
    "same": '''
def same(one: Any, other: Any) -> bool:
    """Whether two values are equal; texts of the same instant are."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, str) and isinstance(other, str) and one != other:
        try:
            return datetime.fromisoformat(one) == datetime.fromisoformat(other)
        except (ValueError, TypeError):
            return False
    return bool(one == other)
''',
}


@frozen
class Case:
    """What the file says in its head."""

    vendor: TargetVendor
    document: Document
    finding: Mapping[str, Any]
    source: str


def write(case: Case) -> str:
    """The text of the file; raises :class:`ContractError` where a finding cannot be shown by the client alone."""
    finding = case.finding
    steps: list[dict[str, Any]] = finding.get("steps") or []
    operation = case.document.operations.get(str(finding["operation"]))
    if operation is None or not steps:
        raise ContractError(f"{finding['check']}: no single request shows it, so there is nothing to send again")
    wanted = expected(operation, finding, steps, case.document)
    body = [line for index in range(len(steps)) for line in _sent(index, steps, case.document)]
    body += wanted
    text = "\n".join([_head(case, body), _test(case, body)])
    return re.sub(r"\n{4,}", "\n\n\n", text).rstrip() + "\n"


def _sent(index: int, steps: Sequence[Mapping[str, Any]], document: Document) -> list[str]:
    """The lines that take one step."""
    step = steps[index]
    lines: list[str] = []
    words = [f'"{step["method"]}"', _path(str(step["path"]))]
    if "json" in step:
        lines.append(f"sent_{index + 1} = {literal(step['json'])}")
        words.append(f"json=sent_{index + 1}")
    options = {name: str(value) for name, value in step.get("header", {}).items()}
    if "content" in step:
        words.append(f"content=base64.b64decode({step['content']!r})")
        options["Content-Type"] = str(step["type"])
    if options:
        words.append(f"options=CallOptions(headers={literal(options)})")
    lines.append(f"reply_{index + 1} = send(api, {', '.join(words)})")
    last = index == len(steps) - 1
    if not last and 200 <= int(step["status"]) < 400 and not step["shown"]:
        lines.append(f"assert reply_{index + 1}.status < 400, reply_{index + 1}")
    if "makes" in step and any(f"{VARIABLE}{step['makes']}_" in repr(each) for each in steps[index + 1 :]):
        operation = document.operations[str(step["operation"])]
        lines.append(f"{step['makes']} = {record_of(operation, index)}[{operation.key.field!r}]")
    return lines


def _path(path: str) -> str:
    shown = _INSIDE.sub(r"{\1}", path.replace("{", "{{").replace("}", "}}"))
    shown = re.sub(rf"{SECRET}([A-Z0-9_]+?)_(?![A-Z0-9])", r"{os.environ['\1']}", shown)
    return f'f"{shown}"' if "{" in shown else f'"{shown}"'


def _head(case: Case, body: Sequence[str]) -> str:
    module, _, client = case.vendor.client.partition(":")
    prefix, code = case.vendor.prefix, "\n".join(body)
    helpers = [name for name in _HELPERS if name == "send" or re.search(rf"\b{name}\(", code)]
    used = code + "".join(_HELPERS[name] for name in helpers)
    names = {"base64": "base64", "json": "json", "os": "os", "re": "re"}
    plain = [
        f"import {module}"
        for name, module in names.items()
        if re.search(rf"\b{name}\.", used) or name in ("json", "os")
    ]
    moments = [name for name in ("date", "datetime") if re.search(rf"\b{name}\.", used)]
    imports = [*plain, "from collections.abc import Iterator, Mapping", "from dataclasses import dataclass, field"]
    imports += [f"from datetime import {', '.join(moments)}"] if moments else []
    imports += ["from typing import Any"]
    imports += ["from uuid import UUID"] if "UUID(" in used else []
    options = ", CallOptions" if "CallOptions(" in used else ""
    package = [f"from accordant import {options[2:]}"] if options else []
    title = f"{case.finding['check']} at {case.finding['operation']}"
    return f'''"""Regression: {_quoted(title)} ({case.document.name}).

Written by `make regression` from {_quoted(case.source)}. It runs at {prefix}_BASE_URL
with the credentials of the environment, as `make sandbox VENDOR={case.document.name}` prints them. A sandbox must be a
new one: the records that the test makes may not exist yet.
"""

from __future__ import annotations

{chr(10).join(imports)}

import pytest

{chr(10).join([*package, f"from {module} import {client}", "from accordant.errors import APIStatusError"])}


@pytest.fixture
def api() -> Iterator[{client}]:
    """The client at the address and with the credentials of the environment; one attempt, no deviation tolerated."""
    if not os.environ.get("{prefix}_BASE_URL"):
        pytest.skip("set {prefix}_BASE_URL and the credentials of {case.document.name}")
    with {client}.from_env(retries=0, deviations="strict") as client:
        yield client


@dataclass
class Reply:
    """A response."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes

    @property
    def data(self) -> Any:
        """Its JSON."""
        return json.loads(self.content)

{"".join(chr(10) + _HELPERS[name].replace("{client}", client) + chr(10) for name in helpers)}'''


def _quoted(text: str) -> str:
    """A text of others (a file's name, an operationId, an address) as a docstring can hold it, in one line."""
    return _line(text).replace("\\", "\\\\").replace('"', '\\"')


def _line(text: str) -> str:
    """A text of others in one line, without what no file of Python holds: control characters, halves of characters."""
    return "".join(each if each.isprintable() else "\ufffd" for each in " ".join(text.split()))


def _test(case: Case, body: Sequence[str]) -> str:
    finding = case.finding
    word = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(finding["operation"])).lower()
    name = re.sub(r"\W+", "_", f"test_{word}_{finding['check']}")
    _, _, client = case.vendor.client.partition(":")
    told = [f"{word}: {_line(str(finding[word]))}" for word in ("message", "expected", "seen")]
    notes = [textwrap.fill(each, 110, initial_indent="# ", subsequent_indent="# ") for each in told]
    head = [f'"""{CHECKS[str(finding["check"])]}"""', *notes]
    lines = [textwrap.indent(line, "    ") for line in head] + [f"    {line}" for line in body]
    return "\n".join([f"def {name}(api: {client}) -> None:", *lines])
