"""What a test may ask of a sandbox and do to it, as methods and over its control plane."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from accordant_sandbox import Sandbox, SandboxError, vendors
from tests.sandbox.dispatch_caller import Api


def control(sandbox: Sandbox, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
    """Status and parsed body of a control request."""
    raw = b"" if body is None else orjson.dumps(body)
    url = f"http://dispatch.sandbox.localhost/_sandbox/{path}"
    status, _, content = sandbox.transport(method, url, list(headers.items()), raw, 5)
    return status, orjson.loads(content)


def test_vendors() -> None:
    """The vendors that have a sandbox are listed by name."""
    assert "dispatch" in vendors()


def test_all_operations_are_served(sandbox: Sandbox) -> None:
    """All 49 operations of the document are served."""
    assert len(sandbox.operations) == 49
    assert sandbox.operations == set(sandbox.vendor.document.operations)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"vendor": "dispach"}, "unknown vendor 'dispach'; did you mean 'dispatch'"),
        ({"seed": "defualt"}, "unknown seed 'defualt'; did you mean 'default'"),
        ({"seed": "busy_day:people=4"}, "unknown option of the seed 'busy_day' 'people'"),
        ({"seed": "busy_day:appointments=many"}, "write name=number"),
        ({"settings": {"single": "bare"}}, "unknown setting 'single'"),
        ({"faults": ["no_such_fault"]}, "unknown fault 'no_such_fault'"),
        ({"clock": "yesterday"}, "clock: 'yesterday' is not an RFC 3339 instant"),
        ({"clock": "2026-01-01T00:00:00Z", "real_time": True}, "either clock= or real_time"),
        ({"journal_size": 0}, "the journal keeps at least one"),
        ({"settings": {"limits": {"default": "often"}}}, "'often' is no rate"),
        ({"settings": {"limits": {"defualt": "60/min"}}}, "unknown limit 'defualt'"),
    ],
)
def test_impossible_sandboxes(arguments: dict[str, Any], words: str) -> None:
    """Whatever cannot be is refused when the sandbox is made, with the closest name or the right form."""
    with pytest.raises(SandboxError, match=words):
        Sandbox(arguments.pop("vendor", "dispatch"), **arguments)


def test_given_makes_valid_rows_with_parents(sandbox: Sandbox) -> None:
    """`given` stores any number of valid rows of any collection, with the values asked for, parents included."""
    with Sandbox("dispatch", seed="empty") as empty:
        api = Api(empty)
        for name in ("appointments", "attachments", "brands", "customers", "jobs", "organizations", "sources", "users"):
            rows = empty.given(name, 3)
            shown = api.get(f"/v3/{name}").body[name]
            assert {row["id"] for row in rows} <= {row["id"] for row in shown}, name
        empty.given("survey_responses", 2, rating=1)
        assert [row["rating"] for row in api.get("/v3/survey_responses").body["survey_responses"]] == [1, 1]
        uid = empty.given("datafiles")[0]["uid"]
        assert api.get(f"/v3/datafiles/{uid}").status == 302
        assert api.post(f"/v3/work_orders/{empty.given('work_orders')[0]['id']}/cancel").status == 200
        empty.raise_defects()
    assert [row["status"] for row in sandbox.given("appointments", 2, status="enroute")] == ["enroute"] * 2


def test_given_refuses_the_impossible(sandbox: Sandbox) -> None:
    """`given` with an unknown collection or an unknown parent says what is wrong."""
    with pytest.raises(SandboxError, match="unknown collection 'appointment'; did you mean 'appointments'"):
        sandbox.given("appointment")
    with pytest.raises(SandboxError, match="given appointments: job_id refers to a record that does not exist"):
        sandbox.given("appointments", job_id=999)


def test_state_reads_rows(sandbox: Sandbox) -> None:
    """`state` gives rows by key, all that match, or the only one; what is not there is an error."""
    assert sandbox.state.jobs[123]["title"] == "Leaking kitchen tap"
    assert sandbox.state.jobs.one(status="paused")["id"] == 122
    assert len(sandbox.state.jobs.all()) == len(sandbox.state.jobs) == 4
    assert 124 not in sandbox.state.jobs
    with pytest.raises(SandboxError, match="jobs: no row has the key 124"):
        sandbox.state.jobs[124]
    with pytest.raises(SandboxError, match="jobs: 4 rows match"):
        sandbox.state.jobs.one(organization_id=3)
    with pytest.raises(SandboxError, match="unknown collection 'job'"):
        _ = sandbox.state.job


def test_rows_read_from_the_state_are_copies(sandbox: Sandbox) -> None:
    """Changing a row read from the state does not change the state."""
    sandbox.state.jobs[123]["title"] = "changed"
    assert sandbox.state.jobs[123]["title"] == "Leaking kitchen tap"


def test_reset(api: Api, sandbox: Sandbox) -> None:
    """A reset brings data, ids, clock and journal back to the start; the same calls then give the same answers."""
    first = api.log_in().body
    made = api.appointment(status="scheduled")
    sandbox.clock.advance(hours=1)
    sandbox.reset()
    assert (len(sandbox.state.appointments), sandbox.journal.count) == (0, 0)
    assert sandbox.state.jobs[123]["status"] == "unscheduled"
    assert sandbox.clock.text() == "2026-03-01T09:00:00Z"
    assert api.get("/v3/jobs").status == 401
    again = Api(sandbox)
    assert again.log_in().body == first
    assert again.appointment(status="scheduled") == made


def test_snapshot_and_restore(api: Api, sandbox: Sandbox) -> None:
    """A snapshot is a state to come back to, as often as wanted; the clock stays."""
    snapshot = sandbox.snapshot()
    for _ in range(2):
        assert api.appointment()["id"] == 1
        sandbox.clock.advance(minutes=1)
        sandbox.restore(snapshot)
        assert len(sandbox.state.appointments) == 0
    assert sandbox.clock.text() == "2026-03-01T09:02:00Z"


def test_snapshots_belong_to_their_vendor(sandbox: Sandbox) -> None:
    """A snapshot of another vendor is refused."""
    from tests.sandbox.toy_vendor import toy

    with pytest.raises(SandboxError, match="a snapshot of toy, not of dispatch"):
        sandbox.restore(Sandbox(toy()).snapshot())


def test_journal_masks_secrets(api: Api, sandbox: Sandbox) -> None:
    """The journal keeps every exchange and no secret: not in headers, bodies or answers, nor in a repr."""
    login = api.log_in("organization_user").body
    api.get("/v3/jobs?limit=1")
    text = repr(list(sandbox.journal)) + str([entry.view() for entry in sandbox.journal]) + repr(sandbox)
    for secret in ("secret_key", "dispatcher-password", login["access_token"], login["refresh_token"], api.token or ""):
        assert secret not in text
    entry = sandbox.journal[-1]
    assert (entry.operation, entry.status, entry.principal, entry.query) == (
        "listJobs",
        200,
        "default",
        (("limit", "1"),),
    )
    assert sandbox.journal.of("createToken")[0].body["grant_type"] == "client_credentials"


def test_journal_is_bounded() -> None:
    """The journal keeps the latest exchanges only, and goes on counting."""
    with Sandbox("dispatch", journal_size=2) as sandbox:
        api = Api(sandbox)
        for _ in range(5):
            api.get("/v3/jobs")
        assert (len(sandbox.journal), sandbox.journal.count) == (2, 6)


def test_journal_helps_with_misspelt_paths(api: Api, sandbox: Sandbox) -> None:
    """The journal of a request that matched nothing names the closest path."""
    api.get("/v3/appointment")
    assert sandbox.journal[-1].notes == ("no operation matches; the closest path is /v3/appointments",)


def test_the_clock_only_moves_forward(sandbox: Sandbox) -> None:
    """Moving the clock back is an error."""
    with pytest.raises(SandboxError, match="only moves forward"):
        sandbox.clock.advance(seconds=-1)


def test_other_hosts_are_refused(sandbox: Sandbox) -> None:
    """In process a request to another host is refused like a closed port, and remembered."""
    with pytest.raises(ConnectionRefusedError, match=r"nothing listens at example\.com"):
        sandbox.transport("GET", "https://example.com/v3/jobs", [("Authorization", "Bearer x")], b"", 5)
    assert [stranger.root for stranger in sandbox.strangers] == ["https://example.com"]


def test_busy_day() -> None:
    """The seed `busy_day` makes as many appointments as asked for, all answers valid, some of them unassigned."""
    with Sandbox("dispatch", seed="busy_day:appointments=1500,technicians=10,jobs=50") as sandbox:
        api = Api(sandbox)
        first = api.get("/v3/appointments?limit=100").body
        assert (first["meta"]["total"], len(first["appointments"])) == (1500, 100)
        assert api.get("/v3/appointments?limit=100&offset=1450").body["appointments"][-1]["id"] == 1500
        assert 0 < api.get("/v3/appointments?filter[user_id_null]=true").body["meta"]["total"] < 1500
        for name in ("jobs", "customers", "users"):
            assert api.get(f"/v3/{name}").status == 200
        sandbox.raise_defects()


def test_control_overview_and_operations(api: Api, sandbox: Sandbox) -> None:
    """The control plane tells what is there and how often each operation was called."""
    api.get("/v3/jobs")
    status, overview = control(sandbox, "GET", "overview")
    assert (status, overview["vendor"], overview["operations"], overview["rows"]["jobs"]) == (200, "dispatch", 49, 4)
    _, operations = control(sandbox, "GET", "operations")
    calls = {operation["id"]: operation["calls"] for operation in operations}
    assert (len(calls), calls["listJobs"]) == (49, {"200": 1})


def test_control_state_and_given(sandbox: Sandbox) -> None:
    """The control plane stores and shows rows, without passwords and file contents."""
    assert control(sandbox, "GET", "state")[1]["jobs"] == 4
    body = {"collection": "appointments", "count": 2, "values": {"status": "enroute"}}
    assert len(control(sandbox, "POST", "given", body)[1]["rows"]) == 2
    assert control(sandbox, "GET", "state/appointments?limit=1")[1]["total"] == 2
    users = control(sandbox, "GET", "state/users")[1]["rows"]
    files = control(sandbox, "GET", "state/datafiles")[1]["rows"]
    assert not any("password" in row for row in users)
    assert set(files[0]) == {"uid", "filename", "mime_type", "name", "bucket_id", "created_at"}


def test_control_clock_reset_snapshot(sandbox: Sandbox) -> None:
    """The control plane moves the clock, takes and restores snapshots, and resets."""
    assert control(sandbox, "POST", "clock", {"hours": 2})[1] == {"now": "2026-03-01T11:00:00Z"}
    assert control(sandbox, "GET", "clock")[1] == {"now": "2026-03-01T11:00:00Z"}
    name = control(sandbox, "POST", "snapshot")[1]["name"]
    control(sandbox, "POST", "given", {"collection": "brands"})
    assert control(sandbox, "POST", "restore", {"name": name})[1]["rows"]["brands"] == 2
    control(sandbox, "POST", "given", {"collection": "brands"})
    assert control(sandbox, "POST", "reset", {})[1]["rows"]["brands"] == 2
    assert control(sandbox, "POST", "restore", {"name": "none"})[0] == 400


def test_control_actions_rules_defects_outbox(api: Api, sandbox: Sandbox) -> None:
    """The control plane runs actions and lists rules, defects and webhooks."""
    api.appointment(status="complete")
    _, result = control(sandbox, "POST", "actions/answer_survey", {"job_id": 123, "rating": 5})
    assert result["result"]["rating"] == 5
    used = {rule["name"] for rule in control(sandbox, "GET", "rules")[1] if rule["used"]}
    assert "survey" in used
    assert control(sandbox, "GET", "defects")[1] == []
    outbox = control(sandbox, "POST", "outbox/deliver")[1]
    assert (outbox["deliveries"], [each["topic"] for each in outbox["events"]]) == ([], ["survey"])
    assert [(each["channel"], each["to"]) for each in outbox["notices"]] == [("sms", "+16175550121")]
    assert control(sandbox, "GET", "journal?limit=1")[1]["entries"][0]["operation"] == "createAppointment"


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", {"name": "nonsense"}, 400),
        ("POST", "faults", {}, 400),
        ("POST", "clock", {"weeks": 1}, 400),
        ("POST", "clock", {"seconds": "x"}, 400),
        ("POST", "given", {"collection": "nothing"}, 400),
        ("POST", "given", {"collection": "jobs", "count": "x"}, 400),
        ("POST", "actions/nothing", {}, 400),
        ("POST", "reset", [], 400),
        ("GET", "state/nothing", None, 400),
        ("GET", "state/jobs?limit=x", None, 400),
        ("GET", "nothing", None, 404),
        ("DELETE", "state", None, 404),
    ],
)
def test_control_refuses(sandbox: Sandbox, method: str, path: str, body: Any, status: int) -> None:
    """A control request that cannot be done says why, as JSON."""
    got, answer = control(sandbox, method, path, body)
    assert (got, sorted(answer)) == (status, ["error"])


def test_control_answers_its_own_pages_only(sandbox: Sandbox) -> None:
    """A web page of another origin cannot control the sandbox; the console's own page can."""
    assert control(sandbox, "POST", "reset", {}, Origin="http://evil.example.com")[0] == 403
    assert control(sandbox, "POST", "reset", {}, Origin="http://dispatch.sandbox.localhost")[0] == 200


def test_control_arms_faults(sandbox: Sandbox) -> None:
    """The control plane lists, arms and clears faults."""
    catalogue = control(sandbox, "GET", "faults")[1]["catalogue"]
    assert [fault["name"] for fault in catalogue] == [fault.name for fault in Sandbox.catalogue("dispatch")]
    for fault in catalogue[:1]:
        armed = control(sandbox, "POST", "faults", {"name": fault["name"], "times": 1})[1]["armed"]
        assert [each["name"] for each in armed] == [fault["name"]]
        assert control(sandbox, "POST", "faults/clear", {})[1] == {"armed": []}
