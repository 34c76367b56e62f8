"""Symptoms of faults in what is stored and shown again: state and values."""

from __future__ import annotations

from typing import Any

from tests.sandbox.symptoms import Patient, shows

NOON = "2026-03-02T12:00:00Z"


def make(patient: Patient, **values: Any) -> dict[str, Any]:
    """A created appointment as the answer shows it."""
    body = {"job_id": 123, "status": "draft", "time": NOON, "duration": 600, **values}
    seen = patient.see("POST", "/v3/appointments", body)
    assert seen.status == 201, seen
    return dict(seen.body["appointment"])


def read(patient: Patient, appointment: dict[str, Any]) -> dict[str, Any] | None:
    """The appointment as a GET shows it, None for a 404."""
    seen = patient.see("GET", f"/v3/appointments/{appointment['id']}")
    return dict(seen.body) if seen.status == 200 else None


def stored(patient: Patient, **values: Any) -> dict[str, Any]:
    """An appointment that is there already."""
    kept: dict[str, Any] = {"job_id": 123, "time": NOON, "duration": 600, **values}
    return patient.sandbox.given("appointments", 1, **kept)[0]


@shows("wrong_404")
def wrong_404(patient: Patient) -> bool:
    row = stored(patient)
    return read(patient, row) is None and read(patient, row) is not None


@shows("delete_noop")
def delete_noop(patient: Patient) -> bool:
    row = stored(patient)
    seen = patient.see("DELETE", f"/v3/appointments/{row['id']}")
    return seen.status == 204 and read(patient, row) is not None


@shows("delete_other")
def delete_other(patient: Patient) -> bool:
    rows = patient.sandbox.given("appointments", 4)
    seen = patient.see("DELETE", f"/v3/appointments/{rows[0]['id']}")
    return seen.status == 204 and patient.total("/v3/appointments") == 2


@shows("create_not_readable")
def create_not_readable(patient: Patient) -> bool:
    made = make(patient)
    return read(patient, made) is None and patient.total("/v3/appointments") == 0


@shows("read_lag")
def read_lag(patient: Patient) -> bool:
    made = make(patient)
    row = patient.sandbox.state.jobs[123]
    patient.see("PATCH", "/v3/jobs/123", {"title": "Changed"})
    early = read(patient, made), patient.see("GET", "/v3/jobs/123").body["job"]["title"]
    patient.sandbox.clock.advance(seconds=6)
    late = read(patient, made), patient.see("GET", "/v3/jobs/123").body["job"]["title"]
    return early == (None, row["title"]) and late == (made, "Changed")


@shows("create_dup")
def create_dup(patient: Patient) -> bool:
    made = make(patient)
    rows = patient.see("GET", "/v3/appointments").body["appointments"]
    return len(rows) == 2 and {**rows[1], "id": made["id"]} == made


@shows("retry_creates_again")
def retry_creates_again(patient: Patient) -> bool:
    body = {"organization_id": 3, "first_name": "Pat", "email": "pat@example.com"}
    first = patient.see("POST", "/v3/customers", body).body["customer"]["id"]
    before = patient.total("/v3/customers")
    again = patient.see("POST", "/v3/customers", body)
    return (
        again.status == 201 and again.body["customer"]["id"] != first and patient.total("/v3/customers") == before + 1
    )


@shows("patch_lost")
def patch_lost(patient: Patient) -> bool:
    row = stored(patient)
    echoed = patient.see("PATCH", f"/v3/appointments/{row['id']}", {"duration": 900}).body["appointment"]
    after = read(patient, row)
    return echoed["duration"] == 900 and after is not None and after["duration"] == 600


@shows("patch_clobbers")
def patch_clobbers(patient: Patient) -> bool:
    row = stored(patient)
    echoed = patient.see("PATCH", f"/v3/appointments/{row['id']}", {"duration": 900}).body["appointment"]
    after = read(patient, row)
    return after is not None and after["time"] is None and echoed["time"] is None and after["duration"] == 900


@shows("failed_write_leaks")
def failed_write_leaks(patient: Patient) -> bool:
    row = stored(patient)
    created = patient.see("POST", "/v3/appointments", {"job_id": 123, "status": "no such status"})
    changed = patient.see("PATCH", f"/v3/appointments/{row['id']}", {"duration": 900, "status": "no such status"})
    after = read(patient, row)
    assert (created.status, changed.status) == (422, 422)
    return patient.total("/v3/appointments") == 2 and after is not None and bool(after["duration"] == 900)


@shows("cascade_missing")
def cascade_missing(patient: Patient) -> bool:
    seen = patient.see("DELETE", "/v3/brands/1")
    return seen.status == 204 and patient.see("GET", "/v3/jobs/123").body["job"]["brand_id"] == 1


@shows("transition_ignored")
def transition_ignored(patient: Patient) -> bool:
    made = make(patient, status="scheduled")
    job = patient.see("GET", "/v3/jobs/123").body["job"]
    return bool(made["status"] == "scheduled" and job["status"] == "unscheduled")


@shows("create_mangles")
def create_mangles(patient: Patient) -> bool:
    body = {"entity_type": "Job", "entity_id": 123, "description": "gate code"}
    made = patient.see("POST", "/v3/attachments", body).body["attachment"]["id"]
    return bool(patient.see("GET", f"/v3/attachments/{made}").body["description"] == "gate cod")


@shows("create_drops_field")
def create_drops_field(patient: Patient) -> bool:
    body = {"entity_type": "Job", "entity_id": 123, "description": "gate code"}
    made = patient.see("POST", "/v3/attachments", body).body["attachment"]["id"]
    return patient.see("GET", f"/v3/attachments/{made}").body["description"] is None


@shows("patch_stale_echo")
def patch_stale_echo(patient: Patient) -> bool:
    row = stored(patient)
    echoed = patient.see("PATCH", f"/v3/appointments/{row['id']}", {"duration": 900}).body["appointment"]
    after = read(patient, row)
    return echoed["duration"] == 600 and after is not None and after["duration"] == 900


@shows("get_other_id")
def get_other_id(patient: Patient) -> bool:
    rows = patient.sandbox.given("appointments", 3)
    found = read(patient, rows[2])
    return found is not None and found["id"] == rows[0]["id"]


@shows("time_shifted")
def time_shifted(patient: Patient) -> bool:
    after = read(patient, make(patient))
    return after is not None and after["time"] == "2026-03-02T17:00:00Z"


@shows("precision_lost")
def precision_lost(patient: Patient) -> bool:
    changed = patient.see("PATCH", "/v3/jobs/123", {"service_fee": 89.75})
    return changed.status == 200 and patient.see("GET", "/v3/jobs/123").body["job"]["service_fee"] == 90


@shows("clock_skew")
def clock_skew(patient: Patient) -> bool:
    return bool(make(patient)["created_at"] == "2026-03-01T09:10:00Z")
