"""Where the requests go: a sandbox of our own, or any address with credentials from the environment."""

from __future__ import annotations

import datetime
import math
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any, Final, Literal, Protocol, TypeAlias

import httpx
from attrs import define, field

from accordant_runtime import is_object
from accordant_sandbox import Sandbox

from ..document.document import load as load_document
from ..errors import ContractError, DeadTargetError, MissingSecretError, SilentTargetError
from .addresses import given_parts
from .held import HeldRecord, held
from .patience import Patience
from .senders import LOOPBACK, Send, sender_to
from .vendor import Secrets, TargetVendor

KNOCK: Final = 8.0
"""Seconds after which an address without a response is given up."""


class Control(Protocol):
    """Time at the target, where a test may move it."""

    def now(self) -> datetime.datetime:
        """The present at the target, with an offset."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the target's clock forward by that many seconds."""
        ...


@define
class Target(AbstractContextManager["Target"]):
    """One place to send to.

    ``base`` is its address with the document's base path. ``exclusive`` says that nobody else changes what it holds,
    ``writes`` that a run may change it, ``guarded`` that it may change only records that it made itself.
    ``patience`` is what a target needs that is not this run's alone; without it nothing is waited for, and
    every request is judged.
    ``held`` are records that are known to be there from the beginning.
    ``client_arguments`` are what the vendor's client is made with, over HTTP where ``base`` may be in process.
    ``fuzzed_in_process`` says that the fuzzer sends by ``send`` as well.
    ``faulty`` says that it is a sandbox which was told to go wrong, so that nobody waits for it long.
    """

    vendor: TargetVendor
    label: str
    base: str
    send: Send
    secrets: Secrets = field(repr=False)
    foreign_tenant: Secrets | None = field(default=None, repr=False)
    weaker: Mapping[str, Secrets] = field(factory=dict[str, "Secrets"], repr=False)
    schemes: Mapping[str, Secrets] = field(factory=dict[str, "Secrets"], repr=False)
    control: Control | None = None
    exclusive: bool = False
    writes: bool = True
    guarded: bool = False
    timeout: float = 10.0
    sandbox: Sandbox | None = None
    client_arguments: Mapping[str, Any] = field(factory=dict[str, Any], repr=False)
    close: Callable[[], None] = lambda: None
    patience: Patience | None = field(default=None, repr=False)
    held: tuple[HeldRecord, ...] = field(default=(), repr=False)
    fuzzed_in_process: bool = False
    faulty: bool = False

    @property
    def url(self) -> str:
        """Its address over HTTP; the first use of a sandbox's starts its server."""
        return self.sandbox.url.rstrip("/") if self.sandbox else self.base

    def now(self) -> datetime.datetime:
        """The present at the target."""
        return self.control.now() if self.control else datetime.datetime.now(datetime.UTC)

    def wait(self, seconds: float) -> None:
        """Let time pass: on the target's clock where it can be moved, else really."""
        if self.control:
            self.control.advance(seconds)
        else:
            time.sleep(seconds)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _SandboxClock:
    """The clock of a sandbox in this process."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def now(self) -> datetime.datetime:
        return self._sandbox.clock.now()

    def advance(self, seconds: float) -> None:
        self._sandbox.clock.advance(seconds=seconds)


class RemoteClock:
    """The clock of a sandbox that runs elsewhere on this machine, through its control plane."""

    def __init__(self, root: str, send: Send) -> None:
        self._url = f"{root}/_sandbox/clock"
        self._send = send
        self._ahead: datetime.timedelta | None = None

    def now(self) -> datetime.datetime:
        """The present at the sandbox; it is asked once, and this machine's clock goes on from there."""
        if self._ahead is None:
            self._ahead = self.read("GET", b"") - datetime.datetime.now(datetime.UTC)
        return datetime.datetime.now(datetime.UTC) + self._ahead

    def advance(self, seconds: float) -> None:
        """Move its clock forward."""
        self._ahead = None
        self.read("POST", b'{"seconds": %d}' % math.ceil(seconds))

    def read(self, method: str, body: bytes) -> datetime.datetime:
        """Send to its control route, and return its time; raises :class:`SilentTargetError` where it tells none."""
        _, _, content = self._send(method, self._url, [("Content-Type", "application/json")], body, 5.0)
        try:
            return datetime.datetime.fromisoformat(httpx.Response(200, content=content).json()["now"])
        except (ValueError, TypeError, KeyError):
            raise SilentTargetError(f"{self._url} does not tell the sandbox's time any more; start it anew") from None


Way: TypeAlias = Literal["http", "mixed", "process"]
"""How a sandbox of our own is reached: over HTTP; in process but for the client, which goes over HTTP: twice as fast;
or everything in process."""


def local(vendor: TargetVendor, *, seed: int = 7, faults: Sequence[str] = (), way: Way = "http") -> Target:
    """A sandbox of our own."""
    sandbox = Sandbox(vendor.name, random_seed=seed, faults=faults, **vendor.sandbox)
    base = sandbox.url if way == "http" else str(sandbox.credentials["base_url"])
    sender = sender_to(base) if way == "http" else None

    def close() -> None:
        if sender:
            sender.close()
        sandbox.close()

    def secrets(principal: str) -> Secrets:
        given = sandbox.credentials_for(principal)
        return {name: str(value) for name, value in given.items() if name not in ("base_url", "transport")}

    def over_http() -> dict[str, Any]:
        return {**secrets(vendor.principal), "base_url": sandbox.url}

    return Target(
        vendor,
        "sandbox",
        base.rstrip("/"),
        sender or sandbox.transport,
        secrets(vendor.principal),
        secrets(vendor.foreign_tenant) if vendor.foreign_tenant else None,
        {name: secrets(name) for name in vendor.weaker},
        {name: secrets(scheme.principal) for name, scheme in vendor.schemes.items()},
        _SandboxClock(sandbox),
        exclusive=True,
        timeout=5.0 if faults else 30.0,  # a busy machine is no fault of a sandbox; one that hangs was told to
        sandbox=sandbox,
        client_arguments=sandbox.credentials_for(vendor.principal) if way == "process" else over_http(),
        close=close,
        held=held(sandbox, load_document(vendor.name)) if vendor.described else (),
        fuzzed_in_process=way != "http",
        faulty=bool(faults),
    )


def remote(vendor: TargetVendor, url: str, environment: Mapping[str, str], *, write: bool = False) -> Target:
    """The API at ``url``, with credentials from the environment; raises when one is missing or nothing responds.

    A run changes nothing there unless the address is that of a sandbox on this machine; with ``write`` it may make
    records, and change and delete those.
    """
    parts = given_parts(url, "TARGET")
    if parts.username is not None or parts.password is not None:
        del url, parts  # neither the message nor a traceback with local variables shows the password
        raise ContractError("TARGET cannot hold a user name or a password: set the vendor's variables instead")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ContractError(f"TARGET={url!r}: credentials travel over https only, but to this machine")
    secrets = _secrets(vendor, url, environment)
    sender = sender_to(url)
    _knock(sender, url)
    base = url.rstrip("/")
    control = _control(parts.hostname, f"{parts.scheme}://{parts.netloc}", sender)
    schemes = _schemes(vendor, environment)
    # A client that is made from its document has an argument for each secret of each scheme.
    others = {name: each for found in schemes.values() for name, each in found.items() if vendor.described}
    target = Target(
        vendor,
        url,
        base,
        sender,
        secrets,
        _principal(vendor, vendor.foreign_tenant, environment) if vendor.foreign_tenant else None,
        {name: found for name in vendor.weaker if (found := _principal(vendor, name, environment))},
        schemes,
        control=control,
        writes=write or control is not None,
        guarded=write and control is None,
        exclusive=parts.hostname in LOOPBACK,
        timeout=5.0 if parts.hostname in LOOPBACK else 20.0,
        client_arguments={**others, **secrets, "base_url": base},
        close=sender.close,
    )
    target.patience = Patience(vendor.limits, target.now, target.wait)
    return target


def _secrets(vendor: TargetVendor, url: str, environment: Mapping[str, str]) -> Secrets:
    for names in (vendor.secrets, vendor.instead):
        found = {name: environment.get(vendor.variable(name), "") for name in names}
        if found and all(found.values()):
            return found
    missing = [vendor.variable(name) for name in vendor.secrets if not environment.get(vendor.variable(name))]
    others = f" (or {', '.join(map(vendor.variable, vendor.instead))})" if vendor.instead else ""
    raise MissingSecretError(f"{vendor.name} at {url}: set {', '.join(missing)}{others} in the environment")


def _principal(vendor: TargetVendor, principal: str, environment: Mapping[str, str]) -> Secrets | None:
    """The secrets of another principal: all variables that bear its name."""
    prefix = vendor.variable(f"{principal}_")
    found = {name.removeprefix(prefix).lower(): value for name, value in environment.items() if name.startswith(prefix)}
    return found if found and all(found.values()) else None


def _schemes(vendor: TargetVendor, environment: Mapping[str, str]) -> dict[str, Secrets]:
    """The secrets of the schemes that have them all in the environment."""
    found: dict[str, Secrets] = {}
    for name, scheme in vendor.schemes.items():
        secrets = {each: environment.get(vendor.variable(each), "") for each in scheme.secrets}
        if all(secrets.values()):
            found[name] = secrets
    return found


def _knock(send: Send, url: str) -> None:
    try:
        send("GET", url, [], b"", KNOCK)
    except (ConnectionError, TimeoutError) as error:
        raise DeadTargetError(
            f"nothing responds at {url} ({error}); is it running, and is the address right?"
        ) from error


def _control(host: str | None, root: str, send: Send) -> Control | None:
    """The control plane of a sandbox on this machine, if present; nobody else is asked."""
    if host not in LOOPBACK:
        return None
    try:
        status, _, content = send("GET", f"{root}/_sandbox/clock", [], b"", 5.0)
        found = httpx.Response(status, content=content).json() if status == 200 else None
    except (ConnectionError, TimeoutError, ValueError):
        return None
    return RemoteClock(root, send) if is_object(found) and "now" in found else None
