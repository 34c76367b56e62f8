"""Symptoms of faults in single answers: schema, statuses, headers, errors, encodings."""

from __future__ import annotations

from typing import Any

from tests.sandbox.symptoms import Patient, shows

APPOINTMENT = {"job_id": 123, "status": "draft", "time": "2026-03-02T10:00:00Z"}


def one(patient: Patient) -> dict[str, Any]:
    """One appointment, made directly and read through the API."""
    row = patient.sandbox.given("appointments", status="draft", time="2026-03-02T10:00:00Z")[0]
    return dict(patient.see("GET", f"/v3/appointments/{row['id']}").body)


@shows("missing_required")
def missing_required(patient: Patient) -> bool:
    return "job_id" not in one(patient)


@shows("missing_required_list")
def missing_required_list(patient: Patient) -> bool:
    rows = patient.see("GET", "/v3/jobs").body["jobs"]
    return "title" not in rows[-1] and all("title" in row for row in rows[:-1])


@shows("password_hash_shown")
def password_hash_shown(patient: Patient) -> bool:
    return "password_hash" in one(patient)


@shows("credential_shown")
def credential_shown(patient: Patient) -> bool:
    return str(one(patient).get("trace", "")).startswith("Bearer ")


@shows("undocumented_addition")
def undocumented_addition(patient: Patient) -> bool:
    return "beta_score" in one(patient)


@shows("wrong_type")
def wrong_type(patient: Patient) -> bool:
    return isinstance(patient.see("GET", "/v3/jobs/123").body["job"]["customer_id"], str)


@shows("null_field")
def null_field(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs/123").body["job"]["title"] is None


@shows("enum_unknown")
def enum_unknown(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs/123").body["job"]["status"] == "unheard_of")


@shows("enum_unknown_rare")
def enum_unknown_rare(patient: Patient) -> bool:
    patient.sandbox.given("jobs", 20)
    odd = [row["status"] == "unheard_of" for row in patient.see("GET", "/v3/jobs").body["jobs"]]
    single = [
        patient.see("GET", f"/v3/jobs/{row['id']}").body["job"]["status"] == "unheard_of"
        for row in patient.sandbox.state.jobs.all()
    ]
    assert single.count(True) < 12
    return any(odd) and any(single)


@shows("enum_case")
def enum_case(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs/123").body["job"]["status"] == "UNSCHEDULED")


@shows("bad_date")
def bad_date(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs/123").body["job"]["created_at"] == "2026-03-01 09:00:00")


@shows("date_naive")
def date_naive(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs/123").body["job"]["created_at"] == "2026-03-01T09:00:00")


@shows("object_for_array")
def object_for_array(patient: Patient) -> bool:
    return isinstance(patient.see("GET", "/v3/jobs").body["jobs"], dict)


@shows("array_for_object")
def array_for_object(patient: Patient) -> bool:
    return isinstance(patient.see("GET", "/v3/jobs/123").body["job"], list)


@shows("envelope_missing")
def envelope_missing(patient: Patient) -> bool:
    return "title" in patient.see("GET", "/v3/jobs/123").body


@shows("envelope_extra")
def envelope_extra(patient: Patient) -> bool:
    return set(one(patient)) == {"appointment"}


@shows("key_case_flipped")
def key_case_flipped(patient: Patient) -> bool:
    return "Customer_id" in patient.see("GET", "/v3/jobs/123").body["job"]


@shows("id_type_flip")
def id_type_flip(patient: Patient) -> bool:
    return bool(patient.see("GET", "/v3/jobs/123").body["job"]["id"] == "123")


@shows("undocumented_status")
def undocumented_status(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs/123").status == 202


@shows("success_as_200_error")
def success_as_200_error(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs/999")
    return seen.status == 200 and "error" in seen.body


@shows("flaky_500")
def flaky_500(patient: Patient) -> bool:
    return [patient.see("GET", "/v3/jobs/123").status for _ in range(6)] == [500, 200, 200, 500, 200, 200]


@shows("applied_then_500")
def applied_then_500(patient: Patient) -> bool:
    before = patient.total("/v3/appointments")
    seen = patient.see("POST", "/v3/appointments", APPOINTMENT)
    return seen.status == 500 and patient.total("/v3/appointments") == before + 1


@shows("unavailable_503")
def unavailable_503(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs")
    patient.sandbox.clock.advance(seconds=120)
    return seen.status == 503 and seen.header("Retry-After") == "120" and patient.see("GET", "/v3/jobs").status == 200


@shows("bad_gateway_html")
def bad_gateway_html(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs")
    return seen.status == 502 and seen.header("Content-Type") == "text/html" and b"<h1>" in seen.content


@shows("conflict_spurious")
def conflict_spurious(patient: Patient) -> bool:
    before = patient.total("/v3/appointments")
    seen = patient.see("POST", "/v3/appointments", APPOINTMENT)
    return seen.status == 409 and patient.total("/v3/appointments") == before


@shows("500_unicode")
def unicode_500(patient: Patient) -> bool:
    plain = patient.see("POST", "/v3/brands", {"name": "Käse"})
    return plain.status == 201 and patient.see("POST", "/v3/brands", {"name": "Tap \U0001f6b0"}).status == 500


@shows("500_unicode.any")
def any_unicode_500(patient: Patient) -> bool:
    plain = patient.see("POST", "/v3/brands", {"name": "Cheese"})
    return plain.status == 201 and patient.see("POST", "/v3/brands", {"name": "Käse"}).status == 500


@shows("500_big_offset")
def big_offset_500(patient: Patient) -> bool:
    near = patient.see("GET", "/v3/jobs?offset=2147483647")
    return near.status == 200 and patient.see("GET", "/v3/jobs?offset=2147483648").status == 500


@shows("accepts_invalid")
def accepts_invalid(patient: Patient) -> bool:
    patient.sandbox.given("appointments")
    created = patient.see("POST", "/v3/appointments", {"job_id": 123, "status": 7})
    changed = patient.see("PATCH", "/v3/jobs/123", {"title": 7, "description": "kept"})
    unread = patient.see("POST", "/v3/appointments", raw=b"{")
    return (created.status, changed.status, unread.status) == (201, 200, 400)


@shows("method_open")
def method_open(patient: Patient) -> bool:
    return patient.see("PUT", "/v3/jobs/123", {}).status == 200


@shows("error_shape")
def error_shape(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs/999")
    return seen.status == 404 and not patient.valid("getJob", seen)


@shows("error_plain_text")
def error_plain_text(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs/999")
    return (seen.status, seen.header("Content-Type")) == (404, "text/plain")


@shows("error_empty")
def error_empty(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs/999")
    return (seen.status, seen.content, seen.header("Content-Type")) == (404, b"", None)


@shows("content_type")
def content_type(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs").header("Content-Type") == "text/plain"


@shows("content_type_html")
def content_type_html(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs").header("Content-Type") == "text/html; charset=utf-8"


@shows("content_type_absent")
def content_type_absent(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs").header("Content-Type") is None


@shows("header_duplicate")
def header_duplicate(patient: Patient) -> bool:
    headers = patient.see("GET", "/v3/jobs").headers
    return [value for name, value in headers if name == "Content-Type"] == ["text/html", "application/json"]


@shows("missing_location")
def missing_location(patient: Patient) -> bool:
    uid = patient.sandbox.state.datafiles.all()[0]["uid"]
    seen = patient.see("GET", f"/v3/datafiles/{uid}")
    return seen.status == 302 and seen.header("Location") is None


@shows("encoding_lie.gzip")
def gzip(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs")
    return seen.header("Content-Encoding") == "gzip" and seen.content.startswith(b"{")


@shows("encoding_lie.latin1")
def latin1(patient: Patient) -> bool:
    return b"\xe9" in patient.see("GET", "/v3/jobs").content


@shows("encoding_lie.bom")
def byte_order_mark(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs").content.startswith(b"\xef\xbb\xbf{")


@shows("encoding_lie.nan")
def not_a_number(patient: Patient) -> bool:
    return b":NaN," in patient.see("GET", "/v3/jobs").content


@shows("encoding_lie.duplicate_keys")
def duplicate_keys(patient: Patient) -> bool:
    content = patient.see("GET", "/v3/sources/1").content
    return content == b'{"source":{"id":1,"name":"homeowner_app","title":"Homeowner app","id":null}}'


@shows("encoding_lie.trailing_bytes")
def trailing_bytes(patient: Patient) -> bool:
    return patient.see("GET", "/v3/jobs").content.endswith(b"-->")


@shows("encoding_lie.empty_200")
def empty_success(patient: Patient) -> bool:
    seen = patient.see("GET", "/v3/jobs")
    return seen.status == 200 and seen.content == b"" and seen.header("Content-Length") == "0"
