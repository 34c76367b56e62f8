"""Symptoms of faults at the doors: credentials, tokens, limits, redirects, time, the connection."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import Any

from tests.sandbox.dispatch_caller import Api
from tests.sandbox.symptoms import Patient, Seen, shows

JOB = "/v3/jobs/123"


def grant(patient: Patient, **body: str) -> Seen:
    """An answer of the token endpoint, to the default account unless told otherwise."""
    login = body or {"grant_type": "client_credentials", **patient.sandbox.vendor.credentials["default"]}
    return patient.see("POST", "/v3/oauth/token", login, token=None)


def refresh(patient: Patient, token: str) -> Seen:
    """An answer to a refresh."""
    return grant(patient, grant_type="refresh_token", refresh_token=token)


def statuses(patient: Patient, count: int) -> list[int]:
    """The statuses of some calls in a row."""
    return [patient.see("GET", JOB).status for _ in range(count)]


def limited(patient: Patient) -> Seen:
    """The first refusal for too many calls."""
    return next(seen for seen in (patient.see("GET", JOB) for _ in range(30)) if seen.status == 429)


def has_limit(patient: Patient, *values: str | None) -> bool:
    """Whether one call in five is refused, with one of these values in Retry-After."""
    seen = [patient.see("GET", JOB) for _ in range(10)]
    refused = [each.header("Retry-After") for each in seen if each.status == 429]
    return len(refused) == 2 and set(refused) <= set(values)


@shows("auth_none")
def auth_none(patient: Patient) -> bool:
    junk = patient.see("GET", JOB, token="never-issued")
    return patient.see("GET", JOB, token=None).status == 200 and junk.status == 401


@shows("auth_403_for_401")
def auth_403_for_401(patient: Patient) -> bool:
    none = patient.see("GET", JOB, token=None)
    return patient.see("GET", JOB).status == 200 and none.status == 403


@shows("auth_any")
def auth_any(patient: Patient) -> bool:
    none = patient.see("GET", JOB, token=None)
    return patient.see("GET", JOB, token="never-issued").status == 200 and none.status == 401


@shows("auth_expired_accepted")
def auth_expired_accepted(patient: Patient) -> bool:
    patient.sandbox.clock.advance(hours=4)
    junk = patient.see("GET", JOB, token="never-issued")
    return patient.see("GET", JOB).status == 200 and junk.status == 401


@shows("auth_cross_tenant")
def auth_cross_tenant(patient: Patient) -> bool:
    foreign = patient.see("GET", "/v3/organizations/5")
    listed = [row["id"] for row in patient.see("GET", "/v3/organizations").body["organizations"]]
    return foreign.status == 200 and 5 not in listed


@shows("auth_role_ignored")
def auth_role_ignored(patient: Patient) -> bool:
    user = Api(patient.sandbox, "organization_user")
    return user.post("/v3/brands", {"name": "Mine"}).status == 201


@shows("token_early_expiry")
def token_early_expiry(patient: Patient) -> bool:
    old = statuses(patient, 27)
    patient.token = grant(patient).body["access_token"]
    return old == [200] * 25 + [401] * 2 and statuses(patient, 1) == [200]


@shows("token_rejected_once")
def token_rejected_once(patient: Patient) -> bool:
    return statuses(patient, 12) == [401] + [200] * 9 + [401, 200]


@shows("token_rejected_always")
def token_rejected_always(patient: Patient) -> bool:
    return grant(patient).status == 200 and statuses(patient, 2) == [401, 401]


@shows("token_expires_in_text")
def token_expires_in_text(patient: Patient) -> bool:
    return bool(grant(patient).body["expires_in"] == "10800")


@shows("token_expires_in_text.absent")
def token_life_absent(patient: Patient) -> bool:
    return "expires_in" not in grant(patient).body


@shows("token_expires_in_text.zero")
def token_life_zero(patient: Patient) -> bool:
    return bool(grant(patient).body["expires_in"] == 0)


@shows("refresh_reuse")
def refresh_reuse(patient: Patient) -> bool:
    spent = grant(patient).body["refresh_token"]
    first, second, junk = refresh(patient, spent), refresh(patient, spent), refresh(patient, "never-issued")
    return (first.status, second.status, junk.status) == (200, 200, 400)


@shows("refresh_dead")
def refresh_dead(patient: Patient) -> bool:
    seen = refresh(patient, grant(patient).body["refresh_token"])
    return seen.status == 400 and seen.body["error"] == "invalid_grant"


@shows("limit_429")
def limit_429(patient: Patient) -> bool:
    seen = statuses(patient, 22)
    patient.sandbox.clock.advance(seconds=60)
    return seen == [200] * 20 + [429] * 2 and statuses(patient, 1) == [200]


@shows("limit_429.no_retry_after")
def no_retry_after(patient: Patient) -> bool:
    return has_limit(patient, None)


@shows("limit_429.text")
def retry_after_text(patient: Patient) -> bool:
    return has_limit(patient, "soon")


@shows("limit_429.http_date")
def retry_after_date(patient: Patient) -> bool:
    first = next((each for each in (patient.see("GET", JOB) for _ in range(5)) if each.status == 429), None)
    return first is not None and parsedate_to_datetime(first.header("Retry-After") or "") > patient.sandbox.clock.now()


@shows("limit_429.zero")
def retry_after_zero(patient: Patient) -> bool:
    seen: list[Any] = [patient.see("GET", JOB) for _ in range(9)]
    refused = [each.header("Retry-After") for each in seen[4:7]]
    return [each.status for each in seen] == [200] * 4 + [429] * 3 + [200] * 2 and refused == ["0"] * 3


@shows("limit_429.long")
def retry_after_long(patient: Patient) -> bool:
    return has_limit(patient, "86400")


@shows("limit_dishonest")
def limit_dishonest(patient: Patient) -> bool:
    first = patient.see("GET", JOB)
    patient.sandbox.clock.advance(seconds=5)
    later = patient.see("GET", JOB)
    return (first.status, first.header("Retry-After"), later.status) == (429, "1", 429)


@shows("redirect_foreign")
def redirect_foreign(patient: Patient) -> bool:
    seen = patient.see("GET", JOB)
    return (seen.status, seen.header("Location")) == (307, f"http://127.0.0.2:9{JOB}")


@shows("redirect_foreign.loop")
def redirect_loop(patient: Patient) -> bool:
    seen = patient.see("GET", JOB)
    return (seen.status, seen.header("Location")) == (307, f"http://dispatch.sandbox.localhost{JOB}")


@shows("redirect_foreign.no_location")
def redirect_nowhere(patient: Patient) -> bool:
    seen = patient.see("GET", JOB)
    return seen.status == 302 and seen.header("Location") is None


@shows("redirect_foreign.post_becomes_get")
def post_becomes_get(patient: Patient) -> bool:
    seen = patient.see("POST", "/v3/brands", {"name": "Acme"})
    return (seen.status, seen.header("Location")) == (301, "http://dispatch.sandbox.localhost/v3/brands")


@shows("slow", "hang", "hang.after_headers", "connection_broken.dribble")
def late(patient: Patient) -> bool:
    before = patient.sandbox.clock.now()
    waited = patient.fails_with(TimeoutError, "GET", JOB)
    return waited and (patient.sandbox.clock.now() - before).total_seconds() == 10


@shows("connection_broken.refused")
def refused(patient: Patient) -> bool:
    return patient.fails_with(ConnectionRefusedError, "GET", JOB)


@shows("connection_broken.reset")
def reset(patient: Patient) -> bool:
    failed = patient.fails_with(ConnectionResetError, "POST", "/v3/brands", {"name": "Acme"})
    return failed and len(patient.sandbox.state.brands) == 2


@shows("connection_broken.reset_after_apply")
def reset_after_apply(patient: Patient) -> bool:
    failed = patient.fails_with(ConnectionResetError, "POST", "/v3/brands", {"name": "Acme"})
    return failed and len(patient.sandbox.state.brands) == 3


@shows("connection_broken.empty")
def empty(patient: Patient) -> bool:
    return patient.fails_with(ConnectionResetError, "GET", JOB)


@shows("connection_broken.truncated", "connection_broken.bad_chunk", "connection_broken.garbage")
def garbled(patient: Patient) -> bool:
    return patient.fails_with(ConnectionError, "GET", JOB)
