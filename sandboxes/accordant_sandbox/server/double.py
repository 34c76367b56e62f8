"""A double of a vendor: its engine, and everything that a test may do to it; `Sandbox` makes it reachable."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from accordant_sandbox.engine.clock import DEFAULT_START, Clock
from accordant_sandbox.engine.engine import Engine
from accordant_sandbox.engine.har import har
from accordant_sandbox.engine.journal import Journal
from accordant_sandbox.engine.outbox import Outbox
from accordant_sandbox.engine.state import Snapshot
from accordant_sandbox.engine.state_view import StateView
from accordant_sandbox.engine.tables import Table
from accordant_sandbox.errors import DefectError, SandboxError, unknown
from accordant_sandbox.faults import catalogue
from accordant_sandbox.faults.stubs import StubbedResponse
from accordant_sandbox.http.exchange import ABSENT, Request
from accordant_sandbox.http.response_validation import Defect
from accordant_sandbox.model.factories import make_rows
from accordant_sandbox.model.faults import Armed, Fault
from accordant_sandbox.model.rules import Rule
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.ports import Principal
from accordant_sandbox.server.access import MAX_BODY, body_limit
from accordant_sandbox.server.actions import Actions
from accordant_sandbox.server.record_fields import RecordFields
from accordant_sandbox.server.seeding import fill
from accordant_sandbox.server.stubbing import Stub, place_stub
from accordant_sandbox.vendors import load

__all__ = ["Double"]


class Double:
    """A vendor's behaviour with its own data, time and faults; see `Sandbox` for the arguments."""

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
            catalogue=catalogue,
            clock=self.clock,
            random_seed=random_seed,
            settings=settings or {},
            journal_size=journal_size,
        )
        self.strangers: list[Request] = []
        """Requests that the in-process transport was asked to send to other hosts; they were refused."""
        self.control_token: str | None = None
        """What the control plane asks for over a socket, where others can reach the sandbox."""
        self.snapshots: dict[str, Snapshot] = {}
        """Snapshots taken over the control plane, by name."""
        self._fields = RecordFields(self.vendor)
        self._first_faults = tuple(faults)
        fill(self.engine, seed, keep=isinstance(vendor, str) and not real_time)
        self.engine.outbox.clear()  # the seed was there before
        self._arm_first()
        self._start = self.engine.snapshot()

    # What exists

    @staticmethod
    def catalogue(vendor: str) -> tuple[Fault, ...]:
        """The faults that apply to a vendor, each with the operation ids at which it does."""
        return catalogue(load(vendor))

    @property
    def name(self) -> str:
        """The vendor's name."""
        return self.vendor.name

    @property
    def operations(self) -> frozenset[str]:
        """Ids of the operations that are served."""
        return frozenset(self.vendor.operations.served)

    # State

    @property
    def state(self) -> StateView:
        """The rows: `state.jobs[123]`, `state.jobs.all(status="scheduled")`, `state.jobs.one(title="Tap")`."""
        return StateView(self.engine.store, self._fields.stored)

    def given(self, collection: str, count: int = 1, **values: Any) -> list[dict[str, Any]]:
        """Store valid rows with the given values, parents made where needed, as the default principal; returns them.

        Names of fields may be in snake_case, whatever the vendor's spelling.

        Raises:
            SandboxError: The collection or a field does not exist, or impossible values.
        """
        return self.make(collection, count, values)

    def make(self, collection: str, count: int, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        """`given` with the values as a mapping, for fields of any name.

        Raises:
            SandboxError: The collection does not exist, or impossible values.
        """
        if collection not in self.vendor.collections:
            raise unknown("collection", collection, self.state.names())
        if count < 0:
            raise SandboxError(f"given {collection}: {count} rows cannot be made")
        with self.engine.lock:
            owner = self.engine.state.tables.get("_principals", Table()).get("default")
            tx = self.engine.transaction(Principal.of(owner) if owner else None, "given")
            rows = make_rows(tx, self.vendor.collections[collection], count, values, self._fields.stored)
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
            self.engine.mended.clear()
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

    def har(self) -> dict[str, Any]:
        """The journal as a recording, HAR 1.2, which other tools show and `make contract HAR=` judges."""
        return har(self.journal, f"sandbox {self.name}")

    @property
    def outbox(self) -> Outbox:
        """Events and webhooks."""
        return self.engine.outbox

    @property
    def defects(self) -> list[Defect]:
        """Responses that broke the document: faults of the sandbox itself. Always empty, or a bug to report."""
        return self.engine.defects

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules that took part in responses so far."""
        return tuple(self.vendor.rule(name) for name in self.engine.used_rules)

    @property
    def assumptions(self) -> tuple[Rule, ...]:
        """Those of them for which there is no source: what a test rests on without proof."""
        return tuple(rule for rule in self.rules if rule.evidence == "assumed")

    @property
    def derived(self) -> tuple[Rule, ...]:
        """What the sandbox does because the document alone says so: rules with the evidence `document`."""
        return tuple(self.vendor.derived)

    @property
    def stale(self) -> tuple[str, ...]:
        """Hand-written lines that name what the document no longer has, each as a sentence with file and line."""
        return self.vendor.stale

    @property
    def mended(self) -> list[Defect]:
        """Responses of derived operations that did not fit the document, and were made to fit it."""
        return self.engine.mended

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

    def stub(
        self,
        operation: str,
        *,
        status: int | None = None,
        body: Any = ABSENT,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
        media_type: str | None = None,
        delay: float = 0.0,
        times: int | None = None,
        after: int = 0,
        check: bool = True,
    ) -> Stub:
        """Choose what an operation returns: `sandbox.stub("getJob", status=503, times=2)`.

        Without a body a failure has the vendor's own form of errors, and a success is made up from the document. The
        call is not looked at: nothing is stored, and its credentials do not matter. A stub lasts until its `times` are
        used up, until `remove()`, the end of its `with` block, or `reset`; stubs of one operation serve one after
        another.

        Args:
            operation: The operationId.
            status: HTTP status; by default that of the operation's success.
            body: Value that is sent as JSON.
            headers: Headers beside those that every response has.
            content: Bytes that are sent as they are, in place of `body`.
            media_type: Content type of `body` or `content`; by default the one that the document has.
            delay: Seconds that the response takes; in process they pass on the sandbox's clock.
            times: How many calls get this response; None = all.
            after: How many calls pass before the first.
            check: Hold status, headers and body against the document, and refuse what it forbids.

        Raises:
            SandboxError: An unknown operation, impossible values, or a response that the document forbids.
        """
        if operation not in self.vendor.operations.served:
            raise unknown("operation", str(operation), self.vendor.operations.served)
        response = StubbedResponse(
            status=status,
            body=body,
            headers=headers,
            content=content,
            media_type=media_type,
            delay=delay,
            check=check,
        )
        with self.engine.lock:
            return place_stub(self.engine.faults, self.vendor.document.operations[operation], response, times, after)

    @property
    def idle_faults(self) -> list[Armed]:
        """Faults that were armed and never acted; stubs that were never called."""
        return self.engine.faults.idle()

    # The start

    def _arm_first(self) -> None:
        for name in self._first_faults:
            self.engine.faults.arm(name)
