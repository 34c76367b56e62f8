"""Subscriptions to what happens to appointments, and the webhooks that they get."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from accordant_sandbox.http.exchange import Answer
from accordant_sandbox.model.events import Delivery, Event, Notice
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.problems import Problem
from accordant_sandbox.model.several import first, where
from accordant_sandbox.ports import Call, Row, Tx
from accordant_sandbox.vendors.dime_scheduler.appointments import CREATED, DELETED, UPDATED
from accordant_sandbox.vendors.dime_scheduler.writing import Body

__all__ = ["deliver", "serve_webhooks"]


def serve_webhooks(operations: Operations) -> None:
    """Serve the two operations of each event."""
    for event in (CREATED, UPDATED, DELETED):
        operations.create(f"subscribe{event}", "webhooks", write=_subscribe, shape=_empty)
        operations.delete(f"unsubscribe{event}", "webhooks", write=_unsubscribe, shape=_empty)


def deliver(tx: Tx, event: Event) -> Iterator[Delivery | Notice]:
    """A message for the screen of its user, or of everyone; else a webhook for each subscription from the source."""
    if event.topic == "Message":
        yield Notice("Message", "app", event.payload.get("user") or "*", event.payload, event.at)
    source = str(event.payload.get("Task", {}).get("Job", {}).get("SourceApp", ""))
    for hook in where(tx.rows("webhooks", _event=event.topic), "sourceApp", "eq_any_case", source):
        yield Delivery(f"a{event.topic[1:]}", hook["notificationURL"], event.payload)


def _subscribe(call: Call, body: Body) -> Row:
    call.rule("webhook_location")
    call.rule("webhook_source")
    if len(call.tx.rows("webhooks")) >= call.settings["max_webhooks"]:
        raise Problem("too_many", "there are too many webhooks: delete some", rule="webhook_limit")
    fields = call.tx.fields("webhooks")
    values = {name: value for name, value in body.items() if name in fields}
    return call.tx.create("webhooks", {**values, "_event": call.operation.id.removeprefix("subscribe")})


def _unsubscribe(call: Call, _: Body) -> Row:
    own = {"id": call.path["hook_id"], "_event": call.operation.id.removeprefix("unsubscribe")}
    return call.tx.delete("webhooks", first(call.tx, "webhooks", "this webhook does not exist", **own)["id"])


def _empty(call: Call, _: Any) -> Answer:
    return call.answer()
