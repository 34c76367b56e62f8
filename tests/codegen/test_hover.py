"""What an editor shows: a language server is asked for the hover of generated names."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
"""Seconds after which the server is taken for dead; on a busy machine it needs a few."""
PROGRAM = """\
import accordant.errors
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant_generated.dime_scheduler.models import Job
from accordant_generated.dispatch.models import Appointment


def shown(api: Dispatch, appointment: Appointment, job: Job) -> None:
    job.customer_no
    appointment.duration
    appointment.created_at
    api.appointments.create
    api.appointments
    accordant.errors.NotFoundError


async def shown_too(api: AsyncDispatch) -> None:
    api.appointments.create
"""


class Server:
    """A language server over its standard streams."""

    def __init__(self, folder: Path) -> None:
        program = Path(sys.executable).parent / "basedpyright-langserver"
        self._process = subprocess.Popen(
            [str(program), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=folder,
        )
        self._replies: queue.Queue[dict[str, Any]] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self._number = 0

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while line := stream.readline():
            if line.lower().startswith(b"content-length:"):
                while stream.readline().strip():
                    pass
                self._replies.put(json.loads(stream.read(int(line.split(b":")[1]))))

    def notify(self, method: str, **parameters: Any) -> None:
        """Tell the server something."""
        self._send({"jsonrpc": "2.0", "method": method, "params": parameters})

    def ask(self, method: str, **parameters: Any) -> Any:
        """Ask the server something; what it asks meanwhile gets an empty reply."""
        self._number += 1
        self._send({"jsonrpc": "2.0", "id": self._number, "method": method, "params": parameters})
        while True:
            reply = self._replies.get(timeout=PATIENCE)
            if "method" not in reply and reply.get("id") == self._number:
                assert "error" not in reply, reply
                return reply["result"]
            if "method" in reply and "id" in reply:
                items = reply["params"].get("items", []) if reply["method"] == "workspace/configuration" else None
                result: Any = None if items is None else [{} for _ in items]
                self._send({"jsonrpc": "2.0", "id": reply["id"], "result": result})

    def _send(self, message: dict[str, Any]) -> None:
        content = json.dumps(message).encode()
        stream = self._process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(content), content))
        stream.flush()

    def close(self) -> None:
        """End the server: it is asked to, and killed if it does not."""
        try:
            self.ask("shutdown")
            self.notify("exit")
            self._process.wait(timeout=PATIENCE)
        finally:
            self._process.kill()
        self._reader.join(timeout=PATIENCE)
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def hover(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """Asks for the hover of the last name in the first line with a text."""
    folder = tmp_path_factory.mktemp("editor")
    paths = [str(ROOT / name) for name in ("runtime", "generated", "overlays")]
    (folder / "pyrightconfig.json").write_text(json.dumps({"extraPaths": paths, "pythonVersion": "3.11"}))
    file = folder / "program.py"
    file.write_text(PROGRAM)
    server = Server(folder)
    try:
        root = {"uri": folder.as_uri(), "name": "editor"}
        shown = {"textDocument": {"hover": {"contentFormat": ["markdown", "plaintext"]}}}
        server.ask(
            "initialize", processId=os.getpid(), rootUri=root["uri"], workspaceFolders=[root], capabilities=shown
        )
        server.notify("initialized")
        opened = {"uri": file.as_uri(), "languageId": "python", "version": 1, "text": PROGRAM}
        server.notify("textDocument/didOpen", textDocument=opened)

        def ask(text: str, *, last: bool = False) -> str:
            lines = PROGRAM.splitlines()
            found = [number for number, line in enumerate(lines) if line.strip() == text]
            number = found[-1 if last else 0]
            place = {"line": number, "character": len(lines[number]) - 2}
            reply = server.ask("textDocument/hover", textDocument={"uri": file.as_uri()}, position=place)
            return "" if reply is None else str(reply["contents"]["value"])

        yield ask
    finally:
        server.close()


def test_fields(hover: Any) -> None:
    """The hover of a field shows its type and what the document says of it."""
    assert "duration: int" in hover("appointment.duration")
    assert "Length of the visit in seconds." in hover("appointment.duration")
    assert "Time of creation" in hover("appointment.created_at")


def test_fields_with_another_name_on_the_wire(hover: Any) -> None:
    """Such a field shows its type as any other does."""
    assert "customer_no: str | Unset | None" in hover("job.customer_no").replace("None | Unset", "Unset | None")
    assert "Number of the customer in the back office." in hover("job.customer_no")


@pytest.mark.parametrize("last", [False, True], ids=["blocking", "asynchronous"])
def test_methods(hover: Any, last: bool) -> None:
    """The hover of a method shows its arguments, what it does, and which errors it raises beside those of all."""
    text = hover("api.appointments.create", last=last)
    assert "status: AppointmentStatusInput" in text
    assert "Create an appointment for a job." in text
    assert "duration: Length of the visit in seconds" in text.replace("**", "").replace("`", "").replace("\\", "")
    assert "Also raises an APIStatusError for 400, 422." in text


def test_resources(hover: Any) -> None:
    """The hover of a resource says what its records are."""
    assert "Visits at which a technician works on a job." in hover("api.appointments")


def test_errors(hover: Any) -> None:
    """The hover of an error class says what happened."""
    assert "404" in hover("accordant.errors.NotFoundError")
