"""The operations of Dispatch that do more than the document says: a line or a function each."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, unquote

from accordant_sandbox.engine.integrity import in_utc
from accordant_sandbox.engine.oauth import grant
from accordant_sandbox.http.exchange import ABSENT, Answer, Reply, Request, Upload
from accordant_sandbox.model.choices import ValueChoice, needed
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import ransack
from accordant_sandbox.model.several import in_state, there
from accordant_sandbox.ports import Call, Tx
from accordant_sandbox.vendors.dispatch.dialect import PAGING
from accordant_sandbox.vendors.dispatch.matching import customer_for, login, organization_for

__all__ = ["OPERATIONS", "serve_file", "suggest"]

OPERATIONS = Operations(PAGING)


def _single(call: Call, shown: Any) -> Answer:
    """One attachment or appointment: bare, or enveloped where the settings say so."""
    if call.settings["single_get"] != "envelope":
        call.rule("single_get_bare")
        return call.answer(shown)
    call.rule("single_get_envelope")
    answer = call.one(call.singular, shown)
    answer.exempt = "single_get=envelope"
    return answer


def _job(call: Call, row: Mapping[str, Any]) -> Answer:
    return call.one("job", call.tx.show("jobs", row))


# Every other plain operation is as the document says.
OPERATIONS.differ("getAttachment", shape=_single)
OPERATIONS.differ("getAppointment", shape=_single)
OPERATIONS.differ("listSources", counted=False)
OPERATIONS.differ(
    "listCustomers",
    filters=ransack(email_eq=("email", "eq_any_case")),
    aliases={"filter[external_ids_contains]": "filter[external_id_contains]"},
    alias_rule="external_ids_alias",
)
OPERATIONS.differ("listUsers", filters=ransack(email_eq=("email", "eq_any_case")))


@OPERATIONS.special("createToken")
def create_token(call: Call) -> Answer:
    """A token for one of the three grants."""
    if call.settings["token_lifetime"] == 10800:
        call.rule("token_lifetime")
    if call.request.media_type != "application/json":
        call.rule("token_form")
    if call.body["grant_type"] == "refresh_token":
        call.rule("token_refresh")
        call.rule("token_rotation")
    return call.answer(grant(call, lifetime=call.settings["token_lifetime"], user=login))


@OPERATIONS.special("uploadDatafile")
def upload_datafile(call: Call) -> Answer:
    """Store the part `file`."""
    part = call.body.get("file")
    if not isinstance(part, Upload):
        raise Problem("invalid", "file is required", details=[("file", "must be a file part")])
    guessed = mimetypes.guess_type(part.filename)[0] or "application/octet-stream"
    caption = call.body.get("name")
    if isinstance(caption, str):
        call.rule("file_caption")
    values = {
        "filename": part.filename,
        "mime_type": part.media_type or guessed,
        "name": caption if isinstance(caption, str) else "",
        "bucket_id": None,
        "_content": part.content,
    }
    return call.one("datafile", call.tx.show("datafiles", call.tx.create("datafiles", values)))


@OPERATIONS.special("getDatafile")
def get_datafile(call: Call) -> Answer:
    """Redirect to the bytes: another host in process, as in production; the same one over a socket."""
    row = call.tx.get("datafiles", call.path["uid"].lower())
    call.rule("file_redirect")
    if call.principal is not None:
        call.rule("file_auth")
    root = call.settings["files_host"] or (
        call.request.root if call.request.over_socket else "http://files.dispatch.sandbox.localhost"
    )
    answer = call.answer()
    answer.headers.set("Location", f"{root}/_files/{row['uid']}/{quote(row['filename'] or 'file', safe='')}")
    return answer


def serve_file(tx: Tx, request: Request) -> Reply:
    """The bytes of a file, open to everyone who knows the address."""
    parts = [unquote(part) for part in request.path.split("/")]
    row = tx.find("datafiles", parts[2]) if len(parts) > 2 else None
    if row is None or request.method != "GET":
        return Reply.plain(404, b"no such file\n", "text/plain")
    return Reply.plain(200, row["_content"], row["mime_type"])


@OPERATIONS.special("createCustomer")
def create_customer(call: Call) -> Answer:
    """A new customer, or the duplicate with the new data merged into it."""
    row, is_new = customer_for(call, call.values("customers", call.body))
    return call.one("customer", call.tx.show("customers", row), 201 if is_new else 200)


@OPERATIONS.special("getJob")
def get_job(call: Call) -> Answer:
    """A job; its marketing attributions only when asked for."""
    row = call.tx.get("jobs", call.path["id"])
    shown = call.tx.show("jobs", row)
    if call.query.get("include") == "marketing_attributions":
        shown["marketing_attributions"] = row["marketing_attributions"]
    return call.one("job", shown)


@OPERATIONS.special("createJobWithRelatedRecords")
def create_job_with_related_records(call: Call) -> Answer:
    """A job together with its customer and organization, which are looked up before they are made."""
    call.rule("factory")
    values = call.values("jobs", call.body)
    if "organization_id" not in values:
        values["organization_id"] = organization_for(call, call.body.get("organization"))[0]["id"]
    if "customer_id" not in values:
        named = needed(call.body, "customer", message="customer or customer_id is required")
        customer = call.values("customers", named)
        values["customer_id"] = customer_for(call, {**customer, "organization_id": values["organization_id"]})[0]["id"]
    return _job(call, call.tx.create("jobs", values))


@OPERATIONS.special("acceptJob")
def accept_job(call: Call) -> Answer:
    """Accept an offered job, with or without an appointment."""
    job = _offered(call)
    appointment = call.body.get("appointment") if call.body is not ABSENT else None
    call.rule("accept_without_appointment" if appointment is None else "accept_with_appointment")
    if appointment is None:
        return _job(call, call.tx.update("jobs", job["id"], {"status": "unscheduled"}))
    call.tx.update("jobs", job["id"], {"status": "scheduled"})
    values = call.values("appointments", appointment)
    call.tx.create("appointments", {**values, "job_id": job["id"], "status": "scheduled"})
    return _job(call, call.tx.get("jobs", job["id"]))


@OPERATIONS.special("rejectJob")
def reject_job(call: Call) -> Answer:
    """Reject an offered job."""
    job = _offered(call)
    call.rule("reject")
    return _job(call, call.tx.update("jobs", job["id"], {"status": "rejected"}))


@OPERATIONS.special("addJobTimeWindows")
def add_job_time_windows(call: Call) -> Answer:
    """Suggest up to three windows for a job; they replace the ones before."""
    job = call.tx.get("jobs", call.path["job_id"])
    windows = call.body["time_windows"]
    call.rule("time_windows_three")
    if len(windows) > 3:
        raise Problem("invalid", "too many", details=[("time_windows", "at most 3 time windows")])
    return call.one("time_windows", call.tx.show("time_windows", suggest(call, job["id"], windows)))


@OPERATIONS.special("listJobContacts")
def list_job_contacts(call: Call) -> Answer:
    """The contacts of a job."""
    return _contacts(call, call.tx.get("jobs", call.path["id"]))


@OPERATIONS.special("replaceJobContacts")
def replace_job_contacts(call: Call) -> Answer:
    """Replace all contacts of a job."""
    call.rule("contacts_replaced")
    return _contacts(call, call.tx.update("jobs", call.path["id"], {"contacts": call.body["contacts"]}))


@OPERATIONS.special("updateJobContact")
def update_job_contact(call: Call) -> Answer:
    """Change one contact of a job; its methods, when given, are the new list."""
    job = call.tx.get("jobs", call.path["id"])
    known = {contact["id"]: contact for contact in job["contacts"]}
    old = there(known.get(call.path["contact_id"]), "the job has no contact with this id")
    call.rule("contact_method_ids")
    known_methods = {each["id"]: each for each in old["contact_methods"]}
    methods = ValueChoice("contact_methods", known_methods, missing="no method {value}")
    methods.checked(call.tx, [each["id"] for each in call.body.get("contact_methods", ()) if "id" in each])
    known[old["id"]] = {**old, **call.body, "id": old["id"]}
    row = call.tx.update("jobs", job["id"], {"contacts": list(known.values())})
    shown = call.tx.show("jobs", row)["contacts"]
    return call.one("contact", next(contact for contact in shown if contact["id"] == old["id"]))


@OPERATIONS.special("createOrganization")
def create_organization(call: Call) -> Answer:
    """A new organization, or the known one that the data describes."""
    row, is_new = organization_for(call, call.body)
    if is_new and call.body.get("create_user"):
        call.rule("organization_user")
        named = {"first_name": row["name"], "last_name": "", "email": row["email"]}
        roles = ["dispatcher", "technician"]
        call.tx.create("users", {**named, "organization_id": row["id"], "roles": roles})
    return call.one("organization", call.tx.show("organizations", row), 201 if is_new else 200)


@OPERATIONS.special("deactivateUser")
def deactivate_user(call: Call) -> Answer:
    """Deactivate a user: its tokens die with its right to log in."""
    call.rule("deactivate")
    if call.tx.delete("users", call.path["id"])["phone_number"]:
        call.rule("deactivate_frees_phone")
    _enable(call, call.path["id"], disabled=True)
    return call.answer()


@OPERATIONS.special("restoreUser")
def restore_user(call: Call) -> Answer:
    """Reactivate a user, unless its phone number was given to another meanwhile."""
    call.rule("deactivate")
    try:
        row = call.tx.restore("users", call.path["id"])
    except Problem as problem:
        if problem.kind != "invalid":
            raise
        raise Problem("forbidden", problem.message, rule="deactivate_frees_phone") from problem
    _enable(call, row["id"], disabled=False)
    return call.one("user", call.tx.show("users", row))


def _offered(call: Call) -> Mapping[str, Any]:
    return in_state(call.tx.get("jobs", call.path["id"]), "status", "offered", "job", "offered_moves", "invalid")


def suggest(call: Call, job_id: int, windows: list[dict[str, Any]]) -> Mapping[str, Any]:
    """Store the windows of a job, as instants in UTC."""
    names = ("start_time", "end_time")
    times = [{name: in_utc("time_windows", window[name]) for name in names} for window in windows]
    if call.tx.find("time_windows", job_id) is not None:
        return call.tx.update("time_windows", job_id, {"time_windows": times})
    return call.tx.create("time_windows", {"job_id": job_id, "time_windows": times})


def _contacts(call: Call, job: Mapping[str, Any]) -> Answer:
    return call.many("contacts", call.tx.show("jobs", job)["contacts"])


def _enable(call: Call, user_id: int, *, disabled: bool) -> None:
    row = call.tx.table("_principals").get(f"user:{user_id}")
    if row is not None:
        call.tx.put("_principals", {**row, "disabled": disabled})
