"""A body that comes again is read and judged once, and is judged as it was."""

from __future__ import annotations

from typing import Any

from accordant_contract.document.values import Exchange, Request, SeenBodies
from accordant_contract.judges.conformance import response_schema_conformance
from accordant_contract.judges.dates import date_truth
from accordant_contract.judges.exposure import undocumented

from .widget_api import operation

JSON = (("Content-Type", "application/json"),)
WRONG = b'{"id": "no number", "beta": 1}'


def shown(
    seen: SeenBodies, body: bytes, *more: tuple[str, str], name: str = "getWidget", status: int = 200
) -> Exchange:
    """An operation's success with a body."""
    response = seen.response(status, (*JSON, *more), body)
    return Exchange(name, Request("GET", "https://widgets.example/widgets/1", ()), response)


def faults(exchange: Exchange) -> list[tuple[str, Any]]:
    """Where a body does not fit its schema, and the exchange that shows it."""
    found = response_schema_conformance(operation(exchange.operation), exchange)
    return [(each.path, each.exchanges[0]) for each in found]


def test_the_same_body_has_the_same_findings_each_with_its_own_exchange() -> None:
    """What is wrong with a body is found as often as it comes, and each finding shows the exchange that it is about."""
    seen = SeenBodies()
    first, second = shown(seen, WRONG), shown(seen, bytes(bytearray(WRONG)))
    assert first.document is second.document
    assert faults(first)
    assert [path for path, _ in faults(first)] == [path for path, _ in faults(second)]
    assert {shows for _, shows in faults(second)} == {second}
    assert undocumented(operation("getWidget"), second) == (("$.beta", 1),)


def test_a_body_is_judged_anew_for_another_operation_status_or_encoding() -> None:
    """A body that fits one operation says nothing of another, of another status, or of packed bytes."""
    seen = SeenBodies()
    assert faults(shown(seen, WRONG))
    assert not undocumented(operation("listWidgets"), shown(seen, b"{}", name="listWidgets"))
    plain = b'{"error": "none"}'
    assert faults(shown(seen, plain)) != faults(shown(seen, plain, status=404))
    assert faults(shown(seen, plain, ("Content-Encoding", "gzip"))) != faults(shown(seen, plain))
    stamped = b'{"created_at": "2026-03-01T09:00:00"}'
    for name, wrong in (("getWidget", ["$.created_at"]), ("deleteWidget", []), ("getWidget", ["$.created_at"])):
        found = date_truth(operation(name), shown(seen, stamped, name=name))
        assert [each.path for each in found] == wrong


def test_no_more_bodies_are_kept_than_allowed() -> None:
    """A proxy that judges for days does not keep all that has passed: beyond the limit the earlier bodies are gone."""
    seen = SeenBodies(most=3 * len(WRONG))
    kept = shown(seen, WRONG)
    assert shown(seen, WRONG).document is kept.document
    for number in range(3):
        shown(seen, b"%d" % number * len(WRONG))
    again = shown(seen, WRONG)
    assert again.document == kept.document
    assert again.document is not kept.document
