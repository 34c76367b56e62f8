"""The documented habits of Dispatch that any client meets first."""

from __future__ import annotations

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api


def test_duration_defaults_to_two_hours(api: Api) -> None:
    """An appointment made without a duration lasts 7200 seconds."""
    made = api.post("/v3/appointments", {"job_id": 123, "status": "scheduled"})
    assert made.status == 201
    assert made.body["appointment"]["duration"] == 7200


def test_scheduled_appointment_schedules_job(api: Api, sandbox: Sandbox) -> None:
    """Making a scheduled appointment turns its job to scheduled."""
    assert sandbox.state.jobs[123]["status"] == "unscheduled"
    api.appointment(status="scheduled")
    assert api.get("/v3/jobs/123").body["job"]["status"] == "scheduled"


def test_status_in_matches_each_of_a_list(api: Api) -> None:
    """`filter[status_in]` takes several statuses in one comma-separated text, blanks around them ignored."""
    for status in ("scheduled", "enroute", "draft"):
        api.appointment(status=status)
    got = api.get("/v3/appointments?filter[status_in]=scheduled,%20enroute").body
    assert [row["status"] for row in got["appointments"]] == ["scheduled", "enroute"]
    assert got["meta"]["total"] == 2


def test_empty_list_filter_matches_nothing(api: Api) -> None:
    """`filter[status_in]` without a value matches no appointment."""
    api.appointment()
    assert api.get("/v3/appointments?filter[status_in]=").body["meta"]["total"] == 0


@pytest.mark.parametrize(("value", "expected"), [("true", [1]), ("false", [2])])
def test_user_id_null(api: Api, value: str, expected: list[int]) -> None:
    """`filter[user_id_null]` returns the unassigned appointments, or with `false` the assigned ones."""
    api.appointment()
    api.appointment(user_id=456)
    got = api.get(f"/v3/appointments?filter[user_id_null]={value}").body["appointments"]
    assert [row["id"] for row in got] == expected


@pytest.mark.parametrize(("predicate", "expected"), [("gt", [3]), ("gteq", [2, 3]), ("lt", [1]), ("lteq", [1, 2])])
def test_time_boundaries(api: Api, predicate: str, expected: list[int]) -> None:
    """Time predicates compare instants, include the equal one where their name says so, and never match no time."""
    for hour in (9, 10, 11):
        api.appointment(time=f"2026-05-01T{hour:02d}:00:00Z")
    api.appointment()
    # The same instant as 10:00 UTC, written with another offset.
    got = api.get(f"/v3/appointments?filter[time_{predicate}]=2026-05-01T12:00:00%2B02:00").body["appointments"]
    assert [row["id"] for row in got] == expected


def test_brackets_raw_or_encoded(api: Api) -> None:
    """Percent-encoded brackets in a filter mean the same as raw ones."""
    api.appointment(status="enroute")
    api.appointment()
    raw = api.get("/v3/appointments?filter[status_eq]=enroute").body
    assert api.get("/v3/appointments?filter%5Bstatus_eq%5D=enroute").body == raw
    assert raw["meta"]["total"] == 1


def test_limit_is_clamped(api: Api) -> None:
    """A limit of 500 counts as 100, and `meta.limit` says 100."""
    assert api.get("/v3/appointments?limit=500").body["meta"] == {"total": 0, "limit": 100, "offset": 0}


def test_single_get_is_bare_and_patch_enveloped(api: Api) -> None:
    """An appointment is read without an envelope and changed with one."""
    made = api.appointment()
    assert api.get(f"/v3/appointments/{made['id']}").body == made
    changed = api.patch(f"/v3/appointments/{made['id']}", {"duration": 60}).body
    assert changed["appointment"]["duration"] == 60


def test_single_get_can_be_enveloped() -> None:
    """With `single_get=envelope` the two bare reads come in an envelope, as the vendor documented later."""
    with Sandbox("dispatch", settings={"single_get": "envelope"}) as sandbox:
        api = Api(sandbox)
        made = api.appointment()
        assert api.get(f"/v3/appointments/{made['id']}").body == {"appointment": made}
        sandbox.raise_defects()


def test_expired_token_then_refresh(api: Api, sandbox: Sandbox) -> None:
    """A token dies after 10800 seconds with a 401; its refresh token gets a new one that works."""
    login = api.log_in().body
    api.token = login["access_token"]
    sandbox.clock.advance(seconds=10799)
    assert api.get("/v3/jobs").status == 200
    sandbox.clock.advance(seconds=1)
    refused = api.get("/v3/jobs")
    assert refused.status == 401
    assert refused.headers["www-authenticate"] == "Bearer"
    renewed = api.post("/v3/oauth/token", {"grant_type": "refresh_token", "refresh_token": login["refresh_token"]})
    assert renewed.status == 200
    api.token = renewed.body["access_token"]
    assert api.get("/v3/jobs").status == 200


def test_datafile_redirects_to_its_bytes(api: Api) -> None:
    """Fetching a file answers 302; the address that it names serves the uploaded bytes without a token."""
    uid = api.upload(b"\x00\x01binary", "two words.bin").body["datafile"]["uid"]
    found = api.get(f"/v3/datafiles/{uid}")
    assert found.status == 302
    assert found.content == b""
    status, headers, content = api.sandbox.transport("GET", found.headers["location"], [], b"", None)
    assert status == 200
    assert content == b"\x00\x01binary"
    assert ("Content-Type", "text/plain") in headers


@pytest.mark.parametrize("path", ["appointments", "attachments"])
def test_deleted_is_gone(api: Api, path: str) -> None:
    """A deleted record is answered with 404 from then on, for reading, changing and deleting."""
    body = {"job_id": 123, "status": "draft"} if path == "appointments" else {"entity_type": "Job", "entity_id": 123}
    api.post(f"/v3/{path}", body)
    gone = api.delete(f"/v3/{path}/1")
    assert (gone.status, gone.content) == (204, b"")
    assert api.get(f"/v3/{path}/1").status == 404
    assert api.patch(f"/v3/{path}/1", {}).status == 404
    assert api.delete(f"/v3/{path}/1").status == 404


def test_brands_take_no_filter(api: Api) -> None:
    """A filter on brands is a 400."""
    assert api.get("/v3/brands?filter[name_eq]=Acme").status == 400


def test_bare_filter_name_means_equality(api: Api, sandbox: Sandbox) -> None:
    """`filter[job_id]=123` means `filter[job_id_eq]=123`, and the sandbox says which rule that is."""
    api.appointment()
    assert api.get("/v3/appointments?filter[job_id]=123").body["meta"]["total"] == 1
    assert api.get("/v3/appointments?filter[job_id]=122").body["meta"]["total"] == 0
    assert "bare_filter" in [rule.name for rule in sandbox.rules]


def test_filters_combine_with_and(api: Api) -> None:
    """Two filters must both hold."""
    api.appointment(status="enroute", user_id=456)
    api.appointment(status="enroute")
    got = api.get("/v3/appointments?filter[status_eq]=enroute&filter[user_id_eq]=456").body["appointments"]
    assert [row["id"] for row in got] == [1]


@pytest.mark.parametrize(
    "query", ["filter[nonsense_eq]=1", "filter[job_id_eq]=abc", "filter[time_gt]=soon", "filter[status_eq]=maybe"]
)
def test_bad_filters_are_refused(api: Api, query: str) -> None:
    """An unknown filter, and a value that does not fit its type, are 400."""
    assert api.get(f"/v3/appointments?{query}").status == 400


@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=ten", "offset=-1", "offset=x", f"offset={10**30}"])
def test_bad_page_numbers_are_refused(api: Api, query: str) -> None:
    """A limit below 1, an offset below 0, and what is no integer are 400."""
    assert api.get(f"/v3/jobs?{query}").status == 400


def test_unknown_parameters_outside_filter_are_ignored(api: Api) -> None:
    """A top-level parameter that is not documented has no effect."""
    assert api.get("/v3/jobs?status=complete&entity_id_eq=5").body["meta"]["total"] == 4


def test_pages_cover_the_list(api: Api, sandbox: Sandbox) -> None:
    """Walking by limit and offset shows every record once, in the order of ids; past the end the page is empty."""
    sandbox.given("appointments", 25)
    seen: list[int] = []
    for offset in (0, 10, 20, 30):
        page = api.get(f"/v3/appointments?limit=10&offset={offset}").body
        assert page["meta"] == {"total": 25, "limit": 10, "offset": offset}
        seen += [row["id"] for row in page["appointments"]]
    assert seen == list(range(1, 26))


def test_documented_limits_can_be_set() -> None:
    """`max_limit` and `default_limit` replace the numbers, for tests of the 200 that the samples show."""
    with Sandbox("dispatch", settings={"max_limit": 200, "default_limit": 200}) as sandbox:
        assert Api(sandbox).get("/v3/jobs").body["meta"]["limit"] == 200
