"""Faults that Dispatch has no place for, on a vendor that has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accordant_sandbox import Sandbox
from accordant_sandbox.faults import all_faults
from tests.sandbox import dibop_caller, dime_scheduler_caller, espace_caller
from tests.sandbox.notes_vendor import KEY, notes
from tests.sandbox.symptoms import Seen
from tests.sandbox.test_faults import CATALOGUE

REAL = {
    "action_stores_nothing": "espace",
    "page_default_less": "dibop",
    "too_long_cut": "dibop",
    "bulk_delete_partial": "dime_scheduler",
    "bulk_item_dropped": "espace",
    "empty_becomes_null": "dibop",
    "replace_keeps": "dibop",
    "text_one_short": "dibop",
}
"""Faults for which the notes vendor has no place either, with a vendor that has."""
ELSEWHERE = {
    "wrong_location.astray",
    "limit_dishonest.negative",
    "limit_dishonest.rising",
    "next_early_end",
    "next_early_end.never",
    "partial_batch",
    "wrong_location",
}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    """A sandbox of the notes vendor."""
    with Sandbox(notes()) as made:
        yield made
        made.raise_defects()


def see(sandbox: Sandbox, method: str, target: str, body: bytes = b"") -> Seen:
    """One call with the key."""
    headers = [("X-Key", KEY), ("Content-Type", "application/json")]
    status, pairs, content = sandbox.transport(method, f"http://notes.sandbox.localhost{target}", headers, body, 5.0)
    return Seen(status, list(pairs), content)


def test_every_fault_of_the_catalogue_is_proven_on_one_vendor_or_the_other(sandbox: Sandbox) -> None:
    """What does not apply to Dispatch applies here."""
    assert {fault.name for fault in all_faults()} - set(CATALOGUE) == ELSEWHERE | set(REAL)
    assert set(sandbox.engine.faults.catalogue) >= ELSEWHERE


@pytest.mark.parametrize(("name", "pages"), [("next_early_end", 2), ("next_early_end.never", 4)])
def test_a_wrong_number_of_pages(sandbox: Sandbox, name: str, pages: int) -> None:
    """The number of pages is one too small, or one too large."""
    assert see(sandbox, "GET", "/notes").body["total_pages"] == 3
    with sandbox.fault(name):
        assert see(sandbox, "GET", "/notes").body["total_pages"] == pages


@pytest.mark.parametrize(
    ("name", "left"), [("limit_dishonest.negative", ["-1", "-1"]), ("limit_dishonest.rising", ["1", "2"])]
)
def test_a_wrong_number_of_calls_left(sandbox: Sandbox, name: str, left: list[str]) -> None:
    """The number of calls that are left falls; with the fault it is negative, or rises."""
    header = "X-RateLimit-Remaining"
    assert [see(sandbox, "GET", "/notes").header(header) for _ in range(2)] == ["49", "48"]
    with sandbox.fault(name):
        assert [see(sandbox, "GET", "/notes").header(header) for _ in range(2)] == left


def test_half_a_batch(sandbox: Sandbox) -> None:
    """Of four records in one body two are written, and the answer is a success."""
    body = b'[{"name":"a"},{"name":"b"},{"name":"c"},{"name":"d"}]'
    with sandbox.fault("partial_batch", times=1):
        assert see(sandbox, "POST", "/labels", body).status == 200
    assert [row["name"] for row in see(sandbox, "GET", "/labels").body] == ["a", "b"]
    see(sandbox, "POST", "/labels", body)
    assert len(see(sandbox, "GET", "/labels").body) == 4


def test_an_upsert_that_adds_again(sandbox: Sandbox) -> None:
    """The same record written twice is there twice, although its key is its own."""
    see(sandbox, "POST", "/labels", b'{"name":"a"}')
    see(sandbox, "POST", "/labels", b'{"name":"a"}')
    assert len(see(sandbox, "GET", "/labels").body) == 1
    with sandbox.fault("retry_creates_again"):
        see(sandbox, "POST", "/labels", b'{"name":"a"}')
    assert [row["name"] for row in see(sandbox, "GET", "/labels").body] == ["a", "a"]


def test_the_location_of_another_record(sandbox: Sandbox) -> None:
    """The Location of a new record is that of an older one."""
    made = see(sandbox, "POST", "/notes", b'{"text":"new"}')
    assert see(sandbox, "GET", made.header("Location") or "").body == made.body
    with sandbox.fault("wrong_location"):
        made = see(sandbox, "POST", "/notes", b'{"text":"newer"}')
    assert see(sandbox, "GET", made.header("Location") or "").body["text"] == "new"


def test_a_location_where_nothing_is(sandbox: Sandbox) -> None:
    """The Location of a new record ends with its id, and nothing is there."""
    place = see(sandbox, "POST", "/notes", b'{"text":"new"}').header("Location")
    assert see(sandbox, "GET", str(place)).status == 200
    with sandbox.fault("wrong_location.astray"):
        seen = see(sandbox, "POST", "/notes", b'{"text":"newer"}')
    assert str(seen.header("Location")).endswith(seen.body["code"])
    assert see(sandbox, "GET", str(seen.header("Location"))).status == 404


def orchestration(api: dibop_caller.Api, **values: Any) -> dict[str, Any]:
    """A new orchestration of DIBOP, replaced by one with these values."""
    made = api.post("/orchestrations", {"name": "One", "description": "Old", "steps": []}).body
    target = f"/orchestrations/{made['id']}"
    assert api.call("PUT", target, {"name": "Two", "steps": [], **values}).status == 200
    shown = dict(api.get(target).body)
    assert api.call("DELETE", target).status < 300
    return shown


@pytest.mark.parametrize(
    ("name", "values", "right", "wrong"),
    [
        ("empty_becomes_null", {"description": ""}, "", None),
        ("replace_keeps", {}, None, "Old"),
        ("text_one_short", {"name": "n" * 200}, None, None),
    ],
)
def test_faults_of_replaced_records(name: str, values: dict[str, Any], right: Any, wrong: Any) -> None:
    """A record that is replaced has what was sent, to its last character, and nothing of the old one."""
    with Sandbox("dibop") as made:
        api = dibop_caller.Api(made)
        before = orchestration(api, **values)
        assert (before["description"], before["name"]) == (right, values.get("name", "Two"))
        with made.fault(name):
            after = orchestration(api, **values)
        assert (after["description"], len(after["name"])) == (wrong, 199 if "name" in values else 3)


def test_one_of_two_stays() -> None:
    """Of two records in the body of a deletion the last one stays."""
    with Sandbox("dime_scheduler") as made:
        api = dime_scheduler_caller.Api(made)
        for name in ("A", "B"):
            api.ok("POST", "/pin", {"name": name, "hexColor": "#000000"})
        with made.fault("bulk_delete_partial"):
            api.ok("DELETE", "/pin", [{"name": "A"}, {"name": "B"}])
        left = {row["name"] for row in made.state.of("pins").all()}
        assert "A" not in left
        assert "B" in left


def test_one_of_two_items_is_passed_over() -> None:
    """Of two spaces in the body of an action the last one is not added."""
    with Sandbox("espace") as made:
        api = espace_caller.Api(made)
        event = api.event()
        with made.fault("bulk_item_dropped"):
            api.post("/event/spaces/add", [3, 4], **event)
        main = api.get("/event/spaces", **event).data[0]
        taken = {each["ItemId"]: each["IsScheduled"] for each in main["Children"]}
        assert (taken[3], taken[4]) == (True, False)


def test_a_page_is_shorter_than_its_documented_default() -> None:
    """A page has its documented size where nobody asks for another, and ten rows with the fault."""
    with Sandbox("dibop") as made:
        api = dibop_caller.Api(made)
        made.given("orchestrations", 20)
        assert len(api.rows("/orchestrations")) >= 20
        with made.fault("page_default_less"):
            assert len(api.rows("/orchestrations")) == 10


def test_a_text_that_is_too_long_is_cut() -> None:
    """A name beyond its documented length is refused, and cut with the fault."""
    with Sandbox("dibop") as made:
        api = dibop_caller.Api(made)
        long: dict[str, Any] = {"name": "n" * 201, "description": "", "steps": []}
        assert api.post("/orchestrations", long).status >= 400
        with made.fault("too_long_cut"):
            assert len(api.post("/orchestrations", long).body["name"]) == 200


def test_an_action_stores_nothing() -> None:
    """What an action says of an event is read back there, and is not with the fault."""
    with Sandbox("espace") as made:
        api = espace_caller.Api(made)

        def told(text: str) -> Any:
            event = api.event()
            ids = {"EventId": event["eventId"], "ScheduleId": event["scheduleId"]}
            api.put("/event/updatepublicinfo", {**ids, "IsPublic": True, "PublicNotes": text})
            return api.get("/event", **event).data["PublicNotes"]

        assert told("seen") == "seen"
        with made.fault("action_stores_nothing"):
            assert told("unseen") != "unseen"
