"""Addresses of host names: looked up beside the caller, so that a slow resolver cannot outlast a deadline.

The system's resolver blocks and cannot be interrupted. Each look-up therefore runs in a daemon thread, and whoever
needs it waits only for as long as the call has time. Callers that need the same name share one look-up, and a process
can end while one hangs.
"""

from __future__ import annotations

import socket
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from itertools import chain, zip_longest
from typing import Any, Final, NamedTuple, TypeAlias

from .._fork import renewed_after_fork

MOST_LOOKUPS: Final = 32
"""Look-ups that run at a time; further ones wait for their turn."""


class Address(NamedTuple):
    """One address of a host: its family (``AF_INET``, ``AF_INET6``) and what a socket of that family connects to."""

    family: int
    target: Any

    @property
    def shown(self) -> str:
        """The address as people write it."""
        return str(self.target[0])


_Name: TypeAlias = tuple[str, int]

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


class _UnderWay:
    """Look-ups that wait or run, and how many threads work at them."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.wanted: dict[_Name, Future[list[Address]]] = {}
        self.waiting: deque[_Name] = deque()
        self.threads = 0


class Lookups:
    """The look-ups of this process, each name once at a time."""

    def __init__(self, resolve: Resolve = system_resolver, most: int = MOST_LOOKUPS) -> None:
        self._resolve = resolve
        self._most = most
        self.renew()

    def renew(self) -> None:
        """Forget what is under way: a forked child has none of the threads."""
        self._under_way = _UnderWay()

    def find(self, host: str, port: int) -> Future[list[Address]]:
        """The addresses of a host, families in turn; the future fails with ``OSError`` if the host has none."""
        known = numeric(host, port)
        if known:
            done: Future[list[Address]] = Future()
            done.set_result(known)
            return done
        name, state = (host, port), self._under_way
        with state.lock:
            wanted = state.wanted.get(name)
            if wanted is None:
                wanted = state.wanted[name] = Future[list[Address]]()
                wanted.set_running_or_notify_cancel()  # a task that gives up must not cancel the others' look-up
                state.waiting.append(name)
                if state.threads < self._most:
                    self._start(state)
        return wanted

    def _start(self, state: _UnderWay) -> None:
        try:
            threading.Thread(target=self._work, args=(state,), name="accordant look-up", daemon=True).start()
        except RuntimeError as error:  # the machine has no more threads, or the interpreter ends
            while not state.threads and state.waiting:
                state.wanted.pop(state.waiting.popleft()).set_exception(OSError(str(error)))
        else:
            state.threads += 1

    def _work(self, state: _UnderWay) -> None:
        """Look up what waits, until nothing does."""
        while True:
            with state.lock:
                if not state.waiting:
                    state.threads -= 1
                    return
                name = state.waiting.popleft()
            found, trouble = self._looked_up(*name)
            with state.lock:
                wanted = state.wanted.pop(name)
            # Whoever waited may be gone; a task that was cancelled has cancelled its own wrapper only.
            if trouble is None:
                wanted.set_result(found)
            else:
                wanted.set_exception(trouble)

    def _looked_up(self, host: str, port: int) -> tuple[list[Address], Exception | None]:
        try:
            found = families_in_turn(self._resolve(host, port))
        except Exception as error:  # whatever it is, those who wait must hear of it
            return [], error if isinstance(error, (OSError, UnicodeError)) else OSError(str(error))
        return found, None if found else OSError("the name has no address")


LOOKUPS: Final = renewed_after_fork(Lookups())
"""The look-ups of this process."""
