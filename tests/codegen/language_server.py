"""An editor's side of a language server: it opens files, and asks for hovers and for what is wrong."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 120.0
"""Seconds after which the server is taken for dead; on a busy machine it needs a few."""
ERROR = 1
"""The severity of an error in the protocol."""


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


class Editor:
    """Files of a folder that are open in an editor."""

    def __init__(self, server: Server, folder: Path) -> None:
        self._server = server
        self._folder = folder

    def hover(self, name: str, line: int, character: int) -> str:
        """What is shown at a place of a file, both counted from 0; empty where nothing is."""
        place = {"line": line, "character": character}
        reply = self._server.ask("textDocument/hover", textDocument=self._file(name), position=place)
        return "" if reply is None else str(reply["contents"]["value"])

    def errors(self, name: str) -> list[tuple[int, str]]:
        """The errors in a file: the line, counted from 1, and the message."""
        reply = self._server.ask("textDocument/diagnostic", textDocument=self._file(name))
        found = [each for each in reply["items"] if each["severity"] == ERROR]
        return [(each["range"]["start"]["line"] + 1, each["message"]) for each in found]

    def _file(self, name: str) -> dict[str, str]:
        return {"uri": (self._folder / name).as_uri()}


@contextmanager
def opened(folder: Path, files: Mapping[str, str]) -> Generator[Editor]:
    """An editor with these files, which are written into a folder that may hold a configuration."""
    for name, text in files.items():
        (folder / name).write_text(text)
    server = Server(folder)
    try:
        root = {"uri": folder.as_uri(), "name": "editor"}
        can = {"hover": {"contentFormat": ["markdown", "plaintext"]}, "diagnostic": {"dynamicRegistration": False}}
        server.ask(
            "initialize",
            processId=os.getpid(),
            rootUri=root["uri"],
            workspaceFolders=[root],
            capabilities={"textDocument": can},
        )
        server.notify("initialized")
        for name, text in files.items():
            document = {"uri": (folder / name).as_uri(), "languageId": "python", "version": 1, "text": text}
            server.notify("textDocument/didOpen", textDocument=document)
        yield Editor(server, folder)
    finally:
        server.close()
