"""Symptoms of faults that come with a release of which nobody was told."""

from __future__ import annotations

from tests.sandbox.symptoms import Patient, shows
from tests.sandbox.symptoms_state import make, read
from tests.sandbox.symptoms_written import JOB, changed


@shows("listed_text_cut")
def listed_text_cut(patient: Patient) -> bool:
    whole = changed(patient, title="A title of some length")["title"]
    rows = patient.see("GET", "/v3/jobs").body["jobs"]
    return bool(next(row["title"] for row in rows if row["id"] == 123) == whole[:10])


@shows("full_page_short")
def full_page_short(patient: Patient) -> bool:
    total = len(patient.see("GET", "/v3/jobs").body["jobs"])
    return len(patient.see("GET", f"/v3/jobs?limit={total}").body["jobs"]) == total - 1


@shows("filtered_after_paging")
def filtered_after_paging(patient: Patient) -> bool:
    last = patient.see("GET", "/v3/jobs").body["jobs"][-1]
    changed_last = patient.see("PATCH", f"/v3/jobs/{last['id']}", {"status": "paused"}).body["job"]
    query = f"filter[status_eq]={changed_last['status']}&limit=1"
    return not patient.see("GET", f"/v3/jobs?{query}").body["jobs"]


@shows("changed_stamp_stays")
def changed_stamp_stays(patient: Patient) -> bool:
    before = patient.see("GET", JOB).body["job"]["updated_at"]
    patient.sandbox.clock.advance(seconds=5)
    return bool(changed(patient, title="Other")["updated_at"] == before)


@shows("precision_lost.two_places")
def two_places(patient: Patient) -> bool:
    return bool(changed(patient, service_fee=1.234)["service_fee"] == 1.23)


@shows("precision_lost.large")
def large_numbers_blurred(patient: Patient) -> bool:
    made = make(patient)
    assert patient.see("PATCH", f"/v3/appointments/{made['id']}", {"duration": 2**53 + 1}).status == 200
    return bool((read(patient, made) or {})["duration"] == 2**53)


@shows("email_lowered")
def email_lowered(patient: Patient) -> bool:
    seen = patient.see("POST", "/v3/brands", {"name": "Jo", "email": "Jo@example.com"})
    return bool(seen.body["brand"]["email"] == "jo@example.com")


@shows("empty_list_ignored")
def empty_list_ignored(patient: Patient) -> bool:
    assert len(changed(patient, equipment_descriptions=[{"manufacturer": "a"}])["equipment_descriptions"]) == 1
    return len(changed(patient, equipment_descriptions=[])["equipment_descriptions"]) == 1
