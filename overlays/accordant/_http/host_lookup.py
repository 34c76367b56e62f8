"""Addresses of host names: looked up beside the caller, so that a slow resolver cannot outlast a deadline.

The system's resolver blocks and cannot be interrupted. Each look-up therefore runs in a daemon thread, and whoever
needs it waits only for as long as the call has time. Callers that need the same name share one look-up, and a process
can end while one hangs.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain, zip_longest
from typing import Any, Final, NamedTuple, TypeAlias

from .._fork import renewed_after_fork

MOST_LOOKUPS: Final = 32
"""Look-ups that may hang at a time; a further one fails at once."""


class Address(NamedTuple):
    """One address of a host: its family (``AF_INET``, ``AF_INET6``) and what a socket of that family connects to."""

    family: int
    target: Any

    @property
    def shown(self) -> str:
        """The address as people write it."""
        return str(self.target[0])


Resolve: TypeAlias = Callable[[str, int], Sequence[Address]]
"""``(host, port)`` to addresses, best first; raises ``OSError`` where the name has none."""


def system_resolver(host: str, port: int) -> list[Address]:
    """The addresses that the system knows; blocks for as long as its resolver takes."""
    return _addresses(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))


def numeric(host: str, port: int) -> list[Address]:
    """The address that ``host`` is itself; empty for a name."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (socket.gaierror, UnicodeError):
        return []
    return _addresses(found)


def _addresses(found: Sequence[tuple[int, int, int, str, Any]]) -> list[Address]:
    return [Address(family, target) for family, _, _, _, target in found]


def families_in_turn(addresses: Sequence[Address]) -> list[Address]:
    """The same addresses with IPv6 and IPv4 in turn, beginning with the family that the resolver prefers."""
    families: dict[int, list[Address]] = {}
    for address in addresses:
        families.setdefault(address.family, []).append(address)
    return [item for item in chain.from_iterable(zip_longest(*families.values())) if item is not None]


class Lookups:
    """The look-ups that are under way in this process."""

    def __init__(self, resolve: Resolve = system_resolver, most: int = MOST_LOOKUPS) -> None:
        self._resolve = resolve
        self._most = most
        self.renew()

    def renew(self) -> None:
        """Forget what is under way: a forked child has none of the threads."""
        self._lock = threading.Lock()
        self._running: dict[tuple[str, int], Future[list[Address]]] = {}

    def find(self, host: str, port: int) -> Future[list[Address]]:
        """The addresses of a host, families in turn; the future fails with ``OSError`` where there are none."""
        known = numeric(host, port)
        if known:
            done: Future[list[Address]] = Future()
            done.set_result(known)
            return done
        with self._lock:
            running = self._running.get((host, port))
            if running is None:
                running = Future[list[Address]]()
                running.set_running_or_notify_cancel()  # a task that gives up must not cancel the others' look-up
                if len(self._running) >= self._most:
                    running.set_exception(OSError(f"{self._most} other names are being looked up and do not come back"))
                    return running
                self._running[host, port] = running
                threading.Thread(
                    target=self._run, args=(host, port, running), name=f"accordant look-up of {host}", daemon=True
                ).start()
            return running

    def _run(self, host: str, port: int, running: Future[list[Address]]) -> None:
        found: list[Address] = []
        trouble: Exception | None = None
        try:
            found = families_in_turn(self._resolve(host, port))
            if not found:
                trouble = OSError("the name has no address")
        except (OSError, UnicodeError) as error:
            trouble = error
        with self._lock:
            if self._running.get((host, port)) is running:
                del self._running[host, port]
        # Whoever waited may be gone; a task that was cancelled has cancelled its own wrapper only.
        if trouble is not None:
            running.set_exception(trouble)
        else:
            running.set_result(found)


LOOKUPS: Final = renewed_after_fork(Lookups())
"""The look-ups of this process."""
