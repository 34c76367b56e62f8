"""A Chromium that a test drives, through its own pipe: no port, and no package beside the standard library.

Chromium speaks the DevTools protocol over two file descriptors (`--remote-debugging-pipe`): JSON, a zero byte after
each message. A test learns what a person at the screen would: what the page shows and how wide it is, what the console
says, and which addresses were asked.
"""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

__all__ = ["Browser", "BrowserError", "Page", "browser", "executable"]

NAMES: Final = ("chromium", "chromium-browser", "google-chrome", "chromium-headless-shell")
PATIENCE: Final = 60.0
"""Seconds for what a browser should do at once; a machine may be slow, and a test that waits so long has failed."""
_FLAGS: Final = (
    "--headless", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-extensions", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-back-forward-cache",
    "--hide-scrollbars", "--no-proxy-server", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)  # fmt: skip
"""It runs as root in containers, where Chromium's own sandbox cannot work; it opens pages of this machine alone."""


class BrowserError(Exception):
    """The browser did not do what it was asked."""


def executable() -> str | None:
    """The Chromium of `CHROMIUM`, or the first that is on the path."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """A running Chromium."""

    def __init__(self, program: str, profile: Path) -> None:
        to_read, self._write = (_high(end) for end in os.pipe())
        self._read, to_write = (_high(end) for end in os.pipe())
        self._numbers = count(1)
        self._buffer = b""
        self._tabs: list[tuple[str, str]] = []
        """Tabs that are free, each with its session: a page in one costs a fifth of one in a tab of its own."""
        self.events: list[dict[str, Any]] = []
        log = str(profile / "log")
        actions = [
            (os.POSIX_SPAWN_DUP2, to_read, 3),
            (os.POSIX_SPAWN_DUP2, to_write, 4),
            (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600),
            (os.POSIX_SPAWN_DUP2, 1, 2),
        ]
        command = [program, *_FLAGS, f"--user-data-dir={profile / 'profile'}", "about:blank"]
        home = {**os.environ, "HOME": str(profile)}
        self._process = os.posix_spawnp(program, command, home, file_actions=actions, setpgroup=0)
        os.close(to_read)
        os.close(to_write)

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        """Send a command, and return its result; events that come meanwhile are kept."""
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters, **({"sessionId": session} if session else {})}
        os.write(self._write, json.dumps(message).encode() + b"\0")
        deadline = time.monotonic() + PATIENCE
        while True:
            received = self._receive(deadline)
            if received.get("id") == number:
                if "error" in received:
                    raise BrowserError(f"{method}: {received['error']['message']}")
                result: dict[str, Any] = received["result"]
                return result
            self.events.append(received)

    def wait(self, session: str, method: str, **equal: Any) -> None:
        """Return when an event of a page has come, with these values in it."""
        self.hear(lambda: any(_is(event, session, method, equal) for event in self.events))

    def hear(self, enough: Callable[[], bool]) -> None:
        """Take events until they are enough."""
        deadline = time.monotonic() + PATIENCE
        while not enough():
            self.events.append(self._receive(deadline))

    def _receive(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            part = os.read(self._read, 1 << 20) if ready else b""
            if not part:
                raise BrowserError("the browser has ended" if ready else f"no word of the browser for {PATIENCE:g} s")
            self._buffer += part
        text, _, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def close(self) -> None:
        """End it, with all of its processes."""
        os.close(self._write)
        os.close(self._read)
        os.killpg(self._process, signal.SIGKILL)
        os.waitpid(self._process, 0)

    @contextmanager
    def page(self, address: str, width: int, height: int = 900) -> Generator[Page]:
        """A page, opened and loaded, in a window of that width; it finds nothing of the page that its tab showed."""
        target, session = self._tabs.pop() if self._tabs else self._tab()
        left = False
        try:
            size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}
            self.call("Emulation.setDeviceMetricsOverride", session, **size)
            self._open(session, address)
            page = Page(self, session)
            page.rest()
            yield page
            page.run("sessionStorage.clear()")
            self._open(session, "about:blank")
            left = True
        finally:
            if left:
                self._tabs.append((target, session))
            else:
                self.call("Target.closeTarget", targetId=target)
            self.events = [event for event in self.events if event.get("sessionId") != session]

    def _tab(self) -> tuple[str, str]:
        """A new tab, and the session in which it says what happens."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable", session)
        self.call("Page.setLifecycleEventsEnabled", session, enabled=True)
        return target, session

    def _open(self, session: str, address: str) -> None:
        loader = self.call("Page.navigate", session, url=address).get("loaderId")
        self.wait(session, "Page.lifecycleEvent", name="load", loaderId=loader)


class Page:
    """An open page."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def run(self, script: str) -> Any:
        """The value of an expression in the page; a promise is awaited."""
        done = self._browser.call(
            "Runtime.evaluate", self._session, expression=script, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in done:
            raise BrowserError(f"{script}: {done['exceptionDetails']}")
        return done["result"].get("value")

    def until(self, condition: str) -> None:
        """Return as soon as an expression is true in the page."""
        script = f"""new Promise(found => {{
          const end = performance.now() + {PATIENCE * 500};
          const look = () => {{
            const value = Boolean({condition});
            if (value || performance.now() > end) found(value); else setTimeout(look, 20);
          }};
          look();
        }})"""
        if not self.run(script):
            raise BrowserError(f"the page never came to: {condition}; it shows: {self.text()[:2000]}")

    def rest(self) -> None:
        """Return when everything that the page has asked for is there, and its scripts have nothing at hand to do.

        Chromium's own events of that kind come half a second after the last request.
        """
        while True:
            self._browser.hear(lambda: not self._asked())
            self.run("new Promise(found => requestIdleCallback(found, {timeout: 1000}))")
            if not self._asked():
                return

    def _asked(self) -> set[str]:
        """The requests that have neither a response nor an error yet. Nobody is told when a worker has its script."""
        begun: set[str] = set()
        for event in self._events():
            told = event["params"]
            if event["method"] == "Network.requestWillBeSent" and told["loaderId"]:
                begun.add(told["requestId"])
            if event["method"] in ("Network.loadingFinished", "Network.loadingFailed"):
                begun.discard(told["requestId"])
        return begun

    def text(self) -> str:
        """What the page shows."""
        return str(self.run("document.body.innerText"))

    def complaints(self) -> list[str]:
        """Errors and warnings in the page's console, and exceptions of its scripts."""
        found: list[str] = []
        for event in self._events():
            told = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(str(told["exceptionDetails"]))
            if event["method"] == "Log.entryAdded" and told["entry"]["level"] in ("error", "warning"):
                found.append(f"{told['entry']['text']} {told['entry'].get('url', '')}")
            if event["method"] == "Runtime.consoleAPICalled" and told["type"] in ("error", "warning", "assert"):
                found.append(str([each.get("value", each.get("description")) for each in told["args"]]))
        return found

    def hosts(self) -> set[str]:
        """The hosts that the page asked for anything."""
        asked: list[str] = [
            each["params"]["request"]["url"] for each in self._events() if each["method"] == "Network.requestWillBeSent"
        ]
        return {urlsplit(url).netloc for url in asked if urlsplit(url).scheme not in ("data", "blob", "about")}

    def overflow(self) -> list[str]:
        """What makes the page wider than its window: nothing, on a page that fits."""
        return list(
            self.run("""(() => {
              const wide = document.documentElement, room = wide.clientWidth;
              if (Math.max(wide.scrollWidth, document.body.scrollWidth) <= room) return [];
              const right = each => each.getBoundingClientRect().right;
              return [...document.querySelectorAll("body *")].filter(each => right(each) > room + 1)
                .map(each => `${each.tagName} ${each.id} ${each.className}: ${right(each)} > ${room}`)
                .slice(0, 10).concat("wider than the window");
            })()""")
        )

    def picture(self, place: Path) -> None:
        """Keep what the window shows, for people."""
        import base64

        shot = self._browser.call("Page.captureScreenshot", self._session, format="png")
        place.write_bytes(base64.b64decode(shot["data"]))

    def _events(self) -> list[dict[str, Any]]:
        return [event for event in self._browser.events if event.get("sessionId") == self._session]


@contextmanager
def browser(program: str) -> Generator[Browser]:
    """A Chromium with a profile that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="accordant-browser", ignore_cleanup_errors=True) as profile:
        running = Browser(program, Path(profile))
        try:
            yield running
        finally:
            running.close()


def _high(end: int) -> int:
    """The same end of a pipe under a number that 3 and 4 do not collide with."""
    moved = fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(end)
    return moved


def _is(event: dict[str, Any], session: str, method: str, equal: dict[str, Any]) -> bool:
    return (
        event.get("sessionId") == session
        and event.get("method") == method
        and all(event["params"].get(name) == value for name, value in equal.items())
    )
