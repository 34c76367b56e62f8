"""The sandbox as a server and as a command."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import orjson
import pytest

from accordant_sandbox import Sandbox, SandboxError
from accordant_sandbox.http.exchange import Wire, WireKind
from accordant_sandbox.model.faults import Fault
from accordant_sandbox.server.serve import bind
from tests import warm
from tests.sandbox.toy_vendor import toy

COMMAND = [sys.executable, "-m", "accordant_sandbox"]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return warm.run(["-m", "accordant_sandbox", *arguments], cwd=Path.cwd(), libraries=warm.PYTEST)


class Http:
    """One keep-alive connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)

    def __call__(
        self, method: str, target: str, body: object = None, token: str = "", **headers: str
    ) -> tuple[int, bytes]:
        sent = {"Content-Type": "application/json", **headers}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        self.connection.request(method, target, None if body is None else orjson.dumps(body), sent)
        response = self.connection.getresponse()
        self.headers = response.headers
        return response.status, response.read()


@contextmanager
def connected(url: str) -> Generator[Http]:
    """A connection that is closed afterwards."""
    made = Http(url)
    try:
        yield made
    finally:
        made.connection.close()


def log_in(api: Http) -> str:
    """A token over HTTP."""
    body = {"grant_type": "client_credentials", "client_id": "public_key", "client_secret": "secret_key"}
    return str(orjson.loads(api("POST", "/v3/oauth/token", body)[1])["access_token"])


def test_the_same_answers_over_http(sandbox: Sandbox) -> None:
    """The server answers like the in-process transport, on loopback, over one kept connection."""
    assert sandbox.url.startswith("http://127.0.0.1:")
    assert sandbox.http_credentials["base_url"] == sandbox.url
    with connected(sandbox.url) as api:
        token = log_in(api)
        status, content = api("POST", "/v3/appointments", {"job_id": 123, "status": "scheduled"}, token)
        assert (status, orjson.loads(content)["appointment"]["duration"]) == (201, 7200)
        assert api("GET", "/v3/appointments?filter%5Bstatus_eq%5D=scheduled", token=token)[0] == 200
        assert api.headers["X-Request-Id"]
        assert api.headers["Date"] == "Sun, 01 Mar 2026 09:00:00 GMT"
        assert api("DELETE", "/v3/appointments/1", token=token) == (204, b"")
        assert api("GET", "/_sandbox/overview")[0] == 200
    assert len(sandbox.state.appointments) == 0


def test_files_over_http(sandbox: Sandbox) -> None:
    """Over HTTP the redirect of a file leads to the host that the client used."""
    uid = sandbox.given("datafiles")[0]["uid"]
    with connected(sandbox.url) as api:
        status, _ = api("GET", f"/v3/datafiles/{uid}", token=log_in(api))
        assert status == 302
        location = api.headers["Location"]
        assert location.startswith(f"{sandbox.url}/_files/{uid}/")
        assert api("GET", urlsplit(location).path) == (200, b"note 2\n")


def test_environment_for_a_client(sandbox: Sandbox) -> None:
    """`env()` gives the variables that a client reads."""
    assert sandbox.env() == {
        "DISPATCH_CLIENT_ID": "public_key",
        "DISPATCH_CLIENT_SECRET": "secret_key",
        "DISPATCH_BASE_URL": sandbox.url,
    }


@pytest.mark.parametrize("kind", ["reset", "refuse", "empty", "close", "garbage", "truncate", "bad_chunk"])
def test_broken_connections(kind: WireKind) -> None:
    """Over a socket each disturbance really breaks the exchange, and the next connection works."""
    fault = Fault(
        name="test_wire",
        cls="network",
        sentence="Breaks.",
        oracle="client_survives",
        applies=lambda operation, _: operation.id == "listRuns",
        wire=lambda _, __: Wire(kind),
    )
    with Sandbox(toy(faults=(fault,)), faults=["test_wire"]) as sandbox:
        with connected(sandbox.root) as api, pytest.raises((OSError, http.client.HTTPException)):
            api("GET", "/api/v1/runs", **{"X-Key": "toy-key"})
        with connected(sandbox.root) as api:
            assert api("GET", "/api/v1/systems", **{"X-Key": "toy-key"})[0] == 200


@pytest.mark.parametrize("kind", ["dribble", "hang", "hang_after_headers"])
def test_late_bytes(kind: WireKind) -> None:
    """A disturbance that only takes time delivers the whole answer."""
    fault = Fault(
        name="test_late",
        cls="time",
        sentence="Takes time.",
        oracle="client_survives",
        applies=lambda operation, _: operation.id == "listRuns",
        wire=lambda _, __: Wire(kind, 0.001),
    )
    with Sandbox(toy(faults=(fault,)), faults=["test_late"]) as sandbox, connected(sandbox.root) as api:
        assert orjson.loads(api("GET", "/api/v1/runs", **{"X-Key": "toy-key"})[1])["items"] == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "example.com", ""])
def test_only_loopback(host: str) -> None:
    """A sandbox refuses to listen on anything but loopback."""
    with pytest.raises(SandboxError, match="loopback only"):
        bind(host, 0)


@pytest.mark.parametrize("port", [-1, 65536])
def test_impossible_ports(port: int) -> None:
    """A number that is no port is refused."""
    with pytest.raises(SandboxError, match="is not a port"):
        bind("127.0.0.1", port)


def test_listening_socket_allows_quick_answers() -> None:
    """The listening socket names its protocol, without which each kept connection would answer 40 ms late."""
    with bind("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP


def test_port_in_use() -> None:
    """A port that is taken is one clear error."""
    with bind("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with (
            Sandbox("dispatch", port=port) as sandbox,
            pytest.raises(SandboxError, match=f"cannot listen on 127.0.0.1:{port}"),
        ):
            _ = sandbox.url


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["dispach"], "unknown vendor 'dispach'; did you mean 'dispatch'?"),
        (["dispatch", "--seed", "nothing"], "unknown seed 'nothing'"),
        (["dispatch", "--fault", "nothing"], "unknown fault 'nothing'"),
        (["dispatch", "--setting", "single_get"], "write NAME=VALUE"),
        (["dispatch", "--clock", "noon"], "clock: 'noon' is not an RFC 3339 instant"),
        (["dispatch", "--host", "0.0.0.0"], "listens on loopback only"),
        (["dispatch", "--port", "70000"], "70000 is not a port"),
    ],
)
def test_command_errors_are_one_line(arguments: list[str], words: str) -> None:
    """What the command cannot do is one line on standard error and exit code 2, without a traceback."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_command_with_port_in_use() -> None:
    """A taken port is one line on standard error and exit code 2."""
    with bind("127.0.0.1", 0) as taken:
        arguments = ["dispatch", "--port", str(taken.getsockname()[1])]
        done = run(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("accordant-sandbox: cannot listen on 127.0.0.1:")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_command_serves_until_it_is_stopped(number: signal.Signals) -> None:
    """The command prints the variables of a client, serves on real time, and stops on SIGTERM or Ctrl-C with code 0."""
    arguments = ["dispatch", "--port", "0", "--seed", "busy_day:appointments=20,technicians=2,jobs=4"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        *exports, comment = [process.stdout.readline().strip() for _ in range(10)]
        try:
            variables = dict(line.removeprefix("export ").split("=", 1) for line in exports)
            assert list(variables)[:3] == ["DISPATCH_CLIENT_ID", "DISPATCH_CLIENT_SECRET", "DISPATCH_BASE_URL"]
            assert comment.startswith("# dispatch: 49 operations")
            with connected(variables["DISPATCH_BASE_URL"]) as api:
                token = log_in(api)
                assert orjson.loads(api("GET", "/v3/appointments", token=token)[1])["meta"]["total"] == 20
                assert api("GET", "/_sandbox/clock")[1] != b'{"now":"2026-03-01T09:00:00Z"}'
        finally:
            process.send_signal(number)
        assert process.wait(timeout=30) == 0


def test_variables_of_another_principal_bear_its_name() -> None:
    """`env("third_party")` has that principal's credentials under names of their own, and no address."""
    with Sandbox("dispatch") as sandbox:
        found = sandbox.env("third_party")
        assert list(found) == ["DISPATCH_THIRD_PARTY_CLIENT_ID", "DISPATCH_THIRD_PARTY_CLIENT_SECRET"]
        assert list(found.values()) == list(sandbox.vendor.credentials["third_party"].values())
    with Sandbox("dibop") as sandbox:
        assert list(sandbox.env("webhook")) == ["DIBOP_WEBHOOK_ID", "DIBOP_WEBHOOK_SECRET"]


def test_command_lists_faults() -> None:
    """`--fault list` prints every fault of the vendor with what it does and what catches it, and ends."""
    done = run("dispatch", "--fault", "list")
    names = [line.split()[0] for line in done.stdout.splitlines()[:-1]]
    assert done.returncode == 0
    assert names == [fault.name for fault in Sandbox.catalogue("dispatch")]


def test_a_reader_that_left_is_no_trouble() -> None:
    """`--fault list | head -1` prints one line and nothing on standard error."""
    listing = [*COMMAND, "dispatch", "--fault", "list"]
    with subprocess.Popen(listing, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == ""
    assert process.returncode in {0, 1}


def test_importing_loads_nothing_heavy() -> None:
    """Importing the package, or naming the vendors, loads no server, no validator and no form parser."""
    script = (
        "import sys, accordant_sandbox; accordant_sandbox.Sandbox; accordant_sandbox.vendors(); "
        "heavy = ('uvicorn', 'starlette', 'jsonschema_rs', 'python_multipart', 'httpx', 'asyncio', 'ssl'); "
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]"


TOKEN = "an-invented-token-4711"


def test_beyond_loopback_needs_a_flag_and_a_token() -> None:
    """A sandbox that others can reach must be asked for as such, and have a token for its control plane."""
    with pytest.raises(SandboxError, match="exposed=True needs a control_token"):
        Sandbox("dispatch", host="0.0.0.0", exposed=True)
    for wrong in ("short", "with a blank in the middle", "umlaut-ü-umlaut-ü-umlaut"):
        with pytest.raises(SandboxError, match="a control token has 16 or more printable ASCII characters"):
            Sandbox("dispatch", control_token=wrong)
    refused = pytest.raises(SandboxError, match="--reachable-by-others lets other machines in")
    with Sandbox("dispatch", host="0.0.0.0", control_token=TOKEN) as sandbox, refused:
        _ = sandbox.url


def test_the_control_plane_asks_for_its_token() -> None:
    """With a token the control plane serves who has it, under any name of the machine, and nobody else."""
    with Sandbox("dispatch", control_token=TOKEN) as sandbox, connected(sandbox.root) as api:
        assert api("GET", "/_sandbox/overview")[0] == 401
        assert api("GET", "/_sandbox/overview", token="another-invented-token")[0] == 401
        assert api("POST", "/_sandbox/reset", {})[0] == 401
        assert api("GET", "/_sandbox/overview", token=TOKEN, Host="sandbox.example:8801")[0] == 200
        assert api("POST", "/_sandbox/reset", {}, token=TOKEN, Origin="http://elsewhere.example")[0] == 403
        status, page = api("GET", "/_sandbox/")
        assert (status, TOKEN.encode() in page) == (200, False)
        assert api("GET", "/v3/jobs", token=log_in(api))[0] == 200
    assert sandbox.control_token == TOKEN


def test_the_command_makes_a_token_up() -> None:
    """`--reachable-by-others` prints the token that it made up; one from the environment is used and not printed."""
    command = [*COMMAND, "dispatch", "--reachable-by-others"]  # on loopback: the flag allows more, and asks for nothing
    for own in (None, TOKEN):
        environ = {**os.environ, **({"ACCORDANT_SANDBOX_TOKEN": own} if own else {})}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline()]
            while not lines[-1].startswith("#"):
                lines.append(process.stdout.readline())
            begin = "export ACCORDANT_SANDBOX_TOKEN="
            printed = [line.removeprefix(begin).strip() for line in lines if line.startswith(begin)]
            root = lines[-1].rpartition("console at ")[2].strip().removesuffix("/_sandbox/")
            with connected(root) as api:
                assert api("GET", "/_sandbox/overview")[0] == 401
                assert api("GET", "/_sandbox/overview", token=own or printed[0])[0] == 200
            assert (len(printed), TOKEN in "".join(lines)) == (0 if own else 1, False)
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
