"""What the browser is shown: the built site and an evidence page on loopback, and how a reader searches."""

from __future__ import annotations

import datetime
import http.server
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from accordant_contract.document.values import Exchange, Finding, Request, Response
from accordant_contract.evidence import store
from accordant_contract.evidence.record import record
from accordant_contract.run.profiles import PROFILES
from accordant_contract.run.runner import Run, Settings
from accordant_contract.target import targets, vendor

LONG: Final = "a-word-without-a-blank-that-no-window-of-a-telephone-has-room-for/" * 4


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing on the standard error stream."""


class _Files(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A browser that closes a page closes its connections in the midst of a response."""


@contextmanager
def served(folder: Path) -> Generator[str]:
    """The address of a folder on loopback, while the block runs."""
    server = _Files(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def write_evidence(folder: Path) -> None:
    """The evidence page of all vendors: every operation judged once, and each vendor with findings of long words."""
    for name in vendor.names():
        with targets.local(vendor.load(name), way="process") as target:
            run = Run(target, Settings(PROFILES["quick"], focus=(), fuzz=False))
            for number, operation in enumerate(run.document.operations):
                request = Request("GET", f"http://x/{LONG}?number={number}", (("X-Long", LONG),), b"")
                exchange = Exchange(operation, request, Response(200, (), LONG.encode()))
                found = [Finding("page_walk", operation, LONG, path=f"$.{LONG}", exchanges=(exchange,))]
                run.results.judge("page_walk", operation, found if number < 15 else [])
            store.save(folder, record(run, datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)))
    store.publish(folder, vendor.names())


_SEARCH: Final = """(() => {
  const text = each => each.matches("input:not([type=checkbox]):not([type=radio])");
  const inputs = root => [...root.querySelectorAll("*")].flatMap(
    each => [...(text(each) ? [each] : []), ...(each.shadowRoot ? inputs(each.shadowRoot) : [])]);
  return inputs(document)[0];
})()"""
"""The field into which a reader types; it is inside a shadow tree."""


def type_into_search(words: str) -> str:
    """A script that types words into the search; the search has to be open."""
    return f"""(() => {{
      const field = {_SEARCH}, set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value").set;
      set.call(field, {words!r});
      field.dispatchEvent(new Event("input", {{bubbles: true, composed: true}}));
    }})()"""


def results_of_search() -> str:
    """A script that returns the addresses of what the search found."""
    return f"[...({_SEARCH}?.getRootNode().querySelectorAll('a[href]') ?? [])].map(each => each.href)"


def search_is_open() -> str:
    """A script that returns whether there is a field to type into."""
    return f"Boolean({_SEARCH})"
