"""`Sandbox`: a vendor for tests, in process or on a loopback port."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from accordant_sandbox.engine.auth import Principal
from accordant_sandbox.engine.clock import DEFAULT_START, Clock
from accordant_sandbox.engine.engine import Engine
from accordant_sandbox.engine.state import Snapshot, StateView
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.errors import DefectError, SandboxError, unknown
from accordant_sandbox.model.factories import make_rows
from accordant_sandbox.model.vendor import Vendor, load
from accordant_sandbox.server.access import MAX_BODY, body_limit, refused_body
from accordant_sandbox.server.actions import Actions
from accordant_sandbox.server.control import answer_control
from accordant_sandbox.server.raw_transport import Transport

if TYPE_CHECKING:
    from types import TracebackType

    from accordant_sandbox.engine.journal import Journal
    from accordant_sandbox.engine.outbox import Outbox
    from accordant_sandbox.faults.base import Armed, Fault
    from accordant_sandbox.http.exchange import Reply, Request, Steps
    from accordant_sandbox.http.response_validation import Defect
    from accordant_sandbox.model.rules import Rule
    from accordant_sandbox.server.serve import Server

__all__ = ["Actions", "Sandbox", "parse_seed"]


class Sandbox:
    """A stateful double of a vendor.

    Args:
        vendor: Name of a vendor (see `vendors()`), or a vendor of your own.
        seed: Data set to begin with, options after a colon: `busy_day:appointments=2000`.
        random_seed: Seed of every id and token: the same seed and calls give the same answers.
        clock: Instant at which its time begins (RFC 3339); time then moves only by `clock.advance`.
        real_time: Follow the real clock instead.
        faults: Names of faults to arm from the start.
        settings: Vendor settings (`single_get`, `max_limit`, ...), and `max_body`, the bytes that a body may have.
        host: Loopback address of the server.
        port: Port of the server; 0 = a free one.
        journal_size: How many exchanges the journal keeps.

    Raises:
        SandboxError: An unknown vendor, seed, setting or fault; a host that is not loopback.
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
    ) -> None:
        if real_time and clock is not None:
            raise SandboxError("give either clock= or real_time=True")
        body_limit((settings or {}).get("max_body", MAX_BODY))
        self.vendor = load(vendor) if isinstance(vendor, str) else vendor
        start = clock or DEFAULT_START
        self.clock = Clock(start, (lambda: datetime.now(UTC)) if real_time else None)
        self.engine = Engine(
            self.vendor,
            clock=self.clock,
            random_seed=random_seed,
            settings=settings or {},
            journal_size=journal_size,
        )
        self.strangers: list[Request] = []
        """Requests that the in-process transport was asked to send to other hosts; they were refused."""
        self.snapshots: dict[str, Snapshot] = {}
        """Snapshots taken over the control plane, by name."""
        self._host, self._port = host, port
        self._server: Server | None = None
        self._first_faults = tuple(faults)
        self._seed(seed)
        self._arm_first()
        self._start = self.engine.snapshot()

    # What exists

    @staticmethod
    def catalogue(vendor: str) -> tuple[Fault, ...]:
        """The faults that apply to a vendor, each with the operation ids at which it does."""
        return load(vendor).catalogue

    @property
    def name(self) -> str:
        """The vendor's name."""
        return self.vendor.name

    @property
    def operations(self) -> frozenset[str]:
        """Ids of the operations that are served."""
        return frozenset(self.vendor.operations.served)

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
            SandboxError: There is no such principal.
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
        """Answer one request: the vendor's API, or the control plane under `/_sandbox/`."""
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
        """Answer one request in steps, between which others may be answered."""
        if len(request.body) > self.max_body:
            return self.refuse_body(request)
        if request.path == "/_sandbox" or request.path.startswith("/_sandbox/"):
            return (yield from answer_control(self, request))
        return self.engine.exchange(request)

    @property
    def max_body(self) -> int:
        """How many bytes the body of a request may have."""
        return int(self.engine.settings.get("max_body", MAX_BODY))

    def refuse_body(self, request: Request) -> Reply:
        """Answer a request whose body is too large."""
        reply = refused_body(self.max_body)
        self.engine.turn_away(request, reply)
        return reply

    def answers_for(self, host: str) -> bool:
        """Whether the in-process transport takes requests for that host."""
        own = f"{self.vendor.name.replace('_', '-')}.sandbox.localhost"
        return host in (own, "localhost", "127.0.0.1") or host.endswith(f".{own}")

    # State

    @property
    def state(self) -> StateView:
        """The rows: `state.jobs[123]`, `state.jobs.all(status="scheduled")`, `state.jobs.one(title="Tap")`."""
        return StateView(self.engine)

    def given(self, collection: str, count: int = 1, **values: Any) -> list[dict[str, Any]]:
        """Store valid rows with the given values, parents made where needed, as the default principal; returns them.

        Raises:
            SandboxError: No such collection, or impossible values.
        """
        return self.make(collection, count, values)

    def make(self, collection: str, count: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`given` with the values as a mapping, for fields of any name.

        Raises:
            SandboxError: No such collection, or impossible values.
        """
        if collection not in self.vendor.collections:
            raise unknown("collection", collection, self.state.names())
        if count < 0:
            raise SandboxError(f"given {collection}: {count} rows cannot be made")
        with self.engine.lock:
            owner = self.engine.state.tables.get("_principals", Table()).get("default")
            tx = self.engine.transaction(Principal.of(owner) if owner else None, "given")
            rows = make_rows(tx, self.vendor.collections[collection], count, values)
            tx.commit()
        return rows

    def reset(self) -> None:
        """As at the start: data, clock, ids, journal, outbox, defects; the faults of the start armed afresh."""
        with self.engine.lock:
            self.clock.reset()
            self.engine.restore(self._start)
            self.engine.journal.clear()
            self.engine.outbox.clear()
            self.engine.defects.clear()
            self.engine.used_rules.clear()
            self.strangers.clear()
            self.engine.faults.clear()
            self._arm_first()

    def snapshot(self) -> Snapshot:
        """The present data, to come back to with `restore`."""
        return self.engine.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Back to a snapshot; clock, journal and faults stay as they are."""
        self.engine.restore(snapshot)

    @property
    def act(self) -> Actions:
        """What people do in the vendor's web product: `act.<action>(...)`."""
        return Actions(self.engine)

    # What happened

    @property
    def journal(self) -> Journal:
        """The latest exchanges."""
        return self.engine.journal

    @property
    def outbox(self) -> Outbox:
        """Events and webhooks."""
        return self.engine.outbox

    @property
    def defects(self) -> list[Defect]:
        """Answers that broke the document: faults of the sandbox itself. Always empty, or a bug to report."""
        return self.engine.defects

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that took part in answers so far."""
        return tuple(self.vendor.rules[name] for name in self.engine.used_rules)

    @property
    def assumptions(self) -> tuple[Rule, ...]:
        """Those of them for which there is no source: what a test rests on without proof."""
        return tuple(rule for rule in self.rules if rule.evidence == "assumed")

    def raise_defects(self) -> None:
        """Raise if the sandbox itself misbehaved.

        Raises:
            DefectError: It names every defect.
        """
        if self.defects:
            raise DefectError("the sandbox broke its own document:\n" + "\n".join(map(str, self.defects)))

    # Faults

    @contextmanager
    def fault(self, name: str, **how: Any) -> Generator[Armed]:
        """Arm a fault for the duration of the block: `on=`, `times=`, `after=`, `every=`, and the fault's options.

        Raises:
            SandboxError: Unknown, or not applicable there.
        """
        armed = self.arm(name, **how)
        try:
            yield armed
        finally:
            self.engine.faults.disarm(armed)

    def arm(self, name: str, **how: Any) -> Armed:
        """Arm a fault until `reset` or `engine.faults.disarm`."""
        with self.engine.lock:
            return self.engine.faults.arm(name, **how)

    @property
    def idle_faults(self) -> list[Armed]:
        """Faults that were armed and never acted."""
        return self.engine.faults.idle()

    # Life

    def close(self) -> None:
        """Stop the server, if there is one."""
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

            self._server = Server(self, self._host, self._port)
        return self._server

    def _seed(self, text: str) -> None:
        name, options = parse_seed(text)
        known = self.vendor.options_of(name)
        for option in options:
            if option not in known:
                raise unknown(f"option of the seed {name!r}", option, known)
        tx = self.engine.transaction(by="seed")
        self.vendor.seeds[name](tx, **options)
        tx.commit()

    def _arm_first(self) -> None:
        for name in self._first_faults:
            self.engine.faults.arm(name)


def parse_seed(text: str) -> tuple[str, dict[str, int]]:
    """A seed's name and options: `busy_day:appointments=2000,technicians=40`.

    Raises:
        SandboxError: An option is not of the form name=number.
    """
    name, _, rest = text.partition(":")
    options: dict[str, int] = {}
    for part in rest.split(",") if rest else ():
        option, _, value = part.partition("=")
        if not value.strip().isdigit():
            raise SandboxError(f"seed option {part!r}: write name=number, such as busy_day:appointments=2000")
        options[option.strip()] = int(value)
    return name, options
