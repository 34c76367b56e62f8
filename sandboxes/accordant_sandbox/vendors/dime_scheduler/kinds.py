"""Every kind of record that can be written, with how: one line each."""

from __future__ import annotations

from collections.abc import Mapping

from accordant_sandbox.vendors.dime_scheduler.appointments import (
    assign,
    attach,
    delete_appointment,
    detach,
    put_into,
    put_out,
    resetter,
    setter,
    unassign,
    upsert_appointment,
)
from accordant_sandbox.vendors.dime_scheduler.recurrence import create_series, delete_series
from accordant_sandbox.vendors.dime_scheduler.work import (
    assign_task,
    book,
    create_user,
    delete_action_uri,
    delete_job,
    delete_notification,
    delete_task,
    delete_user,
    lock_task,
    unbook,
    unlock_task,
    upsert_action_uri,
    upsert_filter_value,
    upsert_job,
    upsert_notification,
    upsert_task,
)
from accordant_sandbox.vendors.dime_scheduler.writing import Kind, Write, delete_by_key, upsert_by_key

__all__ = ["KINDS"]


def _keyed(entity: str, collection: str, upsert: Write = upsert_by_key, delete: Write = delete_by_key) -> Kind:
    return Kind(entity, collection, upsert, delete)


def _set(entity: str, upsert: Write, delete: Write) -> Kind:
    return Kind(f"appointment_{entity}", "appointments", upsert, delete)


_ALL = (
    _keyed("job", "jobs", upsert_job, delete_job),
    _keyed("task", "tasks", upsert_task, delete_task),
    _keyed("task_container", "task_containers"),
    _keyed("task_filter_value", "task_filter_values"),
    _keyed("task_locked", "tasks", lock_task, unlock_task),
    _keyed("task_uri", "task_uris"),
    _keyed("task_assignment", "task_assignments", assign_task),
    _keyed("task_budget_entry", "task_budget_entries", book, unbook),
    _keyed("appointment", "appointments", upsert_appointment, delete_appointment),
    _keyed("assignment", "assignments", assign, unassign),
    _keyed("recurring_appointment", "recurring_appointments", create_series, delete_series),
    _set("category", setter(category="category"), resetter(category=None)),
    _set("content", setter(subject="subject", body="body"), resetter(subject=None, body=None)),
    _set("importance", setter(importance="importance"), resetter(importance=0)),
    _set("locked", setter(locked="locked"), resetter(locked=False)),
    _set("planning_quantity", setter(planningQty="quantity"), resetter(planningQty=0)),
    _set("time_marker", setter(timeMarker="timeMarker"), resetter(timeMarker=None)),
    _keyed("appointment_container", "appointment_containers", put_into, put_out),
    _keyed("appointment_field_value", "appointment_field_values", attach, detach),
    _keyed("appointment_uri", "appointment_uris", attach, detach),
    _keyed("exchange_appointment", "exchange_appointments"),
    _keyed("resource", "resources"),
    _keyed("resource_calendar", "resource_calendars"),
    _keyed("resource_capacity", "resource_capacities"),
    _keyed("resource_certificate", "resource_certificates"),
    _keyed("resource_filter_value", "resource_filter_values"),
    _keyed("resource_gps_tracking", "resource_gps_trackings"),
    _keyed("resource_uri", "resource_uris"),
    _keyed("category", "categories"),
    _keyed("time_marker", "time_markers"),
    _keyed("pin", "pins"),
    _keyed("container", "containers"),
    _keyed("filter_group", "filter_groups"),
    _keyed("filter_value", "filter_values", upsert_filter_value),
    _keyed("caption", "captions"),
    _keyed("action_uri", "action_uris", upsert_action_uri, delete_action_uri),
    _keyed("notification", "notifications", upsert_notification, delete_notification),
    _keyed("connector", "connectors"),
    _keyed("user", "users", create_user, delete_user),
)

KINDS: Mapping[str, Kind] = {kind.entity: kind for kind in _ALL}
"""By entity, as the document names it."""
