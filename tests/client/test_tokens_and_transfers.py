"""What a call may rely on when the way to the vendor is bad: repeats, proxies, tokens, transfers, holds."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from accordant import CallOptions, FileTokenStore, Token, Upload
from accordant._auth.oauth2 import oauth2
from accordant._flow.sync_driver import ThreadTokenLock
from accordant._http.file_sinks import FileSink
from accordant._http.routes import environment_proxy
from accordant._http.secrets import Secret
from accordant.dime_scheduler import DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import (
    AmbiguousOutcomeError,
    ConnectError,
    DeadlineExceededError,
    RequestError,
    ResponseDecodeError,
    ServiceUnavailableError,
    TooManyRequestsError,
    UnauthorizedError,
)
from accordant.testing import FakeClock, Script, SentRequest
from accordant_generated.dime_scheduler.notifications import UPDATE_NOTIFICATION
from accordant_runtime import loads
from tests.client.loopback import Connection, Loopback, http
from tests.client.support import AsyncTiny, Player, Tiny, token_answer, token_auth

LOST = ConnectionResetError("reset after sending")


def test_a_put_that_the_document_calls_not_idempotent_goes_out_once() -> None:
    """Where the document says that a PUT may not be applied twice, a broken connection is not answered with another."""
    script = Script(LOST, repeat=True)
    with (
        DimeScheduler(api_key="invented", transport=script, clock=FakeClock()) as api,
        pytest.raises(AmbiguousOutcomeError),
    ):
        api.notifications.update({"code": "7"})
    assert UPDATE_NOTIFICATION.method == "PUT"
    assert len(script.requests) == 1


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_free_requests_go_by_their_method(play: Player, method: str) -> None:
    """A PUT or DELETE on a path that no document describes is repeated, as HTTP allows; a POST is not."""
    script = Script(LOST, (200, {}))
    api = play.client(script)
    assert play.do(lambda: api.request(method, "/v1/undescribed", json={})).attempts == 2
    lost = Script(LOST, repeat=True)
    other = play.client(lost)
    with pytest.raises(AmbiguousOutcomeError):
        play.do(lambda: other.request("POST", "/v1/undescribed", json={}))
    assert len(lost.requests) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "localhost", "vendor.localhost", "::1"])
def test_no_environment_proxy_for_loopback(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Requests to this machine, which may be plain HTTP, never go to a proxy that only the environment names."""
    for name in ("NO_PROXY", "no_proxy", "REQUEST_METHOD"):
        monkeypatch.delenv(name, raising=False)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://proxy.test:3128")
    assert environment_proxy("http", host) is None
    assert environment_proxy("https", host) is None
    found = environment_proxy("https", "api.tiny.test")
    assert found is not None
    assert found.url.reveal() == "http://proxy.test:3128"
    monkeypatch.setenv("no_proxy", "api.tiny.test")
    assert environment_proxy("https", "api.tiny.test") is None


class SlowToken:
    """A token endpoint whose first answer is a failure that comes when ``fail`` is set; the next ones are good."""

    def __init__(self, failure: BaseException | tuple[int, Any]) -> None:
        self.failure = failure
        self.asked = threading.Event()
        self.fail = threading.Event()
        self.tokens = 0

    def __call__(self, method: str, url: str, headers: Any, body: bytes, timeout: float | None) -> Any:
        if not url.endswith("/oauth/token"):
            return Script((200, {"thing": {"id": 7}}))(method, url, headers, body, timeout)
        self.tokens += 1
        if self.tokens > 1:
            return Script(token_answer(2))(method, url, headers, body, timeout)
        self.asked.set()
        assert self.fail.wait(10)
        return Script(self.failure)(method, url, headers, body, timeout)

    async def awaited(self, *request: Any) -> Any:
        """The same on an event loop."""
        return await asyncio.to_thread(self, *request)


PASSING: list[tuple[Any, type[Exception]]] = [
    (TimeoutError("slow"), TimeoutError),
    (ConnectionRefusedError("refused"), ConnectError),
    ((503, None), ServiceUnavailableError),
    ((429, None), TooManyRequestsError),
    ((200, b"<html>"), ResponseDecodeError),
]


class Queued(ThreadTokenLock):
    """A lock that tells when somebody waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.queued = threading.Event()

    def acquire(self, timeout: float | None) -> bool:
        if self._lock.locked():
            self.queued.set()
        return super().acquire(timeout)


@pytest.mark.parametrize(("failure", "kind"), PASSING, ids=str)
def test_a_passing_failure_is_not_shared_among_threads(failure: Any, kind: type[Exception]) -> None:
    """When a thread's token request fails for a passing reason, the thread that waited for it makes its own."""
    vendor, lock = SlowToken(failure), Queued()
    api: Any = Tiny(auth=token_auth(), transport=vendor, clock=FakeClock())
    api._session.lock = lock
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(api.things.get, 7, options=CallOptions(retries=0))
        assert vendor.asked.wait(10)
        second = pool.submit(api.things.get, 7)
        assert lock.queued.wait(10)
        vendor.fail.set()
        with pytest.raises(kind):
            first.result()
        assert second.result().id == 7
    assert vendor.tokens == 2


@pytest.mark.parametrize(("failure", "kind"), PASSING, ids=str)
def test_a_passing_failure_is_not_shared_among_tasks(failure: Any, kind: type[Exception]) -> None:
    """When a task's token request fails for a passing reason, the task that waited for it makes its own."""

    async def run() -> None:
        vendor = SlowToken(failure)
        async with AsyncTiny(auth=token_auth(), transport=vendor.awaited, clock=FakeClock()) as api:
            first = asyncio.create_task(api.things.get(7, options=CallOptions(retries=0)))
            assert await asyncio.to_thread(vendor.asked.wait, 10)
            second = asyncio.create_task(api.things.get(7))
            await asyncio.sleep(0)
            vendor.fail.set()
            with pytest.raises(kind):
                await first
            assert (await second).id == 7
        assert vendor.tokens == 2

    asyncio.run(run())


def session(store: FileTokenStore) -> Any:
    """Credentials that are a refresh token and nothing else."""
    return oauth2("/oauth/token", refresh_token=Secret("refresh-0"), store=store)


class Rotating:
    """A vendor that takes each refresh token once."""

    def __init__(self) -> None:
        self.good = "refresh-0"
        self.number = 0

    def __call__(self, sent: SentRequest) -> Any:
        if sent.path != "/oauth/token":
            return 200, {"thing": {"id": 7}}
        if sent.json["refresh_token"] != self.good:
            return 400, {"error": "spent", "code": "invalid_grant"}
        self.number += 1
        self.good = f"refresh-{self.number}"
        return token_answer(self.number, 3600, self.good)


def test_processes_with_one_store_share_a_session(play: Player, tmp_path: Path) -> None:
    """A session goes on with the refresh token that another process has stored, when its own was spent meanwhile."""
    vendor, path = Rotating(), tmp_path / "tokens.json"
    one, other = (
        play.client(Script(vendor, repeat=True), auth=session(FileTokenStore(path)), retries=0) for _ in range(2)
    )
    for api in (one, other, one, other, other, one):
        assert play.do(partial(api.things.get, 7)).id == 7
        play.clock.advance(4000)


def test_a_refusal_leaves_the_entry_of_another_process(play: Player, tmp_path: Path) -> None:
    """Whoever loses a race for the refresh token goes on with what the winner stored, and does not remove it."""
    store = FileTokenStore(tmp_path / "tokens.json")
    vendor = Rotating()
    api = play.client(Script(vendor, repeat=True), auth=session(store), retries=0)
    play.do(lambda: api.things.get(7))
    [name] = loads(store.path.read_bytes())
    play.clock.advance(4000)

    def overtaken(_sent: SentRequest) -> Any:
        now = play.clock.time()
        store.save(name, Token(Secret("winner"), now, now + 3600, Secret("refresh-winner")))
        return 400, {"error": "spent", "code": "invalid_grant"}

    script = Script(overtaken, (200, {"thing": {"id": 7}}))
    loser = play.client(script, auth=session(store), retries=0)
    assert play.do(lambda: loser.things.get(7)).id == 7
    assert script.requests[-1].headers["authorization"] == "Bearer winner"
    kept = store.load(name)
    assert kept is not None
    assert kept.refresh == Secret("refresh-winner")


def test_a_strange_token_answer_ends_no_session(play: Player, tmp_path: Path) -> None:
    """A page of HTML instead of a token costs neither the refresh token nor the entry in the store."""
    store = FileTokenStore(tmp_path / "tokens.json")
    page = (200, b"<html>", {"Content-Type": "text/html"})
    thing = (200, {"thing": {"id": 7}})
    script = Script(token_answer(1, 3600, "refresh-1"), thing, page, thing, page, token_answer(2), thing)
    api = play.client(script, auth=session(store), retries=0)
    play.do(lambda: api.things.get(7))
    play.clock.advance(3590)
    assert play.do(lambda: api.things.get(7)).id == 7  # the present token still holds for ten seconds
    play.clock.advance(3600)
    with pytest.raises(ResponseDecodeError):
        play.do(lambda: api.things.get(7))
    [name] = loads(store.path.read_bytes())
    kept = store.load(name)
    assert kept is not None
    assert kept.refresh == Secret("refresh-1")
    assert play.do(lambda: api.things.get(7)).id == 7
    assert script.requests[-2].json["refresh_token"] == "refresh-1"


def download_to(play: Player, url: str, path: Path, **options: Any) -> Any:
    """Run Dispatch's download_to against a server on loopback, by the real clock."""
    kind: Any = Dispatch if play.kind == "sync" else AsyncDispatch
    api = play.own(kind(token="invented", base_url=url, retries=0))
    given = CallOptions(**options) if options else None
    return play.do(lambda: api.datafiles.download_to("f7f6f1f4-0000-4000-8000-000000000000", path, options=given))


@pytest.mark.every_transport
def test_a_transfer_to_a_file_ends_with_the_deadline(play: Player, tmp_path: Path) -> None:
    """A server that trickles cannot stretch download_to beyond the deadline of the call; nothing is left behind."""

    def trickle(connection: Connection) -> None:
        whole = http(b"x" * 1000, Content_Type="image/png")
        connection.send(whole[:-1000])
        connection.drip(whole[-1000:], 0.02)

    with Loopback(trickle) as server, pytest.raises(DeadlineExceededError):
        download_to(play, server.url, tmp_path / "photo.png", deadline=0.1, timeout=5)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.every_transport
def test_a_transfer_to_a_file_may_take_longer_than_the_timeout(play: Player, tmp_path: Path) -> None:
    """The timeout bounds each wait for data of download_to, not the whole of it."""

    def trickle(connection: Connection) -> None:
        whole = http(b"png", Content_Type="image/png")
        connection.send(whole[:-3])
        connection.drip(whole[-3:], 0.25)

    with Loopback(trickle) as server:
        download_to(play, server.url, tmp_path / "photo.png", timeout=0.6)
    assert (tmp_path / "photo.png").read_bytes() == b"png"


def test_a_file_that_cannot_take_its_place_leaves_nothing(tmp_path: Path) -> None:
    """When the finished file cannot take its place, the error is raised and no partial file stays."""
    (tmp_path / "target").mkdir()
    with pytest.raises(OSError, match="target"), FileSink(tmp_path / "target", "0123456789abcdef") as sink:
        sink.write(b"content")
    assert [path.name for path in tmp_path.iterdir()] == ["target"]


def test_a_file_that_cannot_be_finished_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the last bytes cannot be written, the error is raised, the old file stays, and no partial file."""
    target = tmp_path / "target"
    target.write_bytes(b"old")
    sink = FileSink(target, "0123456789abcdef")
    real: Any = vars(sink)["_file"]

    class Full:
        """A file on a full disk."""

        def close(self) -> None:
            real.close()
            raise OSError(28, "No space left on device")

    monkeypatch.setitem(vars(sink), "_file", Full())
    with pytest.raises(OSError, match="No space"), sink:
        pass
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


class Pipe(io.RawIOBase):
    """Bytes that come once."""

    name = "pipe.bin"

    def __init__(self, data: bytes, error: OSError | None = None) -> None:
        self._data = data
        self._error = error

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        taken, self._data = self._data[:size], self._data[size:]
        if size and not taken and self._error is not None:
            raise self._error
        return taken


def test_a_stream_that_met_401_renews_the_token_for_the_next_call(play: Player) -> None:
    """A 401 on an upload that cannot be sent again is raised, and the next call goes out with a new token."""
    script = Script(token_answer(1), (401, None), token_answer(2), (201, {"thing": {"id": 7}}))
    api = play.client(script, auth=token_auth())
    with pytest.raises(UnauthorizedError) as caught:
        play.do(lambda: api.things.upload(Upload(as_file(Pipe(b"once")), "a.txt")))
    assert caught.value.attempts == 1
    assert play.do(lambda: api.things.upload(Upload(as_file(Pipe(b"again")), "a.txt"))).id == 7
    assert script.requests[-1].headers["authorization"] == "Bearer access-token-2"


def as_file(value: Any) -> Any:
    return value


@pytest.mark.parametrize("where", ["disk", "memory", "wrapper"])
def test_a_text_file_is_refused(play: Player, tmp_path: Path, where: str) -> None:
    """A file that was opened as text is refused before anything is sent, with the advice to open it in binary mode."""
    path = tmp_path / "notes.txt"
    path.write_text("grüße", encoding="utf-8")
    script = Script()
    api = play.client(script)
    with contextlib.ExitStack() as stack:
        file: Any = io.StringIO("grüße")
        if where == "disk":
            file = stack.enter_context(path.open(encoding="utf-8"))
        elif where == "wrapper":
            file = stack.enter_context(tempfile.NamedTemporaryFile("w+", dir=tmp_path))
        with pytest.raises(RequestError, match="binary mode"):
            play.do(lambda: api.things.upload(file))
    assert script.requests == []


def test_a_file_that_fails_while_it_is_sent(play: Player, tmp_path: Path) -> None:
    """A file that cannot be read any more while it is sent raises RequestError with its name."""
    path = tmp_path / "photo.png"

    def removed(_sent: SentRequest) -> Any:
        path.unlink()
        return 429, None

    path.write_bytes(b"x")
    api = play.client(Script(removed))
    with pytest.raises(RequestError, match=r"cannot read the file '.*photo.png': No such file"):
        play.do(lambda: api.things.upload(path))
    broken = as_file(Pipe(b"half", OSError(5, "Input/output error")))
    with pytest.raises(RequestError, match=r"cannot read the open file 'pipe.bin': .*Input/output error"):
        play.do(lambda: api.things.upload(broken))


@pytest.mark.parametrize("target", ["http://127.0.0.1:9/x", "http://localhost:9/x", "http://[::1]:9/x"])
def test_a_vendor_elsewhere_cannot_lead_to_this_machine(play: Player, target: str) -> None:
    """A download from an API on another machine does not follow a redirect to plain HTTP on this one."""
    script = Script((302, None, {"Location": target}))
    kind: Any = Dispatch if play.kind == "sync" else AsyncDispatch
    api = play.own(kind(token="invented", transport=script, clock=play.clock))
    with pytest.raises(ResponseDecodeError, match="the redirect cannot be followed"):
        play.do(lambda: api.datafiles.download("f7f6f1f4-0000-4000-8000-000000000000"))
    assert len(script.requests) == 1
