"""A user's session in a project outside this repository, from ``accordant init`` to a vendor that is removed again.

`make wheel-test` plays it with the wheel in clean environments, and the tests play it with what is installed here.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import tomllib
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from .environments import EnvironmentFailedError, clean_environ

BARE_CALL: Final = """
import contextlib
import accordant_runtime
import acme_clients.shop
rows = [{"id": 7, "title": "door"}]
def transport(*_):
    return 200, [("content-type", "application/json")], accordant_runtime.dumps(rows)
with acme_clients.shop.Shop(api_key="invented", transport=transport) as api:
    assert api.things.list().first().title == "door"
for tool in ("accordant_codegen", "accordant_contract"):
    with contextlib.suppress(ImportError):
        __import__(tool)
        raise SystemExit(f"{tool} can be imported without its extra")
print(acme_clients.shop.__file__)
"""
"""A program for an environment without any extra: a call of the client, which prints where it was found."""
_SECONDS: Final = 300
_REF: Final = {"$ref": "#/components/schemas/Thing"}


def document() -> dict[str, Any]:
    """A small document: things are listed page by page, made, read and deleted, with an API key."""
    key = {"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}
    paging = [{"name": name, "in": "query", "schema": {"type": "integer", "minimum": 1}} for name in ("page", "limit")]
    gone = {"description": "There is no such thing."}
    refused = {"400": {"description": "It is not valid."}, "401": {"description": "The key is wrong."}}
    made = {"required": True, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/NewThing"}}}}

    def operation(name: str, status: str, schema: object, **more: Any) -> dict[str, Any]:
        content = {"content": {"application/json": {"schema": schema}}} if schema else {}
        found = {**refused, status: {"description": "It is done.", **content}, **more.pop("responses", {})}
        return {"operationId": name, "tags": ["things"], "responses": found, **more}

    one: dict[str, Any] = {"parameters": [key], "responses": {"404": gone}}
    rows = {"type": "array", "items": _REF}
    fields = {"title": {"type": "string", "maxLength": 40}, "state": {"type": "string", "enum": ["open", "closed"]}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Shop", "version": "1"},
        "servers": [{"url": "https://api.shop.example"}],
        "security": [{"key": []}],
        "paths": {
            "/things": {
                "get": operation("listThings", "200", rows, parameters=paging),
                "post": operation("createThing", "201", _REF, requestBody=made),
            },
            "/things/{id}": {
                "get": operation("getThing", "200", _REF, **one),
                "delete": operation("deleteThing", "204", None, **one),
            },
        },
        "components": {
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
            "schemas": {
                "NewThing": {"type": "object", "required": ["title"], "properties": fields},
                "Thing": {
                    "type": "object",
                    "required": ["id", "title"],
                    "properties": {"id": {"type": "integer", "readOnly": True}, **fields},
                },
            },
        },
    }


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Generator[str]:
    """The files of a folder on loopback; gives the address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


class Session:
    """Commands in a folder, run by a Python where accordant is installed with its workbench."""

    def __init__(self, python: Path, root: Path) -> None:
        self.python = python
        self.root = root
        self.documents = root / "vendor"
        self.folder = root / "acme-clients"
        self.environ: dict[str, str] = {}
        for each in (self.documents, self.folder):
            each.mkdir(parents=True)

    def accordant(self, *words: str, status: int = 0) -> str:
        """Run the command; returns what it printed, or raises where it ends otherwise than with ``status``."""
        return self.run("-m", "accordant", *words, status=status)

    def run(self, *words: str, status: int = 0) -> str:
        """Run Python in the project."""
        done = self._start(words)
        said = done.stdout + done.stderr
        if done.returncode != status or "Traceback" in said:
            last = " | ".join(said.strip().splitlines()[-6:])
            raise EnvironmentFailedError(f"{' '.join(words)}: exit {done.returncode}, not {status}: {last}")
        return said

    def _start(self, words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *words],
            cwd=self.folder,
            env=clean_environ() | self.environ,
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )

    def write(self, data: dict[str, Any]) -> None:
        """Let the vendor publish a document."""
        (self.documents / "openapi.json").write_text(json.dumps(data), encoding="utf-8")

    def files(self) -> dict[str, bytes]:
        """The files of the project, without what tests and Python leave."""
        found = {each.relative_to(self.folder): each for each in self.folder.rglob("*") if each.is_file()}
        return {
            place.as_posix(): file.read_bytes()
            for place, file in found.items()
            if place.parts[0] not in ("build", ".accordant") and file.suffix != ".pyc"
        }

    def begin(self) -> None:
        """``accordant init`` in the empty folder."""
        expect(self.accordant("init"), "next: pip install -e .; accordant vendor add NAME URL")

    def install(self) -> None:
        """Install the project as a user does."""
        self.run("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-e", ".")

    def look_installed(self) -> None:
        """Let Python find the project as if it were installed, without pip: by its folder and its metadata."""
        metadata = self.root / "metadata" / "acme_clients-0.1.0.dist-info"
        metadata.mkdir(parents=True)
        (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-clients\nVersion: 0.1.0\n")
        project = tomllib.loads((self.folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        lines = [
            line
            for group, points in project["entry-points"].items()
            for line in (f"[{group}]", *(f"{name} = {value}" for name, value in points.items()))
        ]
        (metadata / "entry_points.txt").write_text("\n".join(lines) + "\n")
        self.environ["PYTHONPATH"] = os.pathsep.join(map(str, (metadata.parent, self.folder / "src")))

    def add(self, url: str) -> str:
        """``accordant vendor add``: the document from loopback, a green contract run; returns what it printed."""
        said = self.accordant("vendor", "add", "shop", url)
        expect(said, "4 operations generated; contract tests: they pass")
        return said

    def same_bytes(self) -> None:
        """What is generated anew is what was there."""
        before = self.files()
        expect(self.accordant("regenerate", "--force"), "shop: same bytes")
        expect(self.accordant("regenerate", "--check"), "shop: generated code is up to date")
        if self.files() != before:
            raise EnvironmentFailedError("regenerate changed a file that nothing asked it to change")

    def _drift(self, changed: dict[str, Any], status: int) -> str:
        self.write(changed)
        place = str(self.documents / "openapi.json")
        return self.accordant("drift", "shop", "--document", place, status=status)

    def drifts(self) -> None:
        """A document without a field breaks callers, one with another operation does not; nothing is written."""
        before = self.files()
        changed = document()
        del changed["components"]["schemas"]["Thing"]["properties"]["state"]
        expect(
            self._drift(changed, status=1),
            "models.Thing: field `state` is gone",
        )
        changed = document()
        changed["paths"]["/ping"] = {"get": {"operationId": "ping", "responses": {"204": {"description": "Yes."}}}}
        expect(self._drift(changed, status=2), "ping")
        if self.files() != before:
            raise EnvironmentFailedError("drift changed a file of the project")

    def pulls(self) -> None:
        """The newer document is taken in from where the first one came, and its client generated."""
        expect(self.accordant("pull"), "next: accordant regenerate shop")
        expect(self.accordant("regenerate"), "_generated/shop")
        expect(self.accordant("call", "shop"), "ping")

    def first_call(self, said: str) -> None:
        """The five lines that ``vendor add`` printed are a program that prints a thing."""
        text = said.partition("A first call, against its sandbox:")[2].partition("What to read next:")[0]
        lines = [line[4:] for line in text.splitlines()[1:] if line.startswith("    ")]
        if len(lines) != 4 or not lines[0].startswith("from acme_clients.shop import Shop"):
            raise EnvironmentFailedError(f"no first call was printed: {text!r}")
        expect(self.run("-c", "\n".join(lines)), "Thing(")

    def remove(self, said: str, before: dict[str, bytes]) -> None:
        """What ``vendor add`` printed as undoing it leaves the project as it was before."""
        words = said.partition("Undo it: rm -r ")[2].splitlines()[0].split()
        for place in (self.folder / word for word in words):
            if place.is_dir():
                shutil.rmtree(place)
            else:
                place.unlink()
        shared = {"src/acme_clients/_generated/__init__.py"}
        left = {name: text for name, text in self.files().items() if name not in shared}
        if left != before:
            raise EnvironmentFailedError(f"removing the vendor left {sorted(set(left) ^ set(before))}")
        expect(self.accordant("regenerate", status=1), "Add one with `accordant vendor add NAME URL`")


def expect(said: str, words: str) -> None:
    """Raise where a command did not say it."""
    if words not in said:
        raise EnvironmentFailedError(f"nothing said {words!r}: {' | '.join(said.strip().splitlines()[-8:])}")


def play(session: Session, *, installed: bool, meanwhile: Callable[[Path], None] | None = None) -> None:
    """The whole session; with ``installed`` pip installs the project into the environment.

    ``meanwhile`` is called with the folder of the project when it has a vendor.
    """
    session.begin()
    before = session.files()
    (session.install if installed else session.look_installed)()
    session.write(document())
    with served(session.documents) as address:
        said = session.add(f"{address}/openapi.json")
        session.same_bytes()
        session.first_call(said)
        session.drifts()
        session.pulls()
    expect(session.accordant("sandbox", "shop", "--fault", "list"), "faults")
    expect(session.accordant("contract"), "passed")
    if meanwhile is not None:
        meanwhile(session.folder)
    session.remove(said, before)
