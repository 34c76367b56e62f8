"""The command `accordant call` against sandboxes: calls, lists, bodies, and what it says of a misspelt word."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest

import accordant_documents
from accordant import __version__
from accordant._cli import call as calling
from accordant._cli.main import main
from accordant._cli.methods import client_class, described, method_names, resources, vendor_names
from accordant._cli.values import in_words
from accordant.testing import no_waits
from accordant_sandbox import Sandbox
from tests.client.command_line import run, served, set_variables

COMMAND = [sys.executable, "-m", "accordant"]
CREATE = ("call", "dispatch", "appointments.create")


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with served("dispatch") as sandbox:
        yield sandbox


@pytest.fixture
def dispatch(running: Sandbox) -> Sandbox:
    running.reset()
    return running


def test_version() -> None:
    """`accordant --version` prints the version, as a program of its own and through `python -m accordant`."""
    assert run("--version").out == f"accordant {__version__}\n"
    done = subprocess.run([*COMMAND, "--version"], capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == (f"accordant {__version__}\n", "")


def test_vendors() -> None:
    """`accordant vendors` has a line for each vendor with the import of its client."""
    lines = run("vendors").out.splitlines()
    assert [line.split()[0] for line in lines] == list(vendor_names())
    assert lines[2].endswith("from accordant.dispatch import Dispatch")


@pytest.mark.parametrize("vendor", vendor_names())
def test_spec(vendor: str) -> None:
    """`accordant spec` prints the effective document byte for byte."""
    assert run("spec", vendor.replace("_", "-")).out == accordant_documents.path(vendor).read_text(encoding="utf-8")


@pytest.mark.parametrize("vendor", vendor_names())
def test_every_method_can_be_called(vendor: str) -> None:
    """Each argument of each method has an option of its own and a form that can be written on a command line."""
    count = 0
    for name, resource in resources(client_class(vendor)).items():
        for each in method_names(resource):
            method = described(name, each, getattr(resource, each))
            options = [argument.option for argument in method.arguments]
            assert len(set(options)) == len(options)
            assert not {"--max", "--table", "--help"} & set(options)
            assert all(in_words(argument.kind) for argument in method.arguments)
            assert run("call", vendor, method.path, "--help").code == 0
            count += 1
    assert count >= len([each for path in accordant_documents.load(vendor)["paths"].values() for each in path]) - 5


def test_rows_of_a_list(dispatch: Sandbox) -> None:
    """A list is one line of JSON for each row over all pages, as the vendor names the fields; `--max` ends it."""
    dispatch.given("appointments", 12, status="scheduled")
    dispatch.given("appointments", 3, status="enroute")
    dispatch.given("appointments", 2, status="draft")
    words = ("call", "dispatch", "appointments.list", "--status-in", "scheduled", "--status-in=enroute", "--limit", "5")
    done = run(*words)
    assert (done.code, done.err) == (0, "")
    assert [row["status"] for row in done.rows].count("enroute") == 3
    assert len(done.rows) == 15
    assert set(done.rows[0]) >= {"id", "job_id", "status", "created_at"}
    assert run(*words, "--max", "7").rows == done.rows[:7]
    assert run(*words, "--max", "0").rows == []


def test_types_of_arguments(dispatch: Sandbox) -> None:
    """Texts become what the signature says: numbers, date-times, enums, null, a flag, and values without a name."""
    done = run(*CREATE, "--job-id", "123", "--status=draft", "--time", "2026-03-02T10:00:00+01:00", "--user-id", "null")
    made = done.rows[0]
    assert (made["job_id"], made["status"], made["time"], made["user_id"]) == (
        123,
        "draft",
        "2026-03-02T09:00:00Z",
        None,
    )
    assert run("call", "dispatch", "appointments.get", str(made["id"])).rows == [made]
    assert run("call", "dispatch", "appointments.get", "--id", str(made["id"])).rows == [made]
    listing = ("call", "dispatch", "appointments.list", "--time-gteq", "2026-03-02T09:00:00Z")
    assert run(*listing, "--user-id-null").rows == [made]
    assert run(*listing, "--user-id-null", "false").rows == []
    assert run("call", "dispatch", "appointments.delete", str(made["id"])).out == ""
    assert not dispatch.state.appointments.all(id=made["id"])


def test_table(dispatch: Sandbox) -> None:
    """`--table` is a line of names and one line for each row; a control character does not reach the terminal."""
    dispatch.given("jobs", 1, title="leak\x1b[2J\nin the cellar")
    lines = run("call", "dispatch", "jobs.list", "--table").out.splitlines()
    assert lines[0].split()[:2] == ["ID", "TITLE"]
    assert len(lines) == 1 + len(dispatch.state.jobs.all())
    assert any("leak\\x1b[2J in the cellar" in line for line in lines)
    assert run("call", "dispatch", "appointments.list", "--status-eq", "draft", "--table").out == ""


def test_body(dispatch: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--body` holds the fields as the vendor names them: as text, out of a file, or out of the standard input."""
    text = '{"job_id": 123, "status": "scheduled", "time": "2026-03-02T09:00:00Z"}'
    file = tmp_path / "body.json"
    file.write_text(text)
    monkeypatch.setattr(sys, "stdin", StringIO(text))
    for body in (text, f"@{file}", "@-"):
        assert run(*CREATE, "--body", body).rows[0]["time"] == "2026-03-02T09:00:00Z"
    assert run(*CREATE, "--body", '{"job_id": 123}', "--status", "draft").rows[0]["status"] == "draft"
    assert len(dispatch.state.appointments.all(job_id=123, status="scheduled")) >= 3


def test_objects_in_arguments(dispatch: Sandbox) -> None:
    """An argument that is an object is JSON, and a list of objects is one JSON list or an option repeated."""
    words = ["--title", "Tap", "--organization-id", "1", "--customer-id", "1", "--status", "unscheduled"]
    address = ["--address", '{"street_1": "1 Mill Lane", "city": "Bath"}']
    ways = '"contact_methods": [{"method": "email", "value": "a@example.com", "notify": true}]'
    one, two = (f'{{"first_name": "{name}", "last_name": "Lee", {ways}}}' for name in ("Ann", "Bo"))
    customer, job = dispatch.given("customers")[0], dispatch.state.jobs.all()[0]
    words[3], words[5] = str(job["organization_id"]), str(customer["id"])
    for contacts in ([f"[{one}, {two}]"], [one, two]):
        given = [word for each in contacts for word in ("--contacts", each)]
        done = run("call", "dispatch", "jobs.create", *words, *address, *given)
        assert done.err == ""
        assert dispatch.state.jobs[done.rows[0]["id"]]["title"] == "Tap"
        assert done.rows[0]["address"]["city"] == "Bath"


def test_files(dispatch: Sandbox, tmp_path: Path) -> None:
    """A file is named by its path, and content that a call returns is written as the bytes that it is."""
    photo = tmp_path / "photo.jpg"
    photo.write_bytes(b"\xff\xd8\xff\x00 not much of a photo")
    uploaded = run("call", "dispatch", "datafiles.upload", "--file", str(photo)).rows[0]
    raw = BytesIO()
    out, err = TextIOWrapper(raw, encoding="utf-8"), StringIO()
    assert main(["call", "dispatch", "datafiles.download", uploaded["uid"]], out, err) == 0, err.getvalue()
    assert raw.getvalue() == photo.read_bytes()
    missing = run("call", "dispatch", "datafiles.upload", "--file", str(tmp_path / "fotos.jpg"))
    assert "there is no file" in missing.complaint
    assert dispatch.defects == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("cal dispatch appointments.list", "did you mean 'call'?"),
        ("spec dispach", "did you mean 'dispatch'?"),
        ("spec", "name a vendor: dibop, "),
        ("vendors now", "takes no arguments"),
        ("call dispach appointments.list", "did you mean 'dispatch'?"),
        ("call dispatch appointment.list", "did you mean 'appointments'?"),
        ("call dispatch appointments.lst", "did you mean 'appointments.list'?"),
        ("call dispatch --limit 5", "name the method before its options"),
        ("call dispatch appointments.list --status-inn draft", "did you mean '--status-in'?"),
        ("call dispatch appointments.list --status-in schedulde", "did you mean 'scheduled'?"),
        ("call dispatch appointments.list --limit five", "--limit is not a whole number"),
        ("call dispatch appointments.list --limit", "--limit needs a value"),
        ("call dispatch appointments.list --limit 1 --limit 2", "is given 2 times, and takes one value"),
        ("call dispatch appointments.list --time-gt soon", "--time-gt is not a date-time such as"),
        ("call dispatch appointments.list --user-id-null=maybe", "write true or false"),
        ("call dispatch appointments.list --max many", "--max: write a whole number"),
        ("call dispatch appointments.list --table=1", "--table takes no value"),
        ("call dispatch appointments.list --limit 0", "RequestError"),
        ("call dispatch appointments.list 7", "takes no more arguments without a name"),
        ("call dispatch appointments.get", "appointments.get needs --id"),
        ("call dispatch appointments.get 7 --max 3", "--max is for lists"),
        ("call dispatch appointments.create --status draft", "needs --job-id"),
        ('call dispatch appointments.create --body {"jobid":1}', "did you mean 'job_id'?"),
        ("call dispatch appointments.create --body {", "--body is not JSON"),
        ("call dispatch appointments.create --body []", "write a JSON object"),
        ("call dispatch appointments.create --body @nowhere.json", "cannot read 'nowhere.json'"),
        ('call dispatch appointments.create --body {"job_id":1} --job-id 2', "is given twice"),
        ('call dispatch jobs.create --address {"street_1":7}', "--address"),
    ],
)
def test_what_is_wrong_on_the_command_line(dispatch: Sandbox, words: str, said: str) -> None:
    """A wrong word is one line that says what was probably meant, with exit code 2, and nothing is sent."""
    done = run(*words.split())
    assert said in done.complaint
    assert done.code == 2
    assert dispatch.journal.count == 0


def test_what_the_vendor_refuses(dispatch: Sandbox) -> None:
    """An error of the vendor is one line with its name and the request id, and exit code 1."""
    done = run("call", "dispatch", "appointments.get", "999999")
    assert done.complaint.startswith("NotFoundError: getAppointment: 404")
    assert done.code == 1
    assert dispatch.journal.count == 2


def test_no_connection(monkeypatch: pytest.MonkeyPatch, dispatch: Sandbox) -> None:
    """A server that is not there is one line and exit code 1."""
    assert dispatch.url
    monkeypatch.setenv("DISPATCH_BASE_URL", "http://127.0.0.1:1")
    with no_waits():
        done = run("call", "dispatch", "appointments.get", "7")
    assert done.complaint.startswith("ConnectError: ")
    assert done.code == 1


def test_missing_credentials(monkeypatch: pytest.MonkeyPatch, dispatch: Sandbox) -> None:
    """A variable that is not set is named in one line, with exit code 2; help needs no variables at all."""
    assert dispatch.url
    monkeypatch.delenv("DISPATCH_CLIENT_SECRET")
    done = run("call", "dispatch", "appointments.get", "7")
    assert "DISPATCH_CLIENT_SECRET is not set" in done.complaint
    assert done.code == 2
    assert "--status-in" in run("call", "dispatch", "appointments.list", "--help").out
    assert "appointments.list" in run("call", "dispatch").out
    assert "jobs.list" not in run("call", "dispatch", "appointments").out


@pytest.mark.parametrize(
    "words",
    [
        ("appointments.get", "xyzzy-secret"),
        ("appointments.list", "--limit", "xyzzy-secret"),
        ("appointments.list", "--status-in", "xyzzy-secret"),
        ("appointments.list", "--time-gt=xyzzy-secret"),
        ("appointments.list", "--user-id-null=xyzzy-secret"),
        ("appointments.list", "--max", "xyzzy-secret"),
        ("appointments.list", "xyzzy-secret"),
        ("appointments.create", "--body", "xyzzy-secret"),
        ("appointments.create", "--body", '{"status": "xyzzy-secret"}'),
        ("jobs.create", "--address", '{"street_1": ["xyzzy-secret"]}'),
    ],
)
def test_no_value_is_repeated(dispatch: Sandbox, words: tuple[str, ...]) -> None:
    """A value is not repeated by an error: it may be a secret that went to the wrong option."""
    assert dispatch.url
    done = run("call", "dispatch", *words)
    assert "xyzzy" not in done.complaint
    assert done.code == 2


def test_a_fault_of_the_command_has_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """What nobody foresaw is one line with its kind and place and without its text, which may quote anything."""

    def fails(*_: object) -> None:
        raise LookupError("xyzzy-secret")

    monkeypatch.setattr(calling, "client_class", fails)
    done = run("call", "dispatch", "appointments.get", "7")
    assert done.complaint.startswith("unexpected LookupError at client/test_command_line.py:")
    assert "xyzzy" not in done.complaint
    assert done.code == 1


def test_nobody_reads_on(dispatch: Sandbox) -> None:
    """`| head -1` ends the command without a traceback."""
    dispatch.given("appointments", 600, status="scheduled")  # 118 kB, more than a pipe holds
    words = [*COMMAND, "call", "dispatch", "appointments.list"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith("{")
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait(timeout=60) == 1


def test_calls_of_dibop() -> None:
    """DIBOP: a key or a login of the environment, a table of systems, an execution that is waited for."""
    with served("dibop") as sandbox:
        systems = run("call", "dibop", "systems.list").rows
        assert {each["slug"] for each in systems} >= {"crm", "dms"}
        assert run("call", "dibop", "systems.list", "--table", "--max", "1").out.startswith("SLUG")
        made = [each["id"] for each in run("call", "dibop", "orchestrations.list", "--max", "1").rows]
        assert run("call", "dibop", "orchestrations.get", *made).rows[0]["id"] == made[0]
        wrong = run("call", "dibop", "orchestrations.execute-and-wate", "x")
        assert "did you mean 'orchestrations.execute_and_wait'?" in wrong.complaint
        assert sandbox.defects == []


def test_calls_of_dime_scheduler() -> None:
    """Dime.Scheduler: a record and a list of records as a body, in the vendor's own spelling or from the type."""
    with served("dime_scheduler") as sandbox:
        record = '{"name": "survey", "displayName": "Survey", "color": "#336699"}'
        for body in ([record], ["--body", f"[{record}]"]):
            assert run("call", "dime-scheduler", "categories.upsert", *body).err == ""
        rows = run("call", "dime_scheduler", "categories.list").rows
        assert [row["displayName"] for row in rows if row["name"].lower() == "survey"] == ["Survey"]
        assert run("call", "dime_scheduler", "categories.upsert", '{"name": 7}').code == 2
        assert sandbox.defects == []


def test_calls_of_espace() -> None:
    """eSPACE: rows in the vendor's own spelling, an enum of numbers by its name, dates."""
    with served("espace") as sandbox:
        events = run("call", "espace", "events.list", "--max", "2").rows
        assert len(events) == 2
        assert all("EventName" in each for each in events)
        assert run("call", "espace", "equipment.list", "--max", "1", "--date-in-service-from", "2020-01-01").err == ""
        assert run("call", "espace", "equipment.list", "--date-in-service-from", "2020").code == 2
        assert sandbox.defects == []


def test_sandbox_of_every_vendor(monkeypatch: pytest.MonkeyPatch) -> None:
    """`accordant sandbox all` serves every vendor, prints what `from_env()` reads, and ends with code 0 on SIGTERM."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    words = [*COMMAND, "sandbox", "all", "--clock", "2026-03-01T09:00:00Z"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            comments: list[str] = []
            while len(comments) < len(vendor_names()):
                line = process.stdout.readline().strip()
                assert line
                if line.startswith("#"):
                    comments.append(line)
                else:
                    set_variables(monkeypatch, dict([line.removeprefix("export ").split("=", 1)]))
            assert [each.split(":")[0] for each in comments] == [f"# {name}" for name in vendor_names()]
            for call in (("dispatch", "jobs.list"), ("espace", "events.list"), ("dibop", "systems.list")):
                assert run("call", *call, "--max", "1").code == 0
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_what_all_sandboxes_cannot_share(capsys: pytest.CaptureFixture[str]) -> None:
    """A fault, a setting or a data set is one vendor's: asked of all, it is one line and exit code 2."""
    for option in (("--fault", "slow"), ("--setting", "a=1"), ("--seed", "busy_day")):
        assert main(["sandbox", "all", *option]) == 2
        assert (
            capsys.readouterr().err == f"accordant sandbox: {option[0]} is for one vendor: name it instead of 'all'\n"
        )


def test_sandbox_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, `accordant sandbox` says in one line how to get it."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    done = run("sandbox", "dispatch")
    assert done.complaint == "the sandboxes need an extra: pip install 'accordant[sandbox]'"
    assert done.code == 2


def test_proxy_without_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the extra is not installed, `accordant proxy` says in one line how to get it."""
    monkeypatch.setitem(sys.modules, "accordant_contract.proxy.command", None)
    done = run("proxy", "dispatch", "--upstream", "https://api.example.com")
    assert done.complaint == "the proxy needs an extra: pip install 'accordant[workbench]'"
    assert done.code == 2


def test_proxy_with_a_wrong_upstream() -> None:
    """An upstream over plain http that is not this machine is refused in one line."""
    done = run("proxy", "dispatch", "--upstream", "http://api.example.com")
    assert "https" in done.complaint
    assert done.code == 2
