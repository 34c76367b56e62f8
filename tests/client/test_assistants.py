"""`accordant mcp`: what the SDK's own client sees of a vendor, over a sandbox on loopback."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import anyio
import jsonschema_rs
import pytest
from attrs import frozen
from mcp import Client, MCPError, types
from mcp.client.stdio import StdioServerParameters, stdio_client

from accordant._cli import tools as tooling
from accordant._cli.mcp_server import server
from accordant._cli.methods import client_class, described, method_names, resources, vendor_names
from accordant._cli.schemas import input_schema
from accordant._cli.tools import tools_of
from accordant_sandbox import Sandbox
from tests.client.command_line import run, served

T = TypeVar("T")
COMMAND = [sys.executable, "-m", "accordant", "mcp", "dispatch"]
HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "t", "version": "1"}},
}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with served("dispatch") as sandbox:
        yield sandbox


@pytest.fixture
def dispatch(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def talk(work: Callable[[Client], Awaitable[T]], *only: str, vendor: str = "dispatch", write: bool = False) -> T:
    """What a client of the protocol gets from a server in this process."""

    async def talking() -> T:
        connect: Any = client_class(vendor)
        with connect.from_env() as api:
            async with Client(server(vendor, api, tools_of(vendor, only, write=write))) as client:
                return await work(client)

    return anyio.run(talking)


def ask(name: str, arguments: dict[str, Any], *, vendor: str = "dispatch", write: bool = False) -> types.CallToolResult:
    """The result of one tool."""

    async def asking(client: Client) -> types.CallToolResult:
        return await client.call_tool(name, arguments)

    return talk(asking, vendor=vendor, write=write)


def text_of(result: types.CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, types.TextContent)
    return content.text


def json_of(result: types.CallToolResult) -> Any:
    assert not result.is_error, text_of(result)
    return json.loads(text_of(result))


def listed(*only: str, write: bool = False) -> dict[str, types.Tool]:
    async def listing(client: Client) -> types.ListToolsResult:
        return await client.list_tools()

    return {tool.name: tool for tool in talk(listing, *only, write=write).tools}


@pytest.mark.usefixtures("dispatch")
def test_tools_that_read() -> None:
    """Without `--write` an assistant sees the operations that read, each marked so, and no other tool exists for it."""
    found = listed()
    assert {"appointments_list", "appointments_get", "jobs_list"} <= set(found)
    assert not {"appointments_create", "appointments_delete", "tokens_create"} & set(found)
    assert all(tool.annotations is not None and tool.annotations.read_only_hint for tool in found.values())

    async def deleting(client: Client) -> str:
        with pytest.raises(MCPError) as refused:
            await client.call_tool("appointments_delete", {"id": 1})
        return refused.value.message

    assert talk(deleting) == "there is no tool 'appointments_delete'"


def test_tools_that_write(dispatch: Sandbox) -> None:
    """`--write` adds the operations that change something, and one of them creates a record that a read finds."""
    hints = listed(write=True)["appointments_delete"].annotations
    assert hints is not None
    assert hints.destructive_hint
    (job,) = dispatch.given("jobs", 1)
    made = json_of(ask("appointments_create", {"job_id": job["id"], "status": "draft", "user_id": None}, write=True))
    assert made["status"] == "draft"
    assert json_of(ask("appointments_get", {"id": made["id"]}))["job_id"] == job["id"]


@pytest.mark.usefixtures("dispatch")
def test_only_some_resources() -> None:
    """`--only` limits the tools to those of the named resources; a name that does not exist is refused."""
    assert {name.rpartition("_")[0] for name in listed("sources", "survey-responses")} == {
        "sources",
        "survey_responses",
    }
    assert "there is no resource 'job'; did you mean 'jobs'?" in run("mcp", "dispatch", "--only", "job").complaint


@pytest.mark.usefixtures("dispatch")
def test_a_tool_says_what_it_takes() -> None:
    """A tool has the words of the method's documentation, and the schema of each argument that the document gives."""
    tool = listed()["appointments_list"]
    assert tool.description == "List appointments."
    schema = tool.input_schema
    assert schema["properties"]["status_in"]["description"] == "Only appointments in one of these statuses."
    assert schema["properties"]["status_in"]["items"] == {"$ref": "#/$defs/AppointmentStatus"}
    assert "scheduled" in schema["$defs"]["AppointmentStatus"]["enum"]
    assert schema["properties"]["max_items"]["default"] == 50
    assert listed()["appointments_get"].input_schema["required"] == ["id"]


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_schema_stands_on_its_own(vendor: str) -> None:
    """The schema of each tool of each vendor is valid, refers to nothing outside of itself, and knows each argument."""
    found = tools_of(vendor, write=True)
    assert len(found) > 20
    for tool in found.values():
        jsonschema_rs.Draft202012Validator(dict(tool.schema))
        assert "#/components" not in json.dumps(tool.schema)
        for argument in tool.method.arguments:
            keys = set(tool.schema["properties"][argument.name])
            assert keys & {"type", "$ref", "anyOf", "oneOf", "allOf", "enum"}, f"{tool.name}: {argument.name}"
        # The method's own argument of that name would be out of reach.
        assert not any(each.name == tooling.MOST for each in tool.method.arguments)


def test_rows_of_a_list(dispatch: Sandbox) -> None:
    """A list gives 50 rows or as many as `max_items` says, over several pages too, and says when there are more."""
    dispatch.given("appointments", 120, status="scheduled")
    some = json_of(ask("appointments_list", {"status_in": ["scheduled"]}))
    assert len(some["items"]) == 50
    assert "max_items" in some["cut"]
    many = json_of(ask("appointments_list", {"status_in": ["scheduled"], "max_items": 110}))
    assert len(many["items"]) == 110
    assert {row["status"] for row in many["items"]} == {"scheduled"}
    every = len(json_of(ask("appointments_list", {"max_items": 100_000}))["items"])
    assert [("cut" in json_of(ask("appointments_list", {"max_items": most}))) for most in (every, every - 1)] == [
        False,
        True,
    ]
    assert json_of(ask("appointments_list", {"max_items": 0}))["items"] == []


@pytest.mark.usefixtures("dispatch")
@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("appointments_get", {"id": 999_999_999}, "NotFoundError: getAppointment: 404 Not Found"),
        ("appointments_get", {}, "appointments.get needs id"),
        ("appointments_get", {"id": "xyzzy"}, "id is not a whole number"),
        ("appointments_list", {"status_inn": ["draft"]}, "did you mean 'status_in'?"),
        ("appointments_list", {"status_in": ["draft", {"a": 1}]}, "status_in[1]: a JSON object is not possible there"),
        ("appointments_list", {"max_items": "all"}, "max_items: write a whole number of rows, 0 or more"),
    ],
)
def test_errors(tool: str, arguments: dict[str, Any], said: str) -> None:
    """An error of the vendor or of the arguments is a result with one line, which the assistant can act on."""
    result = ask(tool, arguments)
    assert result.is_error
    assert said in text_of(result)
    assert len(text_of(result).splitlines()) == 1


@pytest.mark.usefixtures("dispatch")
def test_a_fault_of_ours_is_an_error_without_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is one line with its kind and place; its text, which may quote a secret, is not told."""

    def fails(*_: object) -> None:
        raise LookupError("xyzzy-secret")

    monkeypatch.setattr(tooling, "rows_of", fails)
    result = ask("appointments_list", {})
    assert result.is_error
    assert text_of(result).startswith("unexpected LookupError at client/test_assistants.py:")
    assert "xyzzy" not in text_of(result)


def test_no_secret_is_told(dispatch: Sandbox) -> None:
    """A token in a response and a secret of the client's own are masked, in a result and in an error."""
    env = dispatch.env()
    login = {"grant_type": "client_credentials", "client_id": env["DISPATCH_CLIENT_ID"]}
    made = json_of(ask("tokens_create", {**login, "client_secret": env["DISPATCH_CLIENT_SECRET"]}, write=True))
    assert made["access_token"] == "***"
    secret = env["DISPATCH_CLIENT_SECRET"]
    (job,) = dispatch.given("jobs", 1, title=f"Boiler {secret}")
    for result in (ask("jobs_get", {"id": job["id"]}), ask("appointments_list", {secret: 1})):
        assert secret not in text_of(result)
        assert "***" in text_of(result)


@pytest.mark.usefixtures("dispatch")
def test_files_of_the_machine_stay_there(tmp_path: Path) -> None:
    """No method that takes a path is a tool, and `@name`, which is a file on a command line, is a text to a tool."""
    file = tmp_path / "private"
    file.write_text('{"id": 7}', encoding="utf-8")
    assert not {"datafiles_upload", "datafiles_download_to"} & set(tools_of("dispatch", write=True))
    made = json_of(ask("brands_create", {"name": f"@{file}"}, write=True))
    assert made["name"] == f"@{file}"
    result = ask("jobs_add_time_windows", {"job_id": 1, "time_windows": [f"@{file}"]}, write=True)
    assert result.is_error
    assert not {"datafiles_upload", "datafiles_download_to"} & set(tools_of("dispatch", write=True))
    assert "datafiles_download" in tools_of("dispatch", write=True)


def test_methods_of_other_vendors() -> None:
    """DIBOP, Dime.Scheduler and eSPACE: a list in one response, records as an argument, dates and enums of numbers."""
    with served("dibop"):
        assert len(json_of(ask("systems_list", {"max_items": 1}, vendor="dibop"))["items"]) == 1
    with served("dime_scheduler"):
        record = {"name": "survey", "displayName": "Survey", "color": "#336699"}
        result = ask("categories_upsert", {"body": [record]}, vendor="dime_scheduler", write=True)
        names = [row["name"] for row in json_of(ask("categories_list", {}, vendor="dime_scheduler"))["items"]]
        assert not result.is_error, text_of(result)
        assert "survey" in names
    with served("espace"):
        dates = {"start_date": "2025-01-01", "end_date": "2027-12-31", "max_items": 2}
        assert len(json_of(ask("events_list", dates, vendor="espace"))["items"]) == 2


RECORDER = """
import pathlib, subprocess, sys
folder, words = pathlib.Path(sys.argv[1]), sys.argv[2:]
with (folder / "out").open("wb") as out, (folder / "errors").open("wb") as errors:
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors) as process:
        for line in process.stdout:
            out.write(line)
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()
(folder / "status").write_text(str(process.returncode))
"""
"""Runs a command between the streams of another, and keeps what it writes and how it ends."""


@frozen
class Talk:
    """What the SDK's own client got from the command over its standard streams, and what the command wrote and did."""

    names: set[str]
    result: types.CallToolResult
    folder: Path

    def kept(self, name: str) -> str:
        """A stream of the command, or its status, whole."""
        return (self.folder / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def talked(running: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Talk:
    """One conversation, which several tests look at: the command takes most of a second to begin."""
    running.reset()
    running.given("appointments", 1)
    folder = tmp_path_factory.mktemp("talk")
    recorded = ["-c", RECORDER, str(folder), *COMMAND, "--only", "appointments"]
    start = StdioServerParameters(command=sys.executable, args=recorded, env=dict(running.env()))

    async def talking() -> tuple[set[str], types.CallToolResult]:
        async with Client(stdio_client(start)) as client:
            names = {tool.name for tool in (await client.list_tools()).tools}
            return names, await client.call_tool("appointments_list", {"max_items": 1})

    return Talk(*anyio.run(talking), folder)


def test_over_the_standard_streams(talked: Talk) -> None:
    """The command serves the SDK's own client over its standard streams."""
    assert talked.names == {"appointments_list", "appointments_get"}
    assert len(json_of(talked.result)["items"]) == 1


def test_the_end_of_the_input_ends_it(talked: Talk, dispatch: Sandbox) -> None:
    """Nothing but the protocol is on the output, the command ends with its input, and no secret is on either stream."""
    said = [json.loads(line) for line in talked.kept("out").splitlines()]
    assert len(said) >= 3  # the greeting, the list of tools, the result of one
    assert {each["jsonrpc"] for each in said} == {"2.0"}
    assert talked.kept("errors") == ""
    assert talked.kept("status") == "0"
    assert dispatch.env()["DISPATCH_CLIENT_SECRET"] not in talked.kept("out")


@pytest.mark.usefixtures("dispatch")
def test_an_interrupt_ends_it() -> None:
    """Ctrl-C ends the command, although its input is still open."""
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{json.dumps(HELLO)}\n")
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(signal.SIGINT)
        try:
            assert process.wait(timeout=60) == -signal.SIGINT
        finally:
            process.kill()


@pytest.mark.usefixtures("dispatch")
def test_what_is_wrong_on_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong word, a missing variable and a missing extra are one line each, with exit code 2."""
    assert run("mcp", "dispach").complaint == "there is no vendor 'dispach'; did you mean 'dispatch'?"
    assert run("mcp", "dispatch", "--wirte").complaint.endswith("did you mean '--write'?")
    assert "name a vendor" in run("mcp").complaint
    assert "takes one vendor" in run("mcp", "dispatch", "espace").complaint
    assert "--only needs resources" in run("mcp", "dispatch", "--only").complaint
    assert "usage: accordant mcp VENDOR" in run("mcp", "--help").out
    monkeypatch.delenv("DISPATCH_CLIENT_SECRET")
    done = run("mcp", "dispatch")
    assert "DISPATCH_CLIENT_SECRET" in done.complaint
    assert done.code == 2
    monkeypatch.delitem(sys.modules, "accordant._cli.mcp_server")
    for name in [each for each in sys.modules if each.partition(".")[0] == "mcp"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "mcp", None)
    done = run("mcp", "dispatch")
    assert done.complaint == "accordant mcp needs an extra: pip install 'accordant[mcp]'"
    assert done.code == 2


def test_a_schema_of_a_signature() -> None:
    """A method that is more than one operation has the schema of its signature, and needs `--write`."""
    method = described("executions", "wait", resources(client_class("dibop"))["executions"].wait)
    schema = input_schema("dibop", method)
    assert schema["properties"]["execution_id"]["type"] == "string"
    assert schema["properties"]["deadline"]["anyOf"]
    assert "executions_wait" not in tools_of("dibop")
    assert "executions_wait" in tools_of("dibop", write=True)
    assert "wait" in method_names(resources(client_class("dibop"))["executions"])
