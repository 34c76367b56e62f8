"""Symptoms of faults in what was written: texts, edge values, other records, and headers that speak of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.sandbox.symptoms import Patient, Symptom, shows
from tests.sandbox.symptoms_state import make, read, stored

JOB = "/v3/jobs/123"
ADDRESS = {"street_1": "1 Elm St", "city": "Boston", "state": "MA", "postal_code": "02110"}


def changed(patient: Patient, **values: Any) -> dict[str, Any]:
    """A job as a reading shows it after a change."""
    assert patient.see("PATCH", JOB, values).status == 200
    return dict(patient.see("GET", JOB).body["job"])


def retitled(sent: str, kept: str) -> Symptom:
    """A title that is sent becomes another."""
    return lambda patient: changed(patient, title=sent)["title"] == kept


TITLES: dict[str, tuple[str, str]] = {
    "html_escaped": ("a & b", "a &amp; b"),
    "html_escaped.undone": ("a &amp; b", "a & b"),
    "backslash_lost": ("a\\b", "ab"),
    "lines_joined": ("a\nb", "a b"),
    "lines_joined.unix": ("a\r\nb", "a\nb"),
    "spaces_trimmed": (" a ", "a"),
    "spaces_trimmed.inner": ("a  b", "a b"),
    "unicode_composed": ("e\u0301", "\u00e9"),
    "unicode_composed.astral": ("a \U0001f527", "a ?"),
    "text_cut_at_255": ("a" * 300, "a" * 255),
    "text_cut_at_255.silently": ("a" * 300, "a" * 255),
    "zeros_lost": ("007.50", "7.5"),
    "capitals_lost": ("aBc", "abc"),
    "spaces_trimmed.no_break": ("1\u00a02", "1 2"),
}
for _name, (_sent, _kept) in TITLES.items():
    shows(_name)(retitled(_sent, _kept))


def names(patient: Patient) -> list[str]:
    """The makers of a job's equipment, of which two pieces were sent."""
    sent = [{"manufacturer": name} for name in ("a", "b")]
    return [each["manufacturer"] for each in changed(patient, equipment_descriptions=sent)["equipment_descriptions"]]


@shows("inner_list_cut")
def inner_list_cut(patient: Patient) -> bool:
    return names(patient) == ["a"]


@shows("inner_list_turned")
def inner_list_turned(patient: Patient) -> bool:
    return names(patient) == ["b", "a"]


def unmoved(name: str, full: Any, empty: Any) -> Callable[[Patient], bool]:
    """A full field stays as it is when it is emptied."""

    def symptom(patient: Patient) -> bool:
        assert changed(patient, **{name: full})[name] == full
        return bool(changed(patient, **{name: empty})[name] == full)

    return symptom


shows("zero_ignored")(unmoved("service_fee", 12.5, 0))
shows("false_ignored")(unmoved("service_fee_precollected", True, False))


@shows("null_ignored")
def null_ignored(patient: Patient) -> bool:
    contact = patient.see("GET", f"{JOB}/contacts").body["contacts"][0]
    target = f"{JOB}/contacts/{contact['id']}"
    assert patient.see("PATCH", target, {"address": ADDRESS}).status == 200
    assert patient.see("PATCH", target, {"address": None}).status == 200
    return "1 Elm St" in patient.see("GET", f"{JOB}/contacts").content.decode()


@shows("default_changed")
def default_changed(patient: Patient) -> bool:
    seen = patient.see("POST", "/v3/appointments", {"job_id": 123, "status": "draft", "time": "2026-03-02T12:00:00Z"})
    return bool(seen.body["appointment"]["duration"] == 7201)


@shows("offset_ignored")
def offset_ignored(patient: Patient) -> bool:
    made = read(patient, make(patient, time="2026-03-02T14:00:00+02:00"))
    return made is not None and made["time"] == "2026-03-02T14:00:00Z"


@shows("create_shows_other_id")
def create_shows_other_id(patient: Patient) -> bool:
    row = stored(patient)
    return bool(make(patient)["id"] == row["id"])


@shows("made_stamp_moves")
def made_stamp_moves(patient: Patient) -> bool:
    before = patient.see("GET", JOB).body["job"]["created_at"]
    return bool(changed(patient, title="Other")["created_at"] > before)


@shows("change_hits_all")
def change_hits_all(patient: Patient) -> bool:
    changed(patient, title="Everywhere")
    return {row["title"] for row in patient.see("GET", "/v3/jobs").body["jobs"]} == {"Everywhere"}


@shows("delete_touches_others")
def delete_touches_others(patient: Patient) -> bool:
    before, *rest = patient.see("GET", "/v3/brands").body["brands"]
    patient.see("DELETE", f"/v3/brands/{before['id']}")
    after = patient.see("GET", "/v3/brands").body["brands"]
    return [row["name"] for row in after] == [f"{row['name']}." for row in rest]


@shows("limit_minus_one")
def limit_minus_one(patient: Patient) -> bool:
    return len(patient.see("GET", "/v3/jobs?limit=2").body["jobs"]) == 1


@shows("past_end_repeats")
def past_end_repeats(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs?limit=2&offset=500").body["jobs"])


@shows("filter_first_only")
def filter_first_only(patient: Patient) -> bool:
    status = patient.see("GET", JOB).body["job"]["status"]
    query = f"filter[status_eq]={status}&filter[customer_id_eq]=999999"
    return bool(patient.see("GET", f"/v3/jobs?{query}").body["jobs"])


@shows("charset_lie")
def charset_lie(patient: Patient) -> bool:
    return "iso-8859-1" in str(patient.see("GET", JOB).header("Content-Type"))


@shows("cached_for_all")
def cached_for_all(patient: Patient) -> bool:
    return "public" in str(patient.see("GET", JOB).header("Cache-Control"))


@shows("etag_never_changes")
def etag_never_changes(patient: Patient) -> bool:
    before = patient.see("GET", JOB).header("ETag")
    changed(patient, title="Other")
    return before is not None and patient.see("GET", JOB).header("ETag") == before


@shows("etag_never_changes.not_modified")
def not_modified(patient: Patient) -> bool:
    first = patient.see("GET", JOB)
    base = patient.sandbox.credentials["base_url"]
    headers = [("Authorization", f"Bearer {patient.token}"), ("If-None-Match", '"other"')]
    return (
        first.header("ETag") is not None and patient.sandbox.transport("GET", base + JOB, headers, b"", 5.0)[0] == 304
    )


@shows("redirect_astray")
def redirect_astray(patient: Patient) -> bool:
    uid = patient.upload(b"one").body["datafile"]["uid"]
    return uid not in str(patient.see("GET", f"/v3/datafiles/{uid}").header("Location"))


@shows("redirect_astray.other")
def redirect_to_another(patient: Patient) -> bool:
    first, second = (patient.upload(each).body["datafile"]["uid"] for each in (b"one", b"two"))
    patient.see("GET", f"/v3/datafiles/{first}")
    return first in str(patient.see("GET", f"/v3/datafiles/{second}").header("Location"))


@shows("once_good_token_stays_good")
def once_good_token_stays_good(patient: Patient) -> bool:
    token = patient.log_in().body["access_token"]
    assert patient.see("GET", JOB, token=token).status == 200
    patient.sandbox.clock.advance(days=400)
    return patient.see("GET", JOB, token=token).status == 200
