"""Who may use the control plane, what it makes of nonsense, how large a body may be, and that nobody is held up."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest

from accordant_sandbox import Sandbox, SandboxError, vendors
from accordant_sandbox.engine.clock import Clock
from accordant_sandbox.http.exchange import Headers, Request
from accordant_sandbox.model.events import Delivery
from accordant_sandbox.server.access import names_loopback
from accordant_sandbox.server.control import AT_ONCE, MOST_GIVEN, answer_control
from accordant_sandbox.server.raw_transport import build_request
from tests.sandbox.dispatch_caller import Api

JSON = {"Content-Type": "application/json"}


def over_http(sandbox: Sandbox, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, Any]:
    """Status and parsed body of a request over a socket; a header named None_ is left out."""
    parts = urlsplit(sandbox.root)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        content = response.read()
        return response.status, orjson.loads(content) if "json" in (response.headers["Content-Type"] or "") else content
    finally:
        connection.close()


def control(sandbox: Sandbox, method: str, path: str, body: bytes = b"") -> tuple[int, Any]:
    """Status and parsed body of a control request in process."""
    status, _, content = sandbox.transport(method, f"http://localhost/_sandbox/{path}", [], body, 5)
    return status, orjson.loads(content)


@pytest.fixture(scope="module")
def shared() -> Iterator[Sandbox]:
    """A sandbox that requests only try to harm."""
    with Sandbox("dispatch") as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.1:8801", "127.9.8.7:1", "[::1]", "[::1]:8801", "localhost", "LocalHost:8801"],
)
def test_a_loopback_host_may_control(shared: Sandbox, host: str) -> None:
    """The control plane answers under every name of this machine, with a port or without."""
    assert over_http(shared, "GET", "/_sandbox/clock", Host=host)[0] == 200
    assert over_http(shared, "POST", "/_sandbox/faults/clear", b"{}", Host=host, Content_Type="application/json") == (
        200,
        {"armed": []},
    )


@pytest.mark.parametrize(
    "host",
    [
        "evil.test", "evil.test:8801", "localhost.evil.test", "127.0.0.1.evil.test", "10.0.0.1", "0.0.0.0:8801",
        "127.1", "[::2]", "dispatch.sandbox.localhost", "localhost:80:80", "[::1", "", "local host",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "reset"), ("GET", "journal"), ("GET", "state/users"), ("GET", "")]
)
def test_another_host_may_not_control(shared: Sandbox, host: str, method: str, path: str) -> None:
    """Under a name that is not this machine's, as after DNS rebinding, nothing of the control plane is reached."""
    headers = {**JSON, "Host": host, **({"Origin": f"http://{host}"} if host == "evil.test" else {})}
    request = Request(method, f"/_sandbox/{path}", [], Headers(headers.items()), b"", f"http://{host}", True)
    reply = shared.exchange(request)
    assert reply.status == 403
    assert "loopback Host only" in orjson.loads(reply.content)["error"]


def test_rebinding_over_a_socket(sandbox: Sandbox) -> None:
    """A page of evil.test that had its name point to this machine resets nothing and reads nothing."""
    sandbox.given("brands")
    evil = {
        "Host": f"evil.test:{urlsplit(sandbox.root).port}",
        "Origin": f"http://evil.test:{urlsplit(sandbox.root).port}",
    }
    assert over_http(sandbox, "POST", "/_sandbox/reset", b"{}", Content_Type="application/json", **evil)[0] == 403
    assert over_http(sandbox, "GET", "/_sandbox/journal", None, **evil)[0] == 403
    assert len(sandbox.state.brands) == 3


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content_Type": "text/plain"}, 415),
        ({"Content_Type": "application/x-www-form-urlencoded"}, 415),
        ({"Content_Type": "multipart/form-data; boundary=x"}, 415),
        ({}, 415),
        ({"Content_Type": "application/json", "Sec_Fetch_Site": "cross-site"}, 403),
        ({"Content_Type": "application/json", "Sec_Fetch_Site": "same-site"}, 403),
        ({"Content_Type": "application/json", "Origin": "null"}, 403),
        ({"Content_Type": "application/json", "Origin": "http://[broken"}, 403),
        ({"Content_Type": "application/json", "Origin": "http://127.0.0.1:1"}, 403),
        ({"Content_Type": "application/json; charset=utf-8"}, 200),
        ({"Content_Type": "application/json", "Sec_Fetch_Site": "same-origin"}, 200),
    ],
)
def test_a_page_elsewhere_cannot_send_a_form(sandbox: Sandbox, headers: dict[str, str], status: int) -> None:
    """What a web page can have a browser send without asking is refused, with an Origin header or without."""
    sandbox.given("brands")
    assert over_http(sandbox, "POST", "/_sandbox/reset", b"{}", **headers)[0] == status
    assert len(sandbox.state.brands) == (2 if status == 200 else 3)


def test_the_console_works_over_http(shared: Sandbox) -> None:
    """The console page and what its script sends get through, with the headers that a browser adds."""
    site = {"Sec_Fetch_Site": "same-origin", "Origin": shared.root}
    assert over_http(shared, "GET", "/_sandbox/", Sec_Fetch_Site="cross-site", Sec_Fetch_Mode="navigate")[0] == 200
    assert over_http(shared, "GET", "/_sandbox/overview", Sec_Fetch_Site="same-origin")[0] == 200
    assert (
        over_http(shared, "POST", "/_sandbox/clock", b'{"seconds":1}', Content_Type="application/json", **site)[0]
        == 200
    )


NONSENSE = [
    ("GET", "state/__class__", "", "unknown collection '__class__'"),
    ("GET", "state/counts", "", "unknown collection 'counts'"),
    ("GET", "state/_engine", "", "unknown collection"),
    ("GET", "state/_tokens", "", "unknown collection"),
    ("GET", "state/appointment", "", "did you mean 'appointments'"),
    ("GET", "state/jobs?limit=-1", "", "limit must be a whole number from 0 to 1000, not '-1'"),
    ("GET", "state/jobs?offset=99999999999", "", "offset must be a whole number"),
    ("GET", "journal?limit=nan", "", "limit must be a whole number"),
    ("POST", "clock", '{"days": -1000000000000}', "only moves forward"),
    ("POST", "clock", '{"days": 1000000000000}', "the year 9999 is out of reach"),
    ("POST", "clock", '{"seconds": 1e308}', "the year 9999 is out of reach"),
    ("POST", "clock", '{"seconds": 18446744073709551615}', "out of reach"),
    ("POST", "clock", '{"days": 3000000}', "is out of reach; give one from 1000 to 8999"),
    ("POST", "clock", '{"seconds": NaN}', "the body is not JSON"),
    ("POST", "clock", '{"seconds": "1"}', "seconds must be a number, not '1'"),
    ("POST", "clock", '{"seconds": true}', "seconds must be a number"),
    ("POST", "clock", '{"seconds": null}', "seconds must be a number"),
    ("POST", "clock", '{"second": 1}', "unknown member of the body 'second'; did you mean 'seconds'"),
    ("POST", "clock", "[1]", "must be a JSON object"),
    ("POST", "clock", "{", "the body is not JSON"),
    ("POST", "given", "{}", "unknown collection ''"),
    ("POST", "given", '{"collection": ["jobs"]}', "unknown collection"),
    ("POST", "given", '{"collection": "__class__"}', "unknown collection"),
    ("POST", "given", '{"collection": "job"}', "did you mean 'jobs'"),
    ("POST", "given", '{"collection": "jobs", "count": -1}', "count must be a whole number from 0 to 100000, not -1"),
    ("POST", "given", '{"collection": "jobs", "count": 100001}', "count must be a whole number from 0 to 100000"),
    ("POST", "given", '{"collection": "jobs", "count": 1.5}', "count must be a whole number"),
    ("POST", "given", '{"collection": "jobs", "count": null}', "count must be a whole number"),
    ("POST", "given", '{"collection": "jobs", "values": [1]}', "values must be a JSON object"),
    ("POST", "given", '{"collection": "jobs", "value": {}}', "did you mean 'values'"),
    ("POST", "given", '{"collection": "appointments", "values": {"job_id": {}}}', "unhashable"),
    ("POST", "given", '{"collection": "appointments", "values": {"job_id": 999}}', "refers to a record that does not"),
    ("POST", "given", '{"collection": "appointments", "values": {"time": 5}}', "time is not a valid instant"),
    ("POST", "faults", '{"name": 5}', "unknown fault"),
    ("POST", "faults", '{"name": ["page_overlap"]}', "unknown fault"),
    ("POST", "faults", '{"name": "page_overlp"}', "did you mean 'page_overlap'"),
    ("POST", "faults", '{"name": "page_overlap", "on": 5}', "on names operations"),
    ("POST", "faults", '{"name": "page_overlap", "on": [5]}', "on names operations"),
    ("POST", "faults", '{"name": "page_overlap", "times": "x"}', "times and every start at 1"),
    ("POST", "faults", '{"name": "page_overlap", "every": 0}', "times and every start at 1"),
    ("POST", "faults", '{"name": "read_lag", "seconds": "x"}', "seconds must be a number"),
    ("POST", "restore", '{"name": "none"}', "unknown snapshot 'none'"),
    ("POST", "actions/__class__", "{}", "unknown action '__class__'"),
    ("POST", "actions", "{}", "unknown action ''"),
    ("POST", "actions/answer_survey", '{"job": 1}', "unknown argument of the action"),
    ("POST", "actions/answer_survey", '{"job_id": [1], "rating": {}}', ""),
    ("GET", "stat", "", "did you mean 'GET /_sandbox/state'"),
    ("DELETE", "%5F%00", "", "unknown control"),
]


@pytest.mark.parametrize(("method", "path", "body", "words"), NONSENSE)
def test_nonsense_gets_one_sentence(shared: Sandbox, method: str, path: str, body: str, words: str) -> None:
    """A control request that cannot be done is answered with 400, 404 or 422 and one sentence; nothing changes."""
    before = control(shared, "GET", "overview")
    status, answer = control(shared, method, path, body.encode())
    assert (status in (400, 404, 422), list(answer)) == (True, ["error"])
    assert words in answer["error"]
    assert control(shared, "GET", "overview") == before


@pytest.mark.parametrize("vendor", vendors())
def test_the_names_of_python_lead_nowhere(vendor: str) -> None:
    """No attribute of an object of the sandbox is reached by its name, at any vendor."""
    with Sandbox(vendor) as sandbox:
        for name in ("__class__", "__init__", "__dict__", "counts", "names", "of", "_engine", "_clients"):
            for method, path in (("GET", f"state/{name}"), ("POST", f"actions/{name}")):
                assert control(sandbox, method, path, b"{}" if method == "POST" else b"")[0] == 400
            assert control(sandbox, "POST", "given", orjson.dumps({"collection": name}))[0] == 400


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), 1e308, 10**400, 10**7])
def test_the_clock_stays_where_it_can_go_on(amount: float) -> None:
    """No amount of time takes the clock to where lifetimes cannot be added any more, or breaks it."""
    clock = Clock()
    with pytest.raises(SandboxError):
        clock.advance(days=amount)
    assert clock.text() == "2026-03-01T09:00:00Z"


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_clock_begins_where_it_can_go_on(start: str) -> None:
    """A sandbox does not begin at an instant from which its tokens would live past the end of time."""
    with pytest.raises(SandboxError, match="out of reach; give one from 1000 to 8999"):
        Clock(start)


def test_a_late_clock_still_serves() -> None:
    """At the last year that the clock reaches every call is answered as ever."""
    with Sandbox("dispatch") as sandbox:
        sandbox.clock.advance(days=365 * 6900)
        api = Api(sandbox)
        assert api.appointment(status="complete")["status"] == "complete"
        sandbox.raise_defects()


def test_given_over_the_control_plane_takes_any_field(sandbox: Sandbox) -> None:
    """Fields named like an argument of `given` are values like others; of many rows the first 1000 are shown."""
    for name in ("count", "collection", "self"):
        body = {"collection": "brands", "count": 1, "values": {name: 5}}
        status, answer = control(sandbox, "POST", "given", orjson.dumps(body))
        assert (status, answer["error"].partition(" (")[0].partition(";")[0]) == (
            400,
            f"unknown field of brands '{name}'",
        )
    assert len(sandbox.state.brands) == 2
    many = control(sandbox, "POST", "given", b'{"collection": "brands", "count": 1500}')[1]
    assert (many["count"], len(many["rows"]), len(sandbox.state.brands)) == (1500, 1000, 1502)


def test_long_control_work_leaves_room_for_calls(sandbox: Sandbox) -> None:
    """While the control plane makes many rows, or lets much time pass, calls are answered in between."""
    api = Api(sandbox)
    sent = b'{"collection": "appointments", "count": 1000}'
    steps = answer_control(sandbox, build_request("POST", "http://localhost/_sandbox/given", [], sent, False))
    seen: list[int] = []

    def look() -> None:
        seen.append(api.get("/v3/appointments").body["meta"]["total"])

    for _ in steps:
        # Another thread must get the lock as well: that of the server is not the test's.
        asking = threading.Thread(target=look)
        asking.start()
        asking.join(10)
    assert seen == [AT_ONCE * number for number in range(1, 1000 // AT_ONCE)]
    assert MOST_GIVEN >= 100_000


def test_time_passes_in_steps() -> None:
    """Letting much time pass over the control plane happens in steps, in order, and ends at the right instant."""
    with Sandbox("dibop") as sandbox:
        sandbox.given("executions", 3 * AT_ONCE, status="running")
        pending = sum(map(len, sandbox.engine.state.timers))
        assert pending >= 2 * AT_ONCE
        sent = b'{"days": 30}'
        steps = answer_control(sandbox, build_request("POST", "http://localhost/_sandbox/clock", [], sent, False))
        pauses = sum(1 for _ in steps)
        assert sandbox.clock.text() == "2026-03-31T09:00:00Z"
        assert pauses >= pending // AT_ONCE - 1
        assert sandbox.engine.state.timers == ()


def test_delivering_webhooks_holds_nobody_up(sandbox: Sandbox) -> None:
    """A receiver of webhooks may call the sandbox, the control plane's own server, before it answers."""
    statuses: list[int] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            statuses.append(over_http(sandbox, "GET", "/_sandbox/clock")[0])
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    with HTTPServer(("127.0.0.1", 0), Receiver) as server:
        answering = threading.Thread(target=server.handle_request)
        answering.start()
        sandbox.outbox.deliveries.append(Delivery("made", f"http://127.0.0.1:{server.server_port}/", {}))
        done = over_http(sandbox, "POST", "/_sandbox/outbox/deliver", b"{}", Content_Type="application/json")
        answering.join(10)
    assert (statuses, done[0], done[1]["deliveries"][0]["status"]) == ([200], 200, 204)


def test_webhooks_beyond_this_machine_are_refused(sandbox: Sandbox) -> None:
    """The control plane says so when a subscription names another machine."""
    sandbox.outbox.deliveries.append(Delivery("made", "http://example.com/", {}))
    status, answer = control(sandbox, "POST", "outbox/deliver")
    assert (status, "loopback only" in answer["error"]) == (400, True)


def test_a_body_has_a_limit() -> None:
    """A body above `max_body` is answered with 413 and a sentence, by vendor routes and control plane, and noted."""
    with Sandbox("dispatch", settings={"max_body": 1000}) as sandbox:
        api = Api(sandbox)
        assert api.upload(b"x" * 500).status == 201
        refused = api.upload(b"x" * 1001)
        assert refused.status == 413
        assert "larger than 1000 bytes" in refused.body["error"]
        assert sandbox.journal[-1].problem == "too_large"
        assert control(sandbox, "POST", "given", b" " * 1001)[0] == 413
        for path in ("/v3/datafiles", "/_sandbox/given"):
            status, answer = over_http(sandbox, "POST", path, b"x" * 200_000, Content_Type="application/json")
            assert (status, "setting max_body" in answer["error"]) == (413, True)
        assert over_http(sandbox, "GET", "/_sandbox/clock")[0] == 200


def test_a_large_upload_fits_the_default(sandbox: Sandbox) -> None:
    """A file of 10 MB less its envelope is taken, over HTTP as in process."""
    content = bytes(10 * 1024 * 1024 - 1000)
    assert Api(sandbox).upload(content).status == 201


@pytest.mark.parametrize("size", [0, -1, True, "many", 1.5])
def test_the_limit_is_a_number_of_bytes(size: Any) -> None:
    """`max_body` that is no number of bytes is refused when the sandbox is made."""
    with pytest.raises(SandboxError, match="give a number of bytes"):
        Sandbox("dispatch", settings={"max_body": size})


def test_a_refused_body_is_not_kept() -> None:
    """Of a body that is too large nothing beyond the limit is held, chunked or announced; a sender who waits for
    permission is told no before it sends."""
    with Sandbox("dispatch", settings={"max_body": 1000}) as sandbox:
        parts = urlsplit(sandbox.root)
        head = f"POST /v3/datafiles HTTP/1.1\r\nHost: 127.0.0.1:{parts.port}\r\n".encode()
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as asking:
            asking.sendall(head + b"Content-Length: 100000000000\r\nExpect: 100-continue\r\n\r\n")
            assert asking.recv(12) == b"HTTP/1.1 413"
        with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as sending:
            sending.sendall(head + b"Transfer-Encoding: chunked\r\n\r\n")
            for _ in range(50):
                sending.sendall(b"2710\r\n" + b"x" * 10_000 + b"\r\n")
            sending.sendall(b"0\r\n\r\n")
            assert sending.recv(12) == b"HTTP/1.1 413"
        assert all(not entry.body for entry in sandbox.journal)


@pytest.mark.parametrize(
    ("host", "own"),
    [
        ("127.0.0.1", True),
        ("[::1]:9", True),
        ("LOCALHOST:9", True),
        ("::1", False),
        ("a.localhost", False),
        ("2130706433", False),
    ],
)
def test_names_of_this_machine(host: str, own: bool) -> None:
    """Which `Host` headers name this machine is decided by the header alone, without asking any resolver."""
    assert names_loopback(host) is own
