"""Threads, event loops, forks and interpreters: whose a client's connections, locks and slots are."""

from __future__ import annotations

import asyncio
import gc
import os
import textwrap
import threading
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from accordant import HttpOptions
from accordant._flow.async_driver import TaskTokenLock
from accordant._flow.sync_driver import ThreadTokenLock
from accordant.testing import FakeClock
from tests import warm
from tests.client.loopback import Connection, Loopback, http
from tests.client.support import AsyncTiny, Tiny, token_auth

ROOT = Path(__file__).parents[2]
THING = b'{"thing": {"id": 7}}'
TOKEN = http(b'{"access_token": "a-token", "token_type": "bearer", "expires_in": 3600}')

PRELUDE = """
import warnings
warnings.simplefilter("error")
warnings.simplefilter("ignore", DeprecationWarning)
import asyncio, os, signal, sys, threading
from tests.client.loopback import Loopback, client_tls, http
from tests.client.support import OPEN, AsyncTiny, Tiny, token_auth
from accordant import Clock, HttpOptions

signal.alarm(60)  # whatever hangs ends

def echo(connection):
    '''Send back the number at the end of each path.'''
    while request := connection.request():
        number = request.split(b" ")[1].rpartition(b"/")[2]
        connection.send(http(b'{"thing": {"id": %s}}' % number))

def wrong(api, numbers):
    return [number for number in numbers if api.things.get(number).id != number]

def in_child(action):
    '''Run something in a forked child; its result says whether it went well.'''
    pid = os.fork()
    if not pid:
        code = 1
        try:
            signal.alarm(30)
            action()
            code = 0
        except BaseException:
            import traceback
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    return pid

def went_well(pid):
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

class Echo(Loopback):
    '''A server of which a child has no threads.'''
    def _serve(self, connection):
        if self._tls:
            from tests.client.loopback import server_tls
            connection.secure(server_tls())
        echo(connection)
        connection.close()
"""


ENDING = """
import gc
for name in [name for name in globals() if not name.startswith("__") and name != "gc"]:
    del globals()[name]
gc.collect()
"""
"""Warns of what is still open, as the end of a program does."""

forks = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def run(script: str) -> None:
    """Run a script in a process of its own, warnings being errors but for the one that a fork beside threads causes."""
    code = PRELUDE + textwrap.dedent(script) + ENDING
    done = warm.run(["-c", code], cwd=ROOT, libraries=warm.CLIENT)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""


@forks
@pytest.mark.every_transport
@pytest.mark.usefixtures("transport")
@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_fork_after_use(tls: bool) -> None:
    """A client that was used before a fork returns to each process the records that it asked for; the parent's
    connection stays usable, whatever the child does with its copy, closing the client included."""
    run(
        f"""
        with Echo(tls={tls}) as server:
            options = HttpOptions(tls=client_tls() if {tls} else None)
            api = Tiny(base_url=server.url, http=options, clock=Clock(), retries=0)
            api.things.get(1)
            def child():
                assert wrong(api, range(2000, 2100)) == []
                api.close()
            pid = in_child(child)
            assert wrong(api, range(1000, 1100)) == []
            assert went_well(pid)
            assert wrong(api, range(3)) == []
            assert server.connections == 2
            api.close()
        """
    )


@forks
@pytest.mark.every_transport
@pytest.mark.usefixtures("transport")
def test_preloaded_client_in_several_workers() -> None:
    """Workers that are forked from a process with a used client, and fork again, never see each other's records."""
    run(
        """
        with Echo() as server:
            api = Tiny(base_url=server.url, clock=Clock(), retries=0)
            api.things.get(1)
            def worker(first):
                assert wrong(api, range(first, first + 50)) == []
                assert went_well(in_child(lambda: wrong(api, range(5)) and 1 / 0))
                assert wrong(api, range(first, first + 50)) == []
            pids = [in_child(lambda first=first: worker(first)) for first in (1000, 2000, 3000)]
            assert wrong(api, range(4000, 4050)) == []
            assert [went_well(pid) for pid in pids] == [True] * 3
            api.close()
        """
    )


@forks
def test_multiprocessing_by_fork() -> None:
    """A pool of forked processes that all use the parent's client gets every record right."""
    run(
        """
        import multiprocessing
        def ask(number):
            return api.things.get(number).id
        with Echo() as server:
            api = Tiny(base_url=server.url, clock=Clock(), retries=0)
            api.things.get(1)
            with multiprocessing.get_context("fork").Pool(3) as pool:
                assert pool.map(ask, range(90)) == list(range(90))
                pool.close()
                pool.join()
            api.close()
        """
    )


@forks
def test_locks_that_were_held_at_the_fork() -> None:
    """Whatever lock another thread held at the fork, and whichever token was being fetched or connection waited for,
    a call in the child gets through; the parent goes on too."""
    run(
        """
        with Loopback(
            http(b'{"access_token": "a-token", "token_type": "bearer", "expires_in": 3600}'),
            http(b'{"thing": {"id": 7}}'), repeat=True
        ) as server:
            options = HttpOptions(connections=1)
            api = Tiny(auth=token_auth(), base_url=server.url, http=options, clock=Clock(), retries=0)
            held, over = threading.Event(), threading.Event()
            def hold():
                # What a thread in the middle of a call holds; the token's answer is still to come.
                pool = api._io.transport._pool
                place = pool.take("elsewhere", lambda: None)
                assert place.granted() and api._session.lock.acquire(0)
                with pool._lock, api._session.budget._lock, api._session.catalogues._lock:
                    held.set()
                    over.wait()
                pool.give_back(place, False)
                api._session.lock.release()
            thread = threading.Thread(target=hold)
            thread.start()
            held.wait()
            def child():
                assert api.things.get(7).id == 7
            pid = in_child(child)
            assert went_well(pid)
            over.set()
            thread.join()
            assert api.things.run(OPEN).id == 7
            api.close()
        """
    )


@forks
def test_a_fork_during_an_import() -> None:
    """A fork while another thread imports one model and then another waits, so that the child can use both."""
    run(
        """
        import sys, time
        begun = threading.Event()
        class Slow:
            def find_spec(self, name, path=None, target=None):
                if name.rpartition(".")[2] in ("appointment", "customer"):
                    begun.set()
                    time.sleep(0.2)
        sys.meta_path.insert(0, Slow())
        def use():
            from accordant_generated.dispatch.models import Appointment
            from accordant_generated.dispatch.models import Customer
            assert (Appointment.__name__, Customer.__name__) == ("Appointment", "Customer")
        thread = threading.Thread(target=use)
        thread.start()
        begun.wait()
        pid = in_child(use)
        assert went_well(pid)
        thread.join()
        """
    )


@forks
def test_rate_limits_after_a_fork() -> None:
    """A child takes over what the parent had counted towards a rate limit, with a lock of its own."""
    run(
        """
        from accordant._limits.rate_limits import MemoryRateLimitStore, RateLimit
        def result(flow):
            try:
                next(flow)
            except StopIteration as stop:
                return stop.value
        limit = RateLimit("requests", 2, 60)
        store = MemoryRateLimitStore()
        assert result(store.take(limit, 1000, 1000)) == 0
        with store._lock:
            def child():
                assert result(store.take(limit, 1001, 1001)) == 0
                assert result(store.take(limit, 1002, 1002)) > 0
            pid = in_child(child)
        assert went_well(pid)
        assert result(store.take(limit, 1001, 1001)) == 0
        """
    )


@forks
@pytest.mark.every_transport
@pytest.mark.usefixtures("transport")
def test_asynchronous_client_across_a_fork() -> None:
    """An asynchronous client that was used before a fork works in parent and child, in event loops of their own."""
    run(
        """
        async def wrong_of(numbers):
            found = await asyncio.gather(*(api.things.get(number) for number in numbers))
            return [item.id for item in found] != list(numbers)
        with Echo() as server:
            api = AsyncTiny(base_url=server.url, clock=Clock(), retries=0)
            assert not asyncio.run(wrong_of(range(10)))
            pid = in_child(lambda: asyncio.run(wrong_of(range(2000, 2050))) and 1 / 0)
            assert not asyncio.run(wrong_of(range(1000, 1050)))
            assert went_well(pid)
            asyncio.run(api.close())
        """
    )


def test_event_loops_one_after_the_other() -> None:
    """A client works in every asyncio.run(), on connections of that run; the others are dropped without a warning, and
    the client can be closed in yet another one."""
    gc.freeze()  # it is looked for what this client leaves behind, not for what all tests before did
    with Loopback(TOKEN, http(THING), repeat=True) as server:
        api = AsyncTiny(auth=token_auth(), base_url=server.url, clock=FakeClock())

        async def several() -> list[int]:
            return [item.id for item in await asyncio.gather(*(api.things.get(7) for _ in range(5)))]

        for _ in range(3):
            assert asyncio.run(several(), debug=True) == [7] * 5
        asyncio.run(api.close())
        gc.collect()


def test_a_loop_that_ended_under_a_call() -> None:
    """What was under way in an event loop that was closed too early, a token's renewal or a request on the only
    connection, keeps no call in the next loop waiting."""
    with Loopback(TOKEN, http(THING), repeat=True) as server:
        api: Any = AsyncTiny(
            auth=token_auth(), base_url=server.url, clock=FakeClock(), http=HttpOptions(connections=1), retries=0
        )

        async def leave() -> None:
            assert await api._session.lock.acquire(0)
            pool = api._io.transport._pool(asyncio.get_running_loop())
            assert pool.take("vendor", lambda: None).granted()

        async def use() -> int:
            found: int = (await api.things.get(7)).id
            return found

        asyncio.run(leave())
        assert asyncio.run(use()) == 7
        asyncio.run(api.close())


def test_two_event_loops_at_once() -> None:
    """Two threads, each with an event loop, share a client: every call gets its record, and one token serves both."""

    def echo(connection: Connection) -> None:
        while request := connection.request():
            number = request.split(b" ")[1].rpartition(b"/")[2]
            connection.send(TOKEN if number == b"token" else http(b'{"thing": {"id": %s}}' % number))
            numbers.append(number)

    class Echo(Loopback):
        def _serve(self, connection: Connection) -> None:
            echo(connection)
            connection.close()

    numbers: list[bytes] = []
    with Echo() as server:
        api = AsyncTiny(auth=token_auth(), base_url=server.url)
        found: dict[int, list[int]] = {}

        def use(first: int) -> None:
            async def several() -> list[int]:
                return [item.id for item in await asyncio.gather(*(api.things.get(first + n) for n in range(40)))]

            found[first] = asyncio.run(several())

        threads = [threading.Thread(target=use, args=(first,)) for first in (1000, 2000)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        asyncio.run(api.close())
        assert found == {first: list(range(first, first + 40)) for first in (1000, 2000)}
        assert numbers.count(b"token") == 1


def test_slot_across_loops() -> None:
    """A task that waits for another loop's token goes on when that one gives the lock back."""
    lock = TaskTokenLock()
    taken, asked = threading.Event(), threading.Event()

    async def hold() -> None:
        assert await lock.acquire(None)
        taken.set()
        while not asked.is_set():
            await asyncio.sleep(0.001)
        lock.release()

    async def wait() -> bool:
        assert not await lock.acquire(0)
        asyncio.get_running_loop().call_later(0.01, asked.set)
        return await lock.acquire(10)

    other = threading.Thread(target=lambda: asyncio.run(hold()))
    other.start()
    taken.wait(10)
    assert asyncio.run(wait())
    other.join()


def test_slots_are_fair_and_never_lost() -> None:
    """Tasks get the lock in the order in which they asked; one that was cancelled while it waited does not block it."""

    async def scenario() -> list[str]:
        lock, order = TaskTokenLock(), list[str]()

        async def use(name: str) -> None:
            assert await lock.acquire(10)
            order.append(name)
            await asyncio.sleep(0)
            lock.release()

        assert await lock.acquire(None)
        tasks = [asyncio.create_task(use(name)) for name in "abcd"]
        await asyncio.sleep(0)
        tasks[1].cancel()
        lock.release()
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert await lock.acquire(0)
        return order

    assert asyncio.run(scenario()) == ["a", "d"]


def test_slot_given_back_twice() -> None:
    """A thread that took the lock before a fork may give it back in the child, where it is free already."""
    lock = ThreadTokenLock()
    assert lock.acquire(0)
    lock.renew()
    lock.release()
    assert lock.acquire(0)
    assert not lock.acquire(0)


def test_blocking_client_in_a_running_loop() -> None:
    """A blocking client works inside of a running event loop; it blocks the loop meanwhile."""
    with Loopback(http(THING), repeat=True) as server:

        async def use() -> int:
            with Tiny(base_url=server.url) as api:
                found: int = api.things.get(7).id
                return found

        assert asyncio.run(use()) == 7


def test_threads_share_a_client() -> None:
    """Threads that share a client, more of them than connections, each get the record that they asked for."""

    class Echo(Loopback):
        def _serve(self, connection: Connection) -> None:
            while request := connection.request():
                number = request.split(b" ")[1].rpartition(b"/")[2]
                connection.send(http(b'{"thing": {"id": %s}}' % number))
            connection.close()

    with Echo() as server, Tiny(base_url=server.url, http=HttpOptions(connections=3)) as api:
        wrong: list[int] = []

        def use(first: int) -> None:
            wrong.extend(number for number in range(first, first + 20) if api.things.get(number).id != number)

        threads = [threading.Thread(target=use, args=(first,)) for first in range(0, 1000, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wrong == []
        assert server.connections == 3


def test_subinterpreter() -> None:
    """A client works in a subinterpreter as well."""
    name = next((name for name in ("_interpreters", "_xxsubinterpreters") if find_spec(name)), None)
    if name is None:
        pytest.skip("this Python has no interface to subinterpreters")
    interpreters = import_module(name)
    made = interpreters.create()
    try:
        code = """
        from accordant.dispatch import Dispatch
        api = Dispatch(token="x", transport=lambda *_: (204, [], b""))
        api.brands.delete(1)
        api.close()
        """
        execute = getattr(interpreters, "exec", None) or interpreters.run_string
        assert execute(made, textwrap.dedent(code)) is None
    finally:
        interpreters.destroy(made)
