"""The operations of Dime.Scheduler that do more than the document says: writes, some lists, and a function for each
special one."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from typing import Any

import orjson

from accordant_sandbox.engine.auth import issue
from accordant_sandbox.http.document import Document, Operation
from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.http.json_types import is_array
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.paging import LARGEST, Pages
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.query import Filter, plain
from accordant_sandbox.model.several import there
from accordant_sandbox.ports import Call, Handler, Row
from accordant_sandbox.vendors.dime_scheduler.appointments import found_by
from accordant_sandbox.vendors.dime_scheduler.kinds import KINDS
from accordant_sandbox.vendors.dime_scheduler.listing import choose_notifications, free_form, of_resources, of_tasks
from accordant_sandbox.vendors.dime_scheduler.planning import geocode, slots
from accordant_sandbox.vendors.dime_scheduler.procedures import run
from accordant_sandbox.vendors.dime_scheduler.webhooks import serve_webhooks
from accordant_sandbox.vendors.dime_scheduler.work import update_user
from accordant_sandbox.vendors.dime_scheduler.writing import Kind, Write, success

__all__ = ["operations"]


def operations(document: Document) -> Operations:
    """What the vendor does beside what the document says."""
    served = Operations()
    for operation in document.operations.values():
        kind = KINDS.get(operation.entity or "")
        if kind is not None and operation.action in _WRITES:
            _serve_write(served, kind, operation)
    _serve_lists(served)
    served.differ("getJob", find=_job)
    served.differ("getAppointment", find=_appointment)
    serve_webhooks(served)
    for operation_id, handler in _SPECIAL.items():
        served.special(operation_id)(handler)
    return served


def _serve_write(served: Operations, kind: Kind, operation: Operation) -> None:
    """A route that writes a kind of record: one of them or an array, the outcome in a ContentResult."""
    write = kind.delete if operation.action == "delete" else kind.upsert
    if operation.id == "updateUser":
        write = update_user
    served.differ(operation.id, collection=kind.collection, write=_by(kind, write), shape=_success, keeps_earlier=True)


def _serve_lists(served: Operations) -> None:
    for operation_id in ("listAppointmentDependencies", "listAppointmentFields", "listRecommendationScorers"):
        served.differ(operation_id, choose=free_form)
    served.differ("listTimeSessions", filters=plain(start=("_day", "gteq"), end=("_day", "lteq")))
    served.differ(
        "listTasks",
        filters={"isOpen": Filter("_open", "eq")},
        paging=Pages("page", "pageSize", maximum=LARGEST, optional=True),
        choose=of_tasks,
    )
    served.differ("listNotifications", paging=Pages("page", "limit", maximum=LARGEST), choose=choose_notifications)
    served.differ("listAppointments", choose=of_resources)


def _by(kind: Kind, write: Write) -> Any:
    def write_one(call: Call, body: Mapping[str, Any]) -> Row:
        if is_array(call.body):
            call.rule("one_or_many")
            call.rule("one_after_another")
        if call.request.method == "PUT":
            call.rule("put_is_post")
        return write(call.tx, kind, body)

    return write_one


def _success(call: Call, _: Any) -> Answer:
    return success(call)


def _job(call: Call) -> Row | None:
    call.rule("job_by_number")
    return next(iter(call.tx.matching("jobs", ("jobNo",), call.path)), None)


def _appointment(call: Call) -> Row | None:
    call.rule("appointment_any_id")
    names = ("appointmentNo", "appointmentId", "appointmentGuid")
    return next((row for name in names if (row := found_by(call.tx, name, call.path["id"])) is not None), None)


def _issue_token(call: Call) -> Answer:
    """A JSON Web Token for a user that signs in."""
    call.rule("jwt")
    call.rule("jwt_life")
    user = call.tx.find("users", (call.body["username"].casefold(),))
    password = str((user or {}).get("password") or "")
    good = password and hmac.compare_digest(password.encode(), call.body["password"].encode())
    user = there(user if good else None, "the user name or the password is wrong", kind="unauthenticated")
    name = f"user:{user['email'].casefold()}"
    call.tx.put("_principals", {"name": name, "tenant": "tenant", "role": user["_role"]})
    token = issue(call.tx, name, lifetime=call.settings["token_lifetime"], text=lambda random: _jwt(user, random))
    return call.answer({"token": token["token"]})


def _jwt(user: Row, random: str) -> str:
    """A token in the form of a JWT; it tells nothing but who signed in, and its signature is a random one."""
    parts = ({"alg": "HS256", "typ": "JWT"}, {"sub": user["email"], "jti": random})
    encoded = [base64.urlsafe_b64encode(orjson.dumps(part)).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, random[::-1]])


def _run_import(call: Call) -> Answer:
    """Run stored procedures, one after another; what was done before one fails stays done."""
    items = call.body if is_array(call.body) else [call.body]
    call.rule("one_after_another")
    for number, item in enumerate(items, 1):
        try:
            run(call.tx, item)
        except Problem as problem:
            if len(items) > 1:
                problem.message = f"record {number} of {len(items)}: {problem.message}"
            raise
        call.tx.commit()
    return success(call)


def _import_setup(call: Call) -> Answer:
    call.rule("setup")
    call.tx.create("setups", {"content": call.body})
    return success(call)


def _send_message(call: Call) -> Answer:
    """A message is only announced: `sandbox.outbox.events` has it."""
    call.rule("message")
    call.tx.emit("Message", dict(call.body))
    return success(call)


def _geocode_text(call: Call) -> Answer:
    return _place(call, call.query["address"], call.query["country"])


def _geocode_address(call: Call) -> Answer:
    body: Mapping[str, Any] = call.body
    whole = body.get("fullAddress")
    parts = [whole] if whole else [body.get(name) for name in _ADDRESS]
    return _place(call, *(str(part) for part in parts if part))


def _place(call: Call, *words: str) -> Answer:
    call.rule("geocode")
    place = geocode(*words)
    return call.answer({"latitude": place.latitude, "longitude": place.longitude})


def _optimize(kind: str) -> Handler:
    def optimize(call: Call) -> Answer:
        call.rule("optimize")
        row = call.tx.create("optimizations", {"kind": kind, "request": call.body})
        return call.answer({"id": row["id"], "kind": kind, "appointments": []})

    return optimize


def _recommend(call: Call) -> Answer:
    call.rule("recommend")
    return call.answer({"slots": slots(call, call.body)})


_WRITES = frozenset({"create", "upsert", "update", "delete"})
_ADDRESS = ("street", "streetNo", "postcode", "city", "county", "state", "region", "country")
_SPECIAL: Mapping[str, Handler] = {
    "issueToken": _issue_token,
    "runImport": _run_import,
    "importSetup": _import_setup,
    "sendMessage": _send_message,
    "geocodeText": _geocode_text,
    "geocodeAddress": _geocode_address,
    "optimizeFieldService": _optimize("fieldService"),
    "optimizeProfessionalServices": _optimize("professionalServices"),
    "optimizeDailyRoute": _optimize("dailyRoute"),
    "recommendSlots": _recommend,
}
