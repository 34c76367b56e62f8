"""How many operations of documents that nobody wrote a line for return a documented success to a valid request.

`python -m tests.sandbox.derived_corpus FOLDER` reads each document of a folder as `make regenerate` does, and calls
each operation once at a sandbox that is derived from it. A success in the place of a refusal does not count. Documents
that are effective ones already are taken as they are; `-v` names what failed.
"""

from __future__ import annotations

import hashlib
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlencode

import orjson

from accordant_codegen.read.effective import build
from accordant_codegen.vendors import VendorFolder
from accordant_runtime._form import form_fields
from accordant_runtime._operation import Body, FieldEncoding
from accordant_runtime._operation import Parameter as Sent
from accordant_runtime._styles import path_text
from accordant_sandbox import Sandbox
from accordant_sandbox.derive.acts import ActedOn
from accordant_sandbox.http.document import Operation, Parameter
from accordant_sandbox.http.json_types import is_array, is_object

__all__ = ["effective", "successes"]

_ORDER = {"GET": 0, "HEAD": 0, "OPTIONS": 0, "POST": 1, "PUT": 2, "PATCH": 2, "DELETE": 3}


def effective(file: Path) -> dict[str, Any]:
    """The effective document of one public document."""
    if b'"x-accordant-action"' in file.read_bytes():
        whole: dict[str, Any] = orjson.loads(file.read_bytes())
        return whole
    with tempfile.TemporaryDirectory() as folder:
        name = file.stem.replace("-", "_").lower()
        place = Path(folder) / "specs" / name
        place.mkdir(parents=True)
        target = place / file.name
        target.write_bytes(file.read_bytes())
        digest = hashlib.sha256(target.read_bytes()).hexdigest()
        (place / "source.toml").write_text(f'vendor = "{name}"\ndocument = "{file.name}"\nsha256 = "{digest}"\n')
        return build(VendorFolder(name, Path(folder), target)).document


def successes(sandbox: Sandbox) -> dict[str, str]:
    """What each operation returned to a valid request: `good`, or what is wrong."""
    operations = sandbox.vendor.document.operations.values()
    return {each.id: _verdict(sandbox, each) for each in sorted(operations, key=partial(_turn, sandbox))}


def _turn(sandbox: Sandbox, operation: Operation) -> tuple[int, int, int]:
    """When an operation is called: what reads comes first, and what others are inside of is deleted last."""
    plain = sandbox.vendor.operations.served[operation.id].plain
    held = len(_inside(sandbox, plain.collection)) if plain is not None and operation.method == "DELETE" else 0
    return _ORDER.get(operation.method, 1), held, -operation.path.count("/")


def _inside(sandbox: Sandbox, collection: str, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The collections whose records are inside of those of another one, at any depth."""
    plains = [each.plain for each in sandbox.vendor.operations.served.values() if each.plain is not None]
    own = {each.collection for each in plains if each.within is not None and each.within.parent == collection}
    found = known | own
    for name in own - known - {collection}:
        found |= _inside(sandbox, name, found)
    return found


def _verdict(sandbox: Sandbox, operation: Operation) -> str:
    status, _, content = sandbox.transport(*_request(sandbox, operation), 30.0)
    entry = list(sandbox.journal)[-1]
    if entry.operation != operation.id:
        return f"reached {entry.operation}"
    if not 200 <= status < 400 or operation.response(status) is None:
        return f"{status} {content[:200]!r}"
    notes = [note.splitlines()[-1] if note.startswith("Traceback") else note for note in entry.notes]
    odd = [note for note in notes if not note.startswith("made to fit")]
    return f"made up: {odd[0][:200]}" if odd else "good"


def _request(sandbox: Sandbox, operation: Operation) -> tuple[str, str, list[tuple[str, str]], bytes]:
    path, query, headers = re.split("[#?]", operation.path)[0], list[tuple[str, str]](), list[tuple[str, str]]()
    for parameter in operation.parameters:
        if parameter.where == "path":
            path = path.replace(f"{{{parameter.name}}}", _styled(parameter, _key(sandbox, operation, parameter)))
        elif parameter.required and parameter.where == "query":
            query += _pairs(parameter, _value(operation, parameter))
        elif parameter.required and parameter.where == "header":
            headers.append((parameter.name, unquote(_styled(parameter, _value(operation, parameter)))))
    _add_credentials(sandbox, operation, query, headers)
    body = b""
    content = operation.body_content
    kind = next((each for each in content if "json" in each), next(iter(content), None))
    if kind is not None:
        whole: Any = None
        if operation.has_schema(content[kind]):
            whole = operation.document.examples.value(content[kind], "request")
        kind, body = _encoded(operation, kind, whole)
        headers.append(("Content-Type", kind))
    base = str(sandbox.credentials["base_url"])
    return operation.method, f"{base}{path}{'?' + urlencode(query) if query else ''}", headers, body


def _styled(parameter: Parameter, value: Any) -> str:
    """A value in a path or a header, as a client sends it in the parameter's style."""
    style = str(parameter.data.get("style", "simple"))
    if not (is_array(value) or is_object(value) or style in ("label", "matrix")):
        return quote(_text(value), safe="")
    return path_text(Sent(parameter.name, parameter.name, "path", style=style, explode=parameter.explode), value)


def _key(sandbox: Sandbox, operation: Operation, parameter: Parameter) -> Any:
    """The key of a record that exists, where the parameter names one."""
    served = sandbox.vendor.operations.served[operation.id]
    plain = served.plain
    acted = getattr(served.handler, "__self__", None)
    if isinstance(acted, ActedOn) and acted.parameter == parameter.name:
        there = sandbox.engine.transaction().table(acted.collection).values()
        return next((row[acted.field] for row in there if acted.field in row), _value(operation, parameter))
    name = None
    if plain is not None and plain.within is not None and plain.within.parameter == parameter.name:
        name = plain.within.parent
    elif plain is not None and operation.path.rstrip("/").endswith(f"/{{{parameter.name}}}") and plain.verb != "list":
        name = plain.collection
    rows = sandbox.engine.transaction().table(name).values() if name else ()
    for row in rows:
        own: Any = sandbox.vendor.collections[str(name)].key_of(row)
        parts: list[Any] = [*own] if isinstance(own, tuple) else [own]
        if plain is None or not _is_inside(sandbox, operation, name, row):
            continue
        by = plain.by if name == plain.collection else plain.within.by if plain.within is not None else ""
        return row.get(by, parts[-1]) if by else parts[-1]
    return _value(operation, parameter)


def _is_inside(sandbox: Sandbox, operation: Operation, name: str | None, row: Mapping[str, Any]) -> bool:
    """Whether a record is inside of the one that the path names before it."""
    plain = sandbox.vendor.operations.served[operation.id].plain
    within = plain.within if plain is not None else None
    if within is None or name == within.parent:
        return True
    owner = _key(sandbox, operation, _parameter(operation, within.parameter))
    whole: Any = sandbox.engine.transaction().table(within.parent).get(row.get(within.field)) if within.by else None
    return str(row.get(within.field) if whole is None else whole.get(within.by)) == str(owner)


def _parameter(operation: Operation, name: str) -> Parameter:
    return next(each for each in operation.parameters if each.name == name)


def _value(operation: Operation, parameter: Parameter) -> Any:
    return operation.document.examples.value(parameter.pointer, "request")


def _pairs(parameter: Parameter, value: Any) -> Iterator[tuple[str, str]]:
    if is_array(value):
        yield from (
            (parameter.name, _text(each)) for each in (value if parameter.explode else [",".join(map(_text, value))])
        )
    elif is_object(value):
        yield from ((f"{parameter.name}[{name}]", _text(each)) for name, each in value.items())
    else:
        yield parameter.name, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if is_array(value):
        return ",".join(map(_text, value))
    return str(value)


def _fields(operation: Operation, kind: str, value: Any) -> list[tuple[str, str]]:
    """The fields of a form, as a client sends them."""
    encoding: dict[str, FieldEncoding] = {}
    for name, stated in operation.encoding(kind).items():
        style = str(stated.get("style", "form"))
        exploded = bool(stated.get("explode", style in ("form", "deepObject")))
        styled = bool({"style", "explode"} & stated.keys())
        encoding[name] = FieldEncoding(str(stated.get("contentType", "")), style if styled else "", explode=exploded)
    fields: dict[str, Any] = value if is_object(value) else {}
    return list(form_fields(Body(kind, "form", encoding=encoding), fields).form)


def _encoded(operation: Operation, kind: str, value: Any) -> tuple[str, bytes]:
    if "json" in kind:
        return kind, orjson.dumps(value)
    if kind == "application/x-www-form-urlencoded":
        return kind, urlencode(_fields(operation, kind, value)).encode()
    if kind == "multipart/form-data":
        parts = [
            f'--edge\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{each}\r\n'
            for name, each in _fields(operation, kind, value)
        ]
        return f"{kind}; boundary=edge", ("".join(parts) + "--edge--\r\n").encode()
    return kind, b"content"


def _add_credentials(
    sandbox: Sandbox, operation: Operation, query: list[tuple[str, str]], headers: list[tuple[str, str]]
) -> None:
    """The credentials of the first way that opens the operation, as a client sends them."""
    import base64

    from accordant_sandbox.derive.credentials import SchemeBook
    from accordant_sandbox.engine.auth import issue

    book, secrets = SchemeBook(sandbox.vendor.document), sandbox.credentials
    for name in operation.requirements[0] if operation.requirements else ():
        scheme = book.schemes[name]
        if scheme.sort == "grant":
            tx = sandbox.engine.transaction()
            headers.append(("Authorization", f"Bearer {issue(tx, 'default')['token']}"))
            tx.commit()
        elif scheme.sort == "basic":
            pair = ":".join(secrets[each] for each in scheme.secrets)
            headers.append(("Authorization", f"Basic {base64.b64encode(pair.encode()).decode()}"))
        elif scheme.sort == "token":
            headers.append(("Authorization", f"Bearer {secrets[scheme.secrets[0]]}"))
        elif scheme.sort == "key":
            value = secrets[scheme.secrets[0]]
            if scheme.where == "query":
                query.append((scheme.field, value))
            else:
                headers.append(
                    ("Cookie", f"{scheme.field}={value}") if scheme.where == "cookie" else (scheme.field, value)
                )


def main(folder: Path, verbose: bool = False) -> int:
    """Print a line per document; returns 1 where fewer than 95 of 100 operations succeed."""
    good = whole = 0
    for file in sorted(each for each in folder.iterdir() if each.suffix in (".json", ".yaml", ".yml")):
        try:
            document = effective(file)
        except Exception as problem:
            sys.stdout.write(f"{file.name}: not read: {type(problem).__name__}: {str(problem)[:150]}\n")
            continue
        with Sandbox.for_document(document, name=file.stem.replace("-", "_").lower()) as sandbox:
            found = successes(sandbox)
            counts = Counter(found.values())
            good, whole = good + counts["good"], whole + len(found)
            kept = len(sandbox.vendor.collections)
            plain = sum(each.plain is not None for each in sandbox.vendor.operations.served.values())
            share = 100 * counts["good"] / max(len(found), 1)
            sys.stdout.write(
                f"{file.name}: {counts['good']} of {len(found)} ({share:.1f} %), {plain} plain, {kept} kinds\n"
            )
            for name, verdict in found.items() if verbose else ():
                if verdict != "good":
                    sys.stdout.write(f"    {name}: {verdict}\n")
    sys.stdout.write(f"{good} of {whole}: {100 * good / max(whole, 1):.1f} %\n")
    return int(good < 0.95 * whole)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), "-v" in sys.argv))
