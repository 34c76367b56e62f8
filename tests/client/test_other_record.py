"""A response that shows another record than the one that was asked for is never taken for it in silence."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from attrs import evolve

from accordant._call.record_key import other_record
from accordant.dispatch import Dispatch
from accordant.errors import ResponseDecodeError
from accordant.testing import Script
from accordant_runtime import Entity, Operation, Parameter
from tests.client.support import GET, UPDATE, Player

CHECKED: list[Operation[Any]] = [
    evolve(operation, entity=Entity("thing", action, key_parameter="id", key_field="id", returned=("id",)))
    for operation, action in ((GET, "get"), (UPDATE, "update"))
]
UUID = "6F9619FF-8B86-D011-B42D-00C04FC964FF"


def run(play: Player, operation: Operation[Any], answer: Any, **settings: Any) -> tuple[Any, Any]:
    """What a call for record 7 returns, and the client."""
    api = play.client(Script((200, answer)), **settings)
    body = {"body": {"name": "x"}} if operation.body else {}
    return play.do(lambda: api.things.run(operation, id=7, **body)), api


@pytest.mark.parametrize("operation", CHECKED, ids=lambda operation: operation.id)
def test_lenient(play: Player, operation: Operation[Any]) -> None:
    """The record is returned as it came, and the deviation says where which id came instead of which."""
    thing, api = run(play, operation, {"thing": {"id": 8}})
    assert thing.id == 8
    [note] = api.deviations[0].deviations
    assert (note.kind, str(note)) == ("other_record", "$.thing.id: expected '7' as asked for, found '8'")
    _, bare = run(play, operation, {"id": 8})
    paths = {note.kind: note.path for note in bare.deviations[0].deviations}
    assert paths == {"envelope": "$.thing", "other_record": "$.id"}


@pytest.mark.parametrize("operation", CHECKED, ids=lambda operation: operation.id)
def test_strict(play: Player, operation: Operation[Any]) -> None:
    """With deviations="strict" it is a ResponseDecodeError, and the record asked for is none."""
    with pytest.raises(ResponseDecodeError, match=r"\$\.thing\.id: expected '7' as asked for, found '8'"):
        run(play, operation, {"thing": {"id": 8}}, deviations="strict")
    assert run(play, operation, {"thing": {"id": 7}}, deviations="strict")[0].id == 7


def test_raw() -> None:
    """Raw access looks at it when the body is parsed."""
    answer = {"appointment": {"id": 8, "job_id": 1, "status": "scheduled"}}
    with Dispatch(token="t", transport=Script((200, answer), repeat=True)) as api:
        raw = api.raw(api.appointments.get, 7)
        assert len(api.deviations) == 0
        assert raw.parse().id == 8
        assert "other_record" in [note.kind for note in api.deviations[0].deviations]
        api.deviations.clear()
        api.raw(api.appointments.get, 8).parse()
        assert "other_record" not in [note.kind for report in api.deviations for note in report.deviations]


@pytest.mark.parametrize(
    ("asked", "shown", "other"),
    [
        ("7", 7, False),
        ("7", 8, True),
        ("7", "7", False),
        ("007", 7, False),
        ("7", 7.0, False),
        ("7", 7.5, False),
        ("7", "8", True),
        (UUID, UUID.lower(), False),
        (UUID, "{" + UUID.replace("-", "") + "}", False),
        (UUID, UUID.replace("6", "7"), True),
        ("AB-1", "ab-1", False),
        ("é/?", "e\u0301/?", False),
        ("AB-1", "AB-2", True),
        ("my-slug", 7, False),
        ("ext:5", UUID, False),
        ("7", None, False),
        ("7", True, False),
        ("7", [8], False),
        ("9" * 5000, 9, False),
    ],
)
def test_what_is_another_id(asked: str, shown: Any, other: bool) -> None:
    """Ids are compared by what they mean; ids of two kinds (slug and number, external id and UUID) prove nothing."""
    url = f"https://api.tiny.test/v1/things/{quote(asked, safe='')}?x=1"
    assert (other_record(CHECKED[0], url, {"id": shown}) is not None) is other


def test_key_in_the_query() -> None:
    """A key that travels in the query is compared as well; one that was not sent is not."""
    by_query = evolve(CHECKED[0], path="/v1/thing", parameters=(Parameter("thingId", "id"),), entity=CHECKED[0].entity)
    assert other_record(by_query, "https://api.tiny.test/v1/thing?a=b&thingId=7", {"id": 8}) is not None
    assert other_record(by_query, "https://api.tiny.test/v1/thing?a=b&thingId=7", {"id": 7}) is None
    assert other_record(by_query, "https://api.tiny.test/v1/thing", {"id": 7}) is None


def test_several_keys() -> None:
    """Where a record can be asked for by one of several ids, one that fits is enough."""
    entity = evolve(CHECKED[0].entity, returned=("no", "id", "guid"))
    several = evolve(CHECKED[0], entity=entity)
    url = "https://api.tiny.test/v1/things/12"
    assert other_record(several, url, {"no": "A-1", "id": 12, "guid": UUID}) is None
    assert other_record(several, url, {"no": "A-1", "id": 13, "guid": UUID}) is not None
    assert other_record(several, url, {"no": "A-1", "guid": UUID}) is None
    assert other_record(several, url, ["no record"]) is None


def test_operations_that_say_nothing(play: Player) -> None:
    """Where the operation does not say that the id comes back, no id is a deviation."""
    thing, api = run(play, GET, {"thing": {"id": 8}})
    assert thing.id == 8
    assert len(api.deviations) == 0
