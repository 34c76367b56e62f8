"""What Dispatch does beyond storing records: its rules with their evidence, its lifecycles and their effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any

from accordant_sandbox.model.collections import Collection
from accordant_sandbox.model.events import Channel, Event, Notice
from accordant_sandbox.model.instants import parse_instant
from accordant_sandbox.model.lifecycle import Effect, Lifecycle, Move
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.rules import Rule, RuleBook
from accordant_sandbox.model.several import column, update_all, where
from accordant_sandbox.ports import Principal, Row, Tx

__all__ = [
    "APPOINTMENT_LIFE",
    "JOB_LIFE",
    "RULES",
    "SURVEYS",
    "deliver",
    "guard_job",
    "guard_network",
    "own_organization",
    "scope",
    "visible",
]

RULES = RuleBook(
    [
        # Tokens
        Rule("token_lifetime", "seed", "An access token lives 10800 seconds."),
        Rule("token_refresh", "seed", "Every grant returns a refresh token, which gets the next token."),
        Rule("token_rotation", "assumed", "A refresh token works once; the access token before it lives out its time."),
        Rule("token_form", "third-party", "The token endpoint reads form bodies as well as JSON."),
        # Answers
        Rule("single_get_bare", "seed", "One attachment or appointment is read without an envelope."),
        Rule("single_get_envelope", "docs", "Under `single_get=envelope` both are read in one, as documented later."),
        Rule("limit_clamp", "assumed", "A limit above 100 counts as 100, and `meta.limit` says so."),
        Rule("bare_filter", "seed", "A filter without predicate means equality."),
        Rule("external_ids_alias", "assumed", "Customers filter by `external_ids_contains` as well as the singular."),
        Rule("error_bodies", "assumed", "A 422 lists sentences under `errors`, other failures hold one under `error`."),
        # Who may do what
        Rule("organization_scope", "docs", "A user of an organization sees everything in it and nothing else."),
        Rule("own_organization", "sdk", "Its customers and jobs are its organization's where they name none."),
        Rule("brands_job_source_only", "docs", "Brands are for job sources, not for users of an organization."),
        Rule("external_ids_job_source_only", "docs", "External ids are for job sources alone."),
        Rule("third_party_users", "docs", "A third-party network only reads the users of organizations."),
        Rule("third_party_limits", "assumed", "It changes only organizations and customers that it made itself."),
        # Residual behaviour
        Rule("appointment_schedules_job", "docs", "An appointment that becomes scheduled makes its job scheduled."),
        Rule("job_cancels_appointments", "docs", "A canceled job cancels all its appointments."),
        Rule("accept_with_appointment", "docs", "A job accepted with an appointment gets it and is scheduled."),
        Rule("accept_without_appointment", "docs", "A job accepted without an appointment is unscheduled."),
        Rule("reject", "docs", "A rejected job becomes rejected; its organization's users can only read it."),
        Rule("offered_moves", "docs", "A job leaves `offered` only by being accepted or rejected."),
        Rule("rejected_moves", "assumed", "`rejected` is reached only by rejecting; a job source may move on from it."),
        Rule(
            "survey", "docs", "A completed appointment, or a job completed without any, sends one survey in 24 hours."
        ),
        Rule(
            "notices", "seed", "Customers are told that an appointment is scheduled, and that somebody is on the way."
        ),
        Rule("brand_removed", "seed", "Jobs of a deleted brand fall back to the branding of the account."),
        Rule("deactivate", "docs", "A deactivated user cannot log in, keeps its appointments, and can be restored."),
        Rule("deactivate_frees_phone", "docs", "The phone number of a deactivated user can be used again."),
        Rule("delete_refused", "assumed", "What records still refer to cannot be deleted: 403."),
        # Merging
        Rule("customer_merge", "docs", "A duplicate customer is merged with the new data and returned."),
        Rule("customer_match", "assumed", "A duplicate has the organization and an external id or the e-mail of it."),
        Rule("organization_match", "docs", "Two of name, address, phone and e-mail in common: one organization."),
        Rule("organization_user", "docs", "`create_user` makes a user with both roles on the organization's e-mail."),
        Rule("factory", "docs", "The job factory finds or makes the customer and the organization."),
        # Children of a job, work orders
        Rule("time_windows_three", "docs", "A job takes at most three time windows at once."),
        Rule("contacts_replaced", "docs", "Writing the contacts of a job replaces them all."),
        Rule("contact_method_ids", "docs", "Known contact methods are named by their id."),
        Rule("work_order_job", "docs", "A work order makes a job: offered for `direct_offer`, else unscheduled."),
        Rule("work_order_one_organization", "docs", "A direct work order names exactly one organization."),
        Rule("work_order_primary", "docs", "A work order has exactly one primary contact; the customer is made of it."),
        Rule("work_order_cancel", "docs", "A canceled work order cancels its job and appointments."),
        Rule("work_order_update", "assumed", "A changed work order changes the same fields of its job."),
        # Files
        Rule("file_redirect", "seed", "A file is fetched through a redirect to another address, without the token."),
        Rule("file_auth", "assumed", "The redirect itself needs the token; `open_datafiles` lifts that."),
        Rule("file_caption", "third-party", "A text part `name` of an upload is the file's caption."),
        Rule("tokens_unchecked", "assumed", "File tokens of other records are stored as they are."),
    ]
)

_CHANNELS: Mapping[str, Channel] = {"phone": "sms", "email": "email"}
_FREE = "unscheduled scheduled paused complete canceled"
"""The states between which a job moves freely."""

SURVEYS = Collection(name="_surveys", stamps=("sent_at",))
"""Surveys that went out: job, appointment, instant."""


def visible(tx: Tx, principal: Principal, row: Row) -> bool:
    """Whether a principal sees a row: a user what its organization has, a job source what its account has."""
    if principal.role != "organization_user":
        return row.get("_tenant") == principal.tenant
    tx.rule("organization_scope")
    own = principal.data["organization_id"]
    if "organization_id" in row:
        return bool(row["organization_id"] == own)
    job_id = row.get("job_id", row.get("entity_id"))
    if job_id is not None:
        return bool(tx.table("jobs").get(job_id, {}).get("organization_id") == own)
    return bool(row["id"] == own)


def scope(tx: Tx, principal: Principal) -> tuple[str, tuple[Any, ...]] | None:
    """`visible` as data, for rows with a tenant."""
    del tx
    return None if principal.role == "organization_user" else ("_tenant", (principal.tenant,))


def own_organization(tx: Tx, principal: Principal) -> tuple[str, tuple[Any, ...]]:
    """`visible` as data, for rows that name their organization."""
    if principal.role != "organization_user":
        return ("_tenant", (principal.tenant,))
    tx.rule("organization_scope")
    return ("organization_id", (principal.data["organization_id"],))


def guard_network(principal: Principal, row: Row) -> str | None:
    """A third-party network leaves alone what it has not made."""
    if principal.role == "third_party" and row.get("_by") != principal.name:
        return "third_party_limits"
    return None


def guard_job(principal: Principal, row: Row) -> str | None:
    """Users of an organization leave rejected jobs alone."""
    return "reject" if principal.role == "organization_user" and row["status"] == "rejected" else None


def _schedule_job(tx: Tx, new: Row, old: Row | None) -> None:
    del old
    # An offered job waits for acceptance, a rejected one is over: an appointment moves neither.
    if tx.table("jobs")[new["job_id"]]["status"] in _FREE.split():
        tx.update("jobs", new["job_id"], {"status": "scheduled"}, by="effect")


def _cancel_appointments(tx: Tx, new: Row, old: Row | None) -> None:
    del old
    rows = where(tx.rows("appointments", job_id=new["id"]), "status", "not_eq", "canceled")
    update_all(tx, "appointments", rows, {"status": "canceled"}, by="effect")


def _not_from_the_start(tx: Tx, new: Row, old: Row | None) -> None:
    """Refuse a caller's new job that is rejected already; a test's own records may begin anywhere."""
    if old is None and tx.principal is not None:
        message = f"a new job cannot be {new['status']}"
        raise Problem("invalid", message, details=[("status", message)], rule="rejected_moves")


def _told(topic: str) -> Callable[[Tx, Row, Row | None], None]:
    return lambda tx, new, _: tx.emit(topic, {"job_id": new["job_id"], "appointment_id": new["id"]})


def deliver(tx: Tx, event: Event) -> Iterator[Notice]:
    """What the people of a job are told: its contacts by the methods that they chose, else its customer."""
    job = tx.table("jobs")[event.payload["job_id"]]
    customer = tx.table("customers")[job["customer_id"]]
    methods = [each for contact in job["contacts"] for each in contact["contact_methods"] if each.get("notify")]
    told: list[tuple[Channel, str]] = [(_CHANNELS[each["method"]], each["value"]) for each in methods]
    if not job["contacts"]:
        main = where(customer["phone_numbers"], "primary", "eq", True)
        told = [("sms", each["number"]) for each in main if each.get("number")]
        if customer["email"]:
            told.append(("email", customer["email"]))
    for channel, address in told:
        yield Notice(event.topic, channel, address, event.payload, event.at)


def _survey_for_job(tx: Tx, new: Row, old: Row | None) -> None:
    del old
    if not tx.rows("appointments", job_id=new["id"]):
        _send_survey(tx, new["id"], None)


def _send_survey(tx: Tx, job_id: int, appointment_id: int | None) -> None:
    recent = tx.now - timedelta(hours=24)
    if not any(parse_instant(sent) > recent for sent in column(tx.rows("_surveys", job_id=job_id), "sent_at")):
        tx.emit("survey", tx.create("_surveys", {"job_id": job_id, "appointment_id": appointment_id}))


JOB_LIFE = Lifecycle(
    "status",
    moves=(
        Move(_FREE, f"{_FREE} offered"),
        Move("offered", "scheduled unscheduled", by="acceptJob"),
        Move("offered", "rejected", by="rejectJob"),
        Move("*", "canceled", by="cancelWorkOrder"),
        Move("rejected", f"{_FREE} offered", rule="rejected_moves"),
        Move("*", "*", by="effect"),
    ),
    effects=(
        Effect("canceled", _cancel_appointments, "job_cancels_appointments"),
        Effect("complete", _survey_for_job, "survey"),
        Effect("rejected", _not_from_the_start),
    ),
    rule="offered_moves",
)

APPOINTMENT_LIFE = Lifecycle(
    "status",
    effects=(
        Effect("scheduled", _schedule_job, "appointment_schedules_job"),
        Effect("scheduled", _told("appointment scheduled"), "notices"),
        Effect("enroute", _told("on my way"), "notices"),
        Effect("complete", lambda tx, new, _: _send_survey(tx, new["job_id"], new["id"]), "survey"),
    ),
)
