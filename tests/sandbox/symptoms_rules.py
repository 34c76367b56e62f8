"""Symptoms of faults that lose a rule in one place."""

from __future__ import annotations

from tests.sandbox.symptoms import Patient, shows
from tests.sandbox.symptoms_state import make, read
from tests.sandbox.symptoms_written import JOB, changed


@shows("seconds_lost")
def seconds_lost(patient: Patient) -> bool:
    made = make(patient)
    body = {"time": "2026-03-02T12:00:17Z"}
    assert patient.see("PATCH", f"/v3/appointments/{made['id']}", body).status == 200
    return bool((read(patient, made) or {})["time"] == "2026-03-02T12:00:00Z")


@shows("unknown_confirmed")
def unknown_confirmed(patient: Patient) -> bool:
    return patient.see("DELETE", "/v3/brands/987654").status == 204


@shows("filter_lost_on_next_page")
def filter_lost_on_next_page(patient: Patient) -> bool:
    changed(patient, status="paused")
    rows = patient.see("GET", "/v3/jobs?filter[status_eq]=paused&limit=1&offset=1").body["jobs"]
    return any(row["status"] != "paused" for row in rows)


@shows("filter_of_none_is_all")
def filter_of_none_is_all(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs?filter[customer_id_in]=987654").body["jobs"])


@shows("false_ignored.created")
def false_ignored_at_first(patient: Patient) -> bool:
    job = patient.see("GET", JOB).body["job"]
    body = {name: job[name] for name in ("title", "customer_id", "address", "organization_id", "source_id", "status")}
    seen = patient.see("POST", "/v3/jobs", {**body, "service_fee_precollected": False})
    return bool(seen.body["job"]["service_fee_precollected"] is True)


@shows("empty_change_clears")
def empty_change_clears(patient: Patient) -> bool:
    assert changed(patient, description="There")["description"] == "There"
    return changed(patient)["description"] is None


@shows("one_rule_dropped")
def one_rule_dropped(patient: Patient) -> bool:
    return patient.see("PATCH", JOB, {"status": "no such status"}).status == 200


@shows("token_beginning_enough")
def token_beginning_enough(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs", token=f"{patient.token}x").status == 200


@shows("neighbours_restamped")
def neighbours_restamped(patient: Patient) -> bool:
    stamps = {row["id"]: row["updated_at"] for row in patient.see("GET", "/v3/jobs").body["jobs"] if row["id"] != 123}
    patient.sandbox.clock.advance(seconds=5)
    changed(patient, title="Other")
    rows = patient.see("GET", "/v3/jobs").body["jobs"]
    return any(row["updated_at"] != stamps[row["id"]] for row in rows if row["id"] in stamps)
