"""The validating proxy: traffic passes through unchanged, and each deviation is reported."""

from __future__ import annotations

import contextlib
import gzip
import http.client
import io
import json
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import httpx
import pytest

from accordant.dispatch import Dispatch
from accordant_contract.__main__ import main
from accordant_contract.document.document import load
from accordant_contract.errors import ContractError
from accordant_contract.proxy.command import main as proxy_command
from accordant_contract.proxy.reporting import Reporter
from accordant_contract.proxy.server import ValidatingProxy
from accordant_contract.target import vendor
from accordant_sandbox import Sandbox

from .loopback_servers import Loopback, Scripted, hold

KEY: Final = "an-invented-api-key-0123456789"


@contextlib.contextmanager
def proxied(upstream: str, **how: Any) -> Generator[tuple[str, io.StringIO, Reporter]]:
    """A proxy before an upstream: its address, and what it says."""
    err = io.StringIO()
    reporter = Reporter(load("dispatch"), vendor.load("dispatch"), upstream, err, **how)
    with ValidatingProxy(reporter) as proxy:
        yield proxy.url, err, reporter
    assert proxy.errors == []


class Echo(Loopback):
    """Keeps what came, as it came, and responds with what a test prepared."""

    def __init__(self, headers: list[tuple[str, str]], body: bytes) -> None:
        super().__init__()
        self.seen: list[tuple[str, str, list[tuple[str, str]], bytes]] = []
        self._headers, self._body = headers, body

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        del number
        if handler.headers.get("Transfer-Encoding") == "chunked":
            body = b""
            while size := int(handler.rfile.readline(), 16):
                body += handler.rfile.read(size)
                handler.rfile.readline()
            handler.rfile.readline()
        self.seen.append((handler.command, handler.path, list(handler.headers.items()), body))
        handler.send_response_only(203)
        for name, value in self._headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(self._body)))
        handler.end_headers()
        if handler.command != "HEAD":
            handler.wfile.write(self._body)
        handler.wfile.flush()


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"])
def test_requests_and_responses_pass_unchanged(method: str) -> None:
    """Method, path, query, repeated header fields, binary bodies and compressed ones arrive as they were sent."""
    compressed = gzip.compress(b'{"a": 1}')
    headers = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Content-Encoding", "gzip"), ("X-Own", "kept")]
    path = "/v3/a%2Fb/[x]?q=%20&q=+&empty=&odd=a'b"
    body = bytes(range(256)) if method in ("POST", "PUT", "PATCH") else b""
    with Echo(headers, compressed) as upstream, proxied(upstream.url) as (url, _, _):
        assert isinstance(upstream, Echo)
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
        connection.putrequest(method, path, skip_accept_encoding=True)
        for name, value in (("X-Two", "1"), ("X-Two", "2"), ("Connection", "X-Hop"), ("X-Hop", "gone")):
            connection.putheader(name, value)
        if body:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body or None)
        response = connection.getresponse()
        content = response.read()
        shown = response.getheaders()
        connection.close()
    seen = upstream.seen[0]
    sent = [(name.lower(), value) for name, value in seen[2]]
    assert seen[:2] == (method, path)
    assert seen[3] == body
    assert [value for name, value in sent if name == "x-two"] == ["1", "2"]
    assert not {"x-hop", "accept-encoding", "user-agent"} & {name for name, _ in sent}
    assert ("host", urlsplit(upstream.url).netloc) in sent
    assert response.status == 203
    assert content == (b"" if method == "HEAD" else compressed)
    assert [pair for pair in shown if pair[0] in dict(headers)] == headers
    assert not {"date", "server"} & {name.lower() for name, _ in shown}


def test_a_chunked_request_body_passes() -> None:
    """A body of unknown length arrives whole."""
    with Echo([], b"{}") as upstream, proxied(upstream.url) as (url, _, _):
        assert isinstance(upstream, Echo)
        httpx.post(f"{url}/v3/jobs", content=(part for part in (b"one ", b"two ", b"three")))
    assert upstream.seen[0][3] == b"one two three"


class Slow(Loopback):
    """Sends a first part, and the second when a test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.go_on = threading.Event()
        self.gone = threading.Event()

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        del body, number
        handler.send_response_only(200)
        handler.send_header("Content-Length", "10")
        handler.end_headers()
        handler.wfile.write(b"first")
        handler.wfile.flush()
        self.go_on.wait(30)
        with contextlib.suppress(OSError):
            handler.wfile.write(b"later")
            handler.wfile.flush()


def test_a_response_streams() -> None:
    """The first part of a response is there before the upstream has sent the rest."""
    with Slow() as upstream, proxied(upstream.url) as (url, _, _):
        assert isinstance(upstream, Slow)
        with httpx.stream("GET", f"{url}/v3/stream") as response:
            parts = response.iter_raw()
            assert next(parts) == b"first"
            upstream.go_on.set()
            assert b"".join(parts) == b"later"


class Stalled(Slow):
    """Sends a first part, and then waits until its caller is gone."""

    def handle(self, handler: BaseHTTPRequestHandler, body: bytes, number: int) -> None:
        del body, number
        handler.send_response_only(200)
        handler.send_header("Content-Length", "10")
        handler.end_headers()
        handler.wfile.write(b"first")
        handler.wfile.flush()
        hold(handler)
        self.gone.set()


def test_a_caller_that_leaves_is_no_deviation_and_frees_the_upstream() -> None:
    """What the caller did not wait for is not held against the vendor, and the vendor's connection is closed."""
    with Stalled() as upstream, proxied(upstream.url) as (url, err, reporter):
        assert isinstance(upstream, Stalled)
        with httpx.stream("GET", f"{url}/v3/jobs/7") as response:
            assert next(response.iter_raw()) == b"first"
        assert upstream.gone.wait(30)
    assert not reporter.finish()
    assert "DEVIATION" not in err.getvalue()


def test_a_clean_vendor_gives_no_report() -> None:
    """Reading and writing through the proxy at a clean sandbox is no deviation, and the client notices nothing."""
    with (
        Sandbox("dispatch") as sandbox,
        proxied(sandbox.url) as (url, err, reporter),
        connected(sandbox, url) as api,
    ):
        jobs = api.jobs.list().collect(max_items=30)
        api.jobs.update(jobs[0].id, title="Another title")
        assert api.jobs.get(jobs[0].id).title == "Another title"
    assert reporter.exchanges >= 4
    assert not reporter.finish()
    assert err.getvalue().count("\n") == 1
    assert "no deviation" in err.getvalue()


def test_a_deviation_is_reported_in_words_and_as_json_without_credentials() -> None:
    """Operation, check, place, expected and seen are said once, each occurrence is a JSON line; no token is shown."""
    lines = io.StringIO()
    with Sandbox("dispatch", faults=["credential_shown", "wrong_type"]) as sandbox:
        with proxied(sandbox.url, lines=lines) as (url, err, reporter):
            login = {name: value for name, value in sandbox.http_credentials.items() if name.startswith("client_")}
            issued = httpx.post(f"{url}/v3/oauth/token", json={"grant_type": "client_credentials", **login}).json()
            for _ in range(2):
                headers = {"Authorization": f"Bearer {issued['access_token']}"}
                assert httpx.get(f"{url}/v3/jobs/{first_job(sandbox)}", headers=headers).status_code == 200
        secrets = [issued["access_token"], login["client_secret"]]
    assert reporter.finish()
    said = err.getvalue()
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    wrong = [each for each in found if each["operation"] == "getJob" and each["check"] == "response_schema_conformance"]
    assert len(wrong) >= 2
    assert {"path": "/v3/jobs/{id}", "status": 200, "vendor": "dispatch"}.items() <= wrong[0].items()
    assert wrong[0]["field"].startswith("$.job")
    assert said.count("DEVIATION response_schema_conformance getJob at $.job") == len({each["field"] for each in wrong})
    assert re.search(r"^  expected: .+\n  seen: .+", said, re.MULTILINE)
    assert "secret_leak" in said
    assert not [each for each in secrets if each in said or each in lines.getvalue()]


def connected(sandbox: Sandbox, url: str) -> Dispatch:
    """A client that reaches a sandbox through a proxy."""
    settings: dict[str, Any] = {**sandbox.http_credentials, "base_url": url}
    return Dispatch(**settings)


def first_job(sandbox: Sandbox) -> int:
    """The id of a job that the sandbox holds."""
    return int(sandbox.state.of("jobs").part(0, 1)[0]["id"])


def scripted(body: dict[str, Any]) -> Scripted:
    """An upstream that returns the same success for everything."""

    def script(method: str, path: str) -> tuple[int, str, bytes]:
        del method, path
        return 200, "application/json", json.dumps(body).encode()

    return Scripted(script)


def test_an_undocumented_field_is_a_deviation_with_strict_alone() -> None:
    """Without `--strict` it is listed in the summary, with it reported."""
    with Sandbox("dispatch", faults=["undocumented_addition"]) as sandbox:
        for strict in (False, True):
            with (
                proxied(sandbox.url, strict=strict) as (url, err, reporter),
                connected(sandbox, url) as api,
            ):
                api.jobs.list().collect(max_items=3)
            assert reporter.finish() is strict
            assert ("DEVIATION undocumented_field" if strict else "undocumented: ") in err.getvalue()


def test_what_is_no_operation_is_said_once() -> None:
    """An unknown path passes, is said once without its query, and is no deviation."""
    with scripted({}) as upstream, proxied(upstream.url) as (url, err, reporter):
        for _ in range(3):
            assert httpx.get(f"{url}/v3/unknown?key={KEY}").status_code == 200
    assert not reporter.finish()
    assert err.getvalue().count("NO OPERATION GET") == 1
    assert "3 requests that are no operation" in err.getvalue()
    assert KEY not in err.getvalue()


def test_an_upstream_that_does_not_respond_is_502_and_a_deviation() -> None:
    """The caller gets a 502 that says who sent it; the report says that no response came."""
    with scripted({}) as gone:
        address = gone.url
    with proxied(address) as (url, err, reporter):
        response = httpx.get(f"{url}/v3/jobs/7")
    assert response.status_code == 502
    assert "accordant proxy" in response.json()["error"]
    assert reporter.finish()
    assert "DEVIATION not_a_server_error getJob" in err.getvalue()


@pytest.mark.parametrize(
    ("upstream", "said"),
    [
        ("http://api.example.com", "https"),
        ("ftp://api.example.com", "such as https"),
        (f"https://user:{KEY}@api.example.com", "no credentials"),
        (f"https://api.example.com?key={KEY}", "such as https"),
    ],
)
def test_a_wrong_upstream_is_refused_without_showing_it(upstream: str, said: str) -> None:
    """Plain http leaves this machine to nobody, and credentials in an address are not repeated."""
    with pytest.raises(ContractError) as caught:
        proxy_command(["dispatch", "--upstream", upstream], io.StringIO(), io.StringIO())
    assert said in str(caught.value)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize("program", ["accordant", "accordant_contract"])
def test_ctrl_c_ends_the_command_with_a_summary(program: str, tmp_path: Path) -> None:
    """The command serves until Ctrl-C, prints what it saw, and exits with 1 where there was a deviation."""
    out = tmp_path / "deviations.jsonl"
    with Sandbox("dispatch", faults=["wrong_type"]) as sandbox:
        words = [sys.executable, "-m", program, "proxy", "dispatch", "--upstream", sandbox.url, "--out", str(out)]
        with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            try:
                assert process.stdout is not None
                exported = process.stdout.readline()
                url = exported.strip().removeprefix("export DISPATCH_BASE_URL=")
                assert url.startswith("http://127.0.0.1:")
                with connected(sandbox, url) as api:
                    api.raw.jobs.get(first_job(sandbox))
                process.send_signal(signal.SIGINT)
                _, err = process.communicate(timeout=60)
            finally:
                process.kill()
    assert process.returncode == 1
    assert "deviations, seen" in err
    assert "Traceback" not in err
    assert out.read_text(encoding="utf-8").count("\n") >= 1


def contract(target: str, sandbox: Sandbox, out: Path, *more: str) -> int:
    """A run at an address, with the sandbox's credentials in the environment."""
    environment = {**sandbox.env(), "DISPATCH_BASE_URL": target}
    return main(["run", "--vendor", "dispatch", "--target", target, "--out", str(out), *more], environment)


def test_a_run_through_our_proxy_is_as_green_as_without(tmp_path: Path) -> None:
    """The proxy changes nothing that a run would notice, and reports nothing of a clean vendor."""
    with Sandbox("dispatch") as sandbox, proxied(sandbox.url) as (url, err, reporter):
        assert contract(url, sandbox, tmp_path, "--operation", "listJobs", "--check", "page_walk") == 0
    assert reporter.exchanges > 5
    assert not reporter.finish(), err.getvalue()
