"""`Sandbox`: a vendor for tests, in process or on a loopback port."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypedDict, Unpack

import orjson

from accordant_sandbox.derive.vendor import vendor_from
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.exchange import Reply, Request, Steps
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.server.access import MAX_BODY, refused_body
from accordant_sandbox.server.access import control_token as checked_token
from accordant_sandbox.server.control import answer_control
from accordant_sandbox.server.cors import allow_origin, checked_origins, preflight
from accordant_sandbox.server.double import Double
from accordant_sandbox.server.raw_transport import Transport

if TYPE_CHECKING:
    from types import TracebackType

    from accordant_sandbox.server.serve import Server

__all__ = ["Sandbox"]

DOCUMENT: Final = "/openapi.json"
"""Where a sandbox serves its document, unless the vendor has something of its own there."""


class SandboxOptions(TypedDict, total=False):
    """The arguments of `Sandbox` beside the vendor."""

    seed: str
    random_seed: int
    clock: str | None
    real_time: bool
    faults: Sequence[str]
    settings: Mapping[str, Any] | None
    host: str
    port: int
    journal_size: int
    cors: Sequence[str]
    exposed: bool
    control_token: str | None


class Sandbox(Double):
    """A stateful double of a vendor.

    Args:
        vendor: Name of a vendor (see `vendors()`), or a vendor of your own.
        seed: Data set to begin with, options after a colon: `busy_day:appointments=2000`.
        random_seed: Seed of every id and token: the same seed and calls give the same responses.
        clock: Instant at which its time begins (RFC 3339); time then moves only by `clock.advance`.
        real_time: Follow the real clock instead.
        faults: Names of faults to arm from the start.
        settings: Vendor settings (`single_get`, `max_limit`, ...), and `max_body`, the bytes that a body may have.
        host: Loopback address of the server.
        port: Port of the server; 0 = a free one.
        journal_size: How many exchanges the journal keeps.
        cors: Origins of the web pages that a browser lets call it, such as `http://localhost:5173`; `*` is any. The
            control plane under `/_sandbox/` is never theirs.
        exposed: Let `host` be an address that other machines reach, as in a container. Whoever reaches it can use the
            sandbox with its invented credentials; its control plane asks for `control_token`.
        control_token: What the control plane asks for, 16 characters or more, as `Authorization: Bearer TOKEN`.

    Raises:
        SandboxError: An unknown vendor, seed, setting or fault; a host that is not loopback, unless `exposed` is on and
            there is a `control_token`; no origin.
    """

    def __init__(
        self,
        vendor: str | Vendor,
        *,
        seed: str = "default",
        random_seed: int = 7,
        clock: str | None = None,
        real_time: bool = False,
        faults: Sequence[str] = (),
        settings: Mapping[str, Any] | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        journal_size: int = 10_000,
        cors: Sequence[str] = (),
        exposed: bool = False,
        control_token: str | None = None,
    ) -> None:
        self._origins = checked_origins(cors)
        token = checked_token(control_token)
        if exposed and token is None:
            raise SandboxError("exposed=True needs a control_token: others could rewrite the sandbox without one")
        super().__init__(
            vendor,
            seed=seed,
            random_seed=random_seed,
            clock=clock,
            real_time=real_time,
            faults=faults,
            settings=settings,
            journal_size=journal_size,
        )
        self.control_token = token
        self._host, self._port, self._exposed = host, port, exposed
        self._server: Server | None = None

    @classmethod
    def for_document(
        cls, document: Mapping[str, Any] | str | Path, *, name: str | None = None, **options: Unpack[SandboxOptions]
    ) -> Sandbox:
        """A sandbox of whatever an effective document describes, without a line that is written for it.

        Args:
            document: The effective document as data, or the file that holds it.
            name: The vendor's name; by default that of the file, else the document's title.
            options: As for `Sandbox`.

        Raises:
            SandboxError: It is no effective document.
        """
        return cls(vendor_from(document, name), **options)

    # Reaching it

    @property
    def transport(self) -> Transport:
        """The sandbox as a callable, without a socket."""
        return Transport(self)

    @property
    def credentials(self) -> dict[str, Any]:
        """Client arguments for use in process: credentials, base URL and transport."""
        return self.credentials_for("default")

    def credentials_for(self, principal: str) -> dict[str, Any]:
        """Client arguments, in process, of one of the vendor's principals.

        Raises:
            SandboxError: The principal does not exist.
        """
        return {**self._login(principal), "base_url": self._base_url(self._root), "transport": self.transport}

    @property
    def principals(self) -> tuple[str, ...]:
        """The names that `credentials_for` takes."""
        return tuple(self.vendor.credentials)

    @property
    def url(self) -> str:
        """Base URL of the server on loopback; the first use starts it in a thread."""
        return self._base_url(self.root)

    @property
    def root(self) -> str:
        """Scheme, host and port of the server; the first use starts it."""
        return self._serving().root

    @property
    def http_credentials(self) -> dict[str, Any]:
        """Client arguments for use over HTTP."""
        return {**self._login("default"), "base_url": self.url}

    def env(self, principal: str = "default") -> dict[str, str]:
        """Environment variables for a client's `from_env()`, over HTTP.

        Those of another principal bear its name (`DISPATCH_THIRD_PARTY_CLIENT_ID`), as the contract tests read them.
        """
        prefix, values = self.vendor.name.upper(), self._login(principal)
        if principal == "default":
            return {f"{prefix}_{name.upper()}": value for name, value in {**values, "base_url": self.url}.items()}
        own = f"{principal}_"
        return {f"{prefix}_{own.upper()}{name.removeprefix(own).upper()}": value for name, value in values.items()}

    def exchange(self, request: Request) -> Reply:
        """Respond to one request: the vendor's API, or the control plane under `/_sandbox/`."""
        steps = self.answer(request)
        try:
            while True:
                work = next(steps)
                if work is not None:
                    work()
        except StopIteration as done:
            reply: Reply = done.value
            return reply

    def answer(self, request: Request) -> Steps:
        """Respond to one request in steps, between which others may run."""
        if len(request.body) > self.max_body:
            return self.refuse_body(request)
        if request.path == "/_sandbox" or request.path.startswith("/_sandbox/"):
            return (yield from answer_control(self, request))
        reply = preflight(request, self._origins) or self._document(request)
        if reply is None:
            reply = self.engine.exchange(request)
        allow_origin(request, reply, self._origins)
        return reply

    def _document(self, request: Request) -> Reply | None:
        """The effective document with the sandbox's own address, where it is asked for."""
        if request.path != DOCUMENT or request.method not in ("GET", "HEAD"):
            return None
        document = self.vendor.document
        if any(document.base_path + each.path == DOCUMENT for each in document.operations.values()):
            return None  # the vendor has an operation there
        server = {"url": self._base_url(request.root), "description": "this sandbox"}
        return Reply.plain(200, orjson.dumps({**document.data, "servers": [server]}), "application/json")

    @property
    def max_body(self) -> int:
        """How many bytes the body of a request may have."""
        return int(self.engine.settings.get("max_body", MAX_BODY))

    def refuse_body(self, request: Request) -> Reply:
        """Respond to a request whose body is too large."""
        reply = refused_body(self.max_body)
        self.engine.turn_away(request, reply)
        return reply

    def answers_for(self, host: str) -> bool:
        """Whether the in-process transport takes requests for that host."""
        own = f"{self.vendor.name.replace('_', '-')}.sandbox.localhost"
        return host in (own, "localhost", "127.0.0.1") or host.endswith(f".{own}")

    # Life

    def close(self) -> None:
        """Stop the server, if present."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Sandbox {self.name}: {len(self.operations)} operations, {self.journal.count} exchanges>"

    @property
    def _root(self) -> str:
        return f"http://{self.vendor.name.replace('_', '-')}.sandbox.localhost"

    def _base_url(self, root: str) -> str:
        return root + self.vendor.document.base_path

    def _login(self, principal: str) -> dict[str, str]:
        if principal not in self.vendor.credentials:
            raise unknown("principal", principal, self.vendor.credentials)
        return dict(self.vendor.credentials[principal])

    def _serving(self) -> Server:
        if self._server is None:
            from accordant_sandbox.server.serve import Server

            self._server = Server(self, self._host, self._port, exposed=self._exposed)
        return self._server
