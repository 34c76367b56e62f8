"""What follows in Dispatch from a change: the documented residual behaviours."""

from __future__ import annotations

import pytest

from accordant_sandbox import Sandbox, SandboxError
from tests.sandbox.dispatch_caller import Api

ADDRESS = {"street_1": "2 Elm Street", "city": "Boston"}


def test_patch_to_scheduled_schedules_the_job(api: Api) -> None:
    """An appointment that is changed to scheduled turns its job to scheduled."""
    made = api.appointment(status="draft")
    assert api.get("/v3/jobs/123").body["job"]["status"] == "unscheduled"
    api.patch(f"/v3/appointments/{made['id']}", {"status": "scheduled"})
    assert api.get("/v3/jobs/123").body["job"]["status"] == "scheduled"


def test_other_statuses_leave_the_job_alone(api: Api) -> None:
    """An appointment that becomes enroute does not touch its job."""
    api.appointment(status="enroute")
    assert api.get("/v3/jobs/123").body["job"]["status"] == "unscheduled"


def test_any_appointment_status_may_follow_any_other(api: Api) -> None:
    """Appointments move freely between their six statuses."""
    made = api.appointment(status="complete")
    for status in ("draft", "canceled", "started", "enroute", "scheduled", "complete"):
        got = api.patch(f"/v3/appointments/{made['id']}", {"status": status})
        assert (got.status, got.body["appointment"]["status"]) == (200, status)


def told(sandbox: Sandbox) -> list[tuple[str, str, str]]:
    """What customers were told since the last look: topic, channel, address."""
    found: list[tuple[str, str, str]] = [(each.topic, each.channel, each.to) for each in sandbox.outbox.notices]
    sandbox.outbox.clear()
    return found


def test_the_contacts_of_a_job_are_told(api: Api, sandbox: Sandbox) -> None:
    """Contacts get "appointment scheduled", "on my way" and the survey, by the methods that they want notices by."""
    methods = [
        {"method": "email", "value": "lee@example.com", "notify": True},
        {"method": "phone", "value": "+16175550199", "notify": True},
        {"method": "phone", "value": "+16175550198", "notify": False},
    ]
    api.patch("/v3/jobs/123", {"contacts": [{"first_name": "Lee", "last_name": "R", "contact_methods": methods}]})
    made = api.appointment(status="draft")
    assert told(sandbox) == []
    ways = (("email", "lee@example.com"), ("sms", "+16175550199"))
    for status, topic in (("scheduled", "appointment scheduled"), ("enroute", "on my way"), ("complete", "survey")):
        api.patch(f"/v3/appointments/{made['id']}", {"status": status})
        [notice, _] = sandbox.outbox.notices
        assert (notice.payload["job_id"], notice.payload["appointment_id"]) == (123, made["id"])
        assert told(sandbox) == [(topic, *way) for way in ways]
        api.patch(f"/v3/appointments/{made['id']}", {"duration": 60})
        assert told(sandbox) == []


def test_the_customer_of_a_job_is_told(api: Api, sandbox: Sandbox) -> None:
    """Where a job has no contacts its customer is told: a text message to the primary number, and an e-mail."""
    api.patch("/v3/customers/1", {"phone_numbers": [
        {"number": "+16175550120", "primary": True}, {"number": "+16175550777", "primary": False}, {"primary": True},
    ]})  # fmt: skip
    api.appointment(job_id=122, status="scheduled")
    topic = "appointment scheduled"
    assert told(sandbox) == [(topic, "sms", "+16175550120"), (topic, "email", "jamie@example.com")]
    api.patch("/v3/jobs/122", {"contacts": [{"first_name": "Lee", "last_name": "R", "contact_methods": []}]})
    api.appointment(job_id=122, status="scheduled")
    assert told(sandbox) == []


def test_a_notice_leaves_no_trace_of_a_refused_call(api: Api, sandbox: Sandbox) -> None:
    """Nobody is told of an appointment that was not stored, and a sandbox starts with an empty outbox."""
    assert api.post("/v3/appointments", {"job_id": 123, "status": "scheduled", "user_id": 99_999}).status == 422
    assert told(sandbox) == []
    with Sandbox("dispatch", seed="busy_day") as busy:
        assert (busy.outbox.events, busy.outbox.notices) == ([], [])


def test_canceled_job_cancels_its_appointments(api: Api) -> None:
    """A job that becomes canceled cancels all its appointments and no other job's."""
    api.appointment(status="scheduled")
    api.appointment(status="enroute")
    other = api.appointment(job_id=122, status="enroute")
    assert api.patch("/v3/jobs/123", {"status": "canceled"}).status == 200
    rows = api.get("/v3/appointments").body["appointments"]
    assert {row["id"]: row["status"] for row in rows} == {1: "canceled", 2: "canceled", other["id"]: "enroute"}


def test_accept_with_appointment(api: Api) -> None:
    """A job accepted with an appointment is scheduled and has that appointment."""
    got = api.post("/v3/jobs/121/accept", {"appointment": {"time": "2026-04-01T10:00:00Z", "user_id": 456}})
    assert got.status == 200
    assert got.body["job"]["status"] == "scheduled"
    made = api.get("/v3/appointments?filter[job_id_eq]=121").body["appointments"]
    assert [(row["status"], row["time"], row["duration"], row["user_id"]) for row in made] == [
        ("scheduled", "2026-04-01T10:00:00Z", 7200, 456)
    ]


@pytest.mark.parametrize("body", [None, {}])
def test_accept_without_appointment(api: Api, body: object) -> None:
    """A job accepted without an appointment is unscheduled; the body may be left out."""
    assert api.post("/v3/jobs/121/accept", body).body["job"]["status"] == "unscheduled"
    assert api.get("/v3/appointments").body["meta"]["total"] == 0


def test_reject(api: Api) -> None:
    """A rejected job is rejected."""
    assert api.post("/v3/jobs/121/reject").body["job"]["status"] == "rejected"


@pytest.mark.parametrize("action", ["accept", "reject"])
def test_only_offered_jobs_are_accepted_or_rejected(api: Api, action: str) -> None:
    """Accepting or rejecting a job that is not offered is a 422 and changes nothing."""
    before = api.get("/v3/jobs/123").body
    assert api.post(f"/v3/jobs/123/{action}").status == 422
    assert api.get("/v3/jobs/123").body == before


def test_offered_is_left_only_by_accept_or_reject(api: Api) -> None:
    """An offered job cannot be moved on by a change, and cannot be made rejected by one."""
    assert api.patch("/v3/jobs/121", {"status": "scheduled"}).status == 422
    assert api.patch("/v3/jobs/123", {"status": "rejected"}).status == 422
    assert api.patch("/v3/jobs/121", {"title": "Other title"}).status == 200


@pytest.mark.parametrize(("job_id", "before"), [(121, "offered"), (122, "paused")])
def test_appointments_schedule_no_offered_job(api: Api, job_id: int, before: str) -> None:
    """An appointment that becomes scheduled leaves an offered job offered, and schedules others."""
    assert api.get(f"/v3/jobs/{job_id}").body["job"]["status"] == before
    api.appointment(job_id=job_id, status="scheduled")
    after = "offered" if before == "offered" else "scheduled"
    assert api.get(f"/v3/jobs/{job_id}").body["job"]["status"] == after


def test_appointments_schedule_no_rejected_job(api: Api) -> None:
    """A rejected job stays rejected when an appointment of it becomes scheduled."""
    api.post("/v3/jobs/121/reject")
    api.appointment(job_id=121, status="scheduled")
    assert api.get("/v3/jobs/121").body["job"]["status"] == "rejected"


@pytest.mark.parametrize("path", ["/v3/jobs", "/v3/jobs/factory"])
def test_no_job_begins_as_rejected(api: Api, path: str) -> None:
    """A job is rejected only by rejecting it: it cannot be made so, and nothing is kept of the attempt."""
    job = {"title": "T", "customer_id": 1, "organization_id": 3, "address": ADDRESS}
    before = api.get("/v3/jobs").body["meta"]["total"]
    got = api.post(path, {**job, "status": "rejected"})
    assert (got.status, "rejected" in str(got.body["errors"])) == (422, True)
    assert api.get("/v3/jobs").body["meta"]["total"] == before
    assert api.post(path, {**job, "status": "offered"}).body["job"]["status"] == "offered"


def test_brand_deletion_clears_its_jobs(api: Api) -> None:
    """Jobs of a deleted brand have no brand any more."""
    assert api.get("/v3/jobs/123").body["job"]["brand_id"] == 1
    assert api.delete("/v3/brands/1").status == 204
    assert api.get("/v3/jobs/123").body["job"]["brand_id"] is None
    assert api.get("/v3/jobs/121").body["job"]["brand_id"] == 2


def test_completed_appointment_sends_a_survey(api: Api, sandbox: Sandbox) -> None:
    """A completed appointment sends a survey; a response exists only once the customer has answered."""
    made = api.appointment()
    api.patch(f"/v3/appointments/{made['id']}", {"status": "complete"})
    assert api.get("/v3/survey_responses?filter[job_id_eq]=123").body["meta"]["total"] == 0
    sandbox.act.answer_survey(job_id=123, rating=4, message="Fine")
    answers = api.get("/v3/survey_responses?filter[job_id_eq]=123").body["survey_responses"]
    assert answers == [{"job_id": 123, "appointment_id": made["id"], "rating": 4, "message": "Fine"}]


def test_one_survey_a_day(api: Api, sandbox: Sandbox) -> None:
    """A second survey for a job goes out only when 24 hours have passed since the first."""
    for _ in range(2):
        api.appointment(status="complete")
    assert len(sandbox.state._surveys.all(job_id=123)) == 1
    sandbox.clock.advance(hours=24)
    api.token = api.log_in().body["access_token"]
    api.appointment(status="complete")
    assert len(sandbox.state._surveys.all(job_id=123)) == 2


@pytest.mark.parametrize(("with_appointment", "surveys"), [(False, 1), (True, 0)])
def test_completed_job_sends_a_survey(api: Api, sandbox: Sandbox, with_appointment: bool, surveys: int) -> None:
    """A completed job sends a survey only when it has no appointments."""
    if with_appointment:
        api.appointment()
    api.patch("/v3/jobs/123", {"status": "complete"})
    assert len(sandbox.state._surveys.all(job_id=123)) == surveys


def test_survey_must_have_been_sent(sandbox: Sandbox) -> None:
    """Answering a survey that never went out is an error that says what to do."""
    with pytest.raises(SandboxError, match="no survey was sent for job 123: complete"):
        sandbox.act.answer_survey(job_id=123, rating=4)


def test_deactivated_user(api: Api) -> None:
    """A deactivated user is not listed and not found, its appointments keep it, and it can be restored."""
    made = api.appointment(user_id=456)
    assert api.delete("/v3/users/456").status == 204
    assert api.get("/v3/users/456").status == 404
    assert 456 not in [row["id"] for row in api.get("/v3/users").body["users"]]
    assert api.get(f"/v3/appointments/{made['id']}").body["user_id"] == 456
    assert api.post("/v3/appointments", {"job_id": 123, "status": "draft", "user_id": 456}).status == 422
    restored = api.post("/v3/users/456/restore")
    assert (restored.status, restored.body["user"]["id"]) == (200, 456)
    assert api.get("/v3/users/456").status == 200


def test_phone_number_of_a_deactivated_user_is_free(api: Api) -> None:
    """Two active users cannot share a phone number; that of a deactivated one can be used, and then bars its return."""
    body = {
        "organization_id": 3,
        "first_name": "New",
        "last_name": "Hand",
        "roles": ["technician"],
        "phone_number": "+16175550456",
    }
    assert api.post("/v3/users", body).status == 422
    api.delete("/v3/users/456")
    assert api.post("/v3/users", body).status == 201
    assert api.post("/v3/users/456/restore").status == 403


def test_work_order_cancel_reaches_job_and_appointments(api: Api) -> None:
    """Canceling a work order cancels its job and the job's appointments."""
    order = {
        "title": "Water heater",
        "orchestration": "direct_offer",
        "location": ADDRESS,
        "contacts": [{"first_name": "Ira", "primary": True}],
        "organizations": [{"id": 3}],
    }
    made = api.post("/v3/work_orders", order).body
    job = api.get("/v3/jobs?filter[status_eq]=offered").body["jobs"][-1]
    assert job["title"] == "Water heater"
    api.appointment(job_id=job["id"], status="enroute")
    assert api.post(f"/v3/work_orders/{made['id']}/cancel").status == 200
    assert api.get(f"/v3/jobs/{job['id']}").body["job"]["status"] == "canceled"
    assert api.get("/v3/appointments/1").body["status"] == "canceled"


def test_rules_tell_their_evidence(api: Api, sandbox: Sandbox) -> None:
    """The sandbox lists the rules that answers rested on, and which of them nobody has documented."""
    api.appointment(status="scheduled")
    api.get("/v3/jobs?limit=500")
    used = {rule.name: rule.evidence for rule in sandbox.rules}
    assert used["appointment_schedules_job"] == "docs"
    assert [rule.name for rule in sandbox.assumptions] == ["limit_clamp"]
