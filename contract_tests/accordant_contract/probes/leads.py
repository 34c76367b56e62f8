"""Probes of addresses and tags in responses: where a redirect and a Location lead, what an ETag promises."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_object

from ..document.document import Operation
from ..document.values import Exchange, Part
from ..judges.headers import not_modified, strong_etag
from ..judges.leads import location_leads, redirect_truth
from ..records.examples import Recipe
from ..records.record import Record
from ..target.following import follow
from .context import ProbeContext


def redirects(operation: Operation) -> bool:
    """Whether a success of an operation leads elsewhere."""
    return not operation.writes and any(each in operation.responses for each in ("302", "303", "307"))


def follow_redirect(context: ProbeContext, operation: Operation) -> None:
    """Upload two files, and follow the redirects to them: each must lead to its own bytes."""
    for _ in range(2):
        record = context.filler.make(operation.entity)
        uploaded = _bytes(record)
        arguments = context.filler.arguments(operation, record) if record is not None else None
        if record is None or arguments is None or uploaded is None:
            context.session.results.skip(f"{operation.id}: nothing could be uploaded that it would lead to")
            return
        exchange = context.store.call(operation, arguments)
        end = follow(context.session.target, exchange, ()) if 300 <= exchange.status < 400 else None
        if end is not None:
            found = redirect_truth(operation, exchange, uploaded, end)
            context.session.results.judge("redirect_truth", operation.id, found)


def follow_location(context: ProbeContext, operation: Operation, record: Record, created: Exchange) -> None:
    """Read a new record at the Location that its creation gave."""
    reader = next((each for each in context.session.document.of(record.entity, "get") if each.key.name), None)
    if created.status != 201 or reader is None or not context.session.target.exclusive:
        return
    end = follow(context.session.target, created, context.session.opening(reader))
    if end is not None:
        found = location_leads(operation, created, reader, record.key, end)
        context.session.results.judge("read_after_write", operation.id, found)


def try_etag(context: ProbeContext, operation: Operation, exchange: Exchange) -> None:
    """Ask again with the ETag that a response gave, and with one that nobody gave out."""
    tag = strong_etag(exchange.response) if exchange.response is not None else None
    if tag is None or not exchange.success:
        return

    def asked(value: str) -> Exchange:
        headers = (("If-None-Match", value),)
        return context.session.unjudged(operation, operation.method, exchange.arguments, headers)

    found = not_modified(operation, exchange, asked(tag), asked('"accordant-never-given-out"'))
    context.session.results.judge("header_truth", operation.id, found)


def compare_tags(context: ProbeContext, operation: Operation) -> None:
    """Where a response came with an ETag: change what it shows, and ask again; another body has another ETag."""
    earlier = next((each for each in reversed(context.session.history) if _tagged(operation, each)), None)
    if earlier is None:
        return
    if context.session.target.writes:
        _change(context, operation, earlier)
    context.store.call(operation, earlier.arguments, intent="unknown")


def _tagged(operation: Operation, exchange: Exchange) -> bool:
    response = exchange.response
    return (
        exchange.operation == operation.id and exchange.success and response is not None and bool(strong_etag(response))
    )


def _change(context: ProbeContext, operation: Operation, shown: Exchange) -> None:
    """Change the record that a response shows, or make another one for a list."""
    record = None if operation.rows(shown.document) is not None else context.store.of(operation, shown)
    if record is None:
        context.filler.make(operation.entity, Recipe(variant=3))
        return
    for change in context.session.document.of(operation.entity, "update", "replace", "upsert"):
        arguments = context.filler.arguments(change, record, Recipe(variant=3))
        if arguments is not None and context.store.call(change, arguments, intent="unknown").success:
            return


def _bytes(record: Record | None) -> bytes | None:
    """The content of the file that made a record."""
    body: Any = record.made_by.arguments.body if record is not None and record.made_by is not None else None
    parts = [each for each in body.values() if isinstance(each, Part)] if is_object(body) else []
    return parts[0].content if parts else None
