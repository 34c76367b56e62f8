"""The engine serves vendors that speak quite differently, without knowing them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import orjson
import pytest

from accordant_sandbox import DefectError, Sandbox, SandboxError
from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.collections import Collection, Ref
from accordant_sandbox.model.operations import Operations
from accordant_sandbox.model.own_collections import OWN_COLLECTIONS
from accordant_sandbox.model.rules import Rule, RuleBook
from tests.sandbox.toy_vendor import document, toy

Got = tuple[int, dict[str, str], Any]


class Toy:
    """Calls the toy vendor in process."""

    def __init__(self, seed: str = "default", **settings: Any) -> None:
        self.sandbox = Sandbox(toy(), seed=seed, settings=settings)

    def __call__(self, method: str, target: str, body: Any = None, **headers: str) -> Got:
        sent = [("X-Key", "toy-key")] if not headers else [(name.replace("_", "-"), v) for name, v in headers.items()]
        raw = b"" if body is None else orjson.dumps(body)
        status, got, content = self.sandbox.transport(
            method,
            f"http://toy.sandbox.localhost/api/v1{target}",
            [*sent, ("Content-Type", "application/json")],
            raw,
            5,
        )
        return status, {name.lower(): value for name, value in got}, orjson.loads(content) if content else None


@pytest.fixture
def api() -> Iterator[Toy]:
    """A toy vendor that must not break its own document."""
    made = Toy()
    yield made
    made.sandbox.raise_defects()


def test_paths_stand_under_the_server_path(api: Toy) -> None:
    """The path part of the document's server is part of every path and of the base URL."""
    assert api.sandbox.credentials["base_url"] == "http://toy.sandbox.localhost/api/v1"
    assert api("GET", "/runs")[0] == 200
    assert api.sandbox.transport("GET", "http://toy.sandbox.localhost/runs", [], b"", 5)[0] == 404


def test_paths_and_queries_in_any_case(api: Toy) -> None:
    """Where the dialect says so, paths, aliases and query names match in any case."""
    for number in range(3):
        api("POST", "/systems", {"sourceApp": "A", "systemNo": f"S{number}"})
    for target in ("/Systems?TOPX=1", "/system-list?topx=1", "/SYSTEM-LIST?topX=1"):
        assert len(api("GET", target)[2]["items"]) == 1


def test_wrong_method_can_be_a_405(api: Toy) -> None:
    """Where the dialect says so, a wrong method is a 405 that lists the allowed ones."""
    status, headers, _ = api("PATCH", "/systems")
    assert (status, headers["allow"]) == (405, "DELETE, GET, POST")


def test_property_names_in_any_case(api: Toy) -> None:
    """Where the dialect says so, property names match in any case and are kept in the documented spelling."""
    assert api("POST", "/systems", {"SOURCEAPP": "A", "SystemNo": "S1", "DisplayName": "One"})[0] == 200
    [row] = api.sandbox.state.systems.all()
    assert row == {"sourceApp": "A", "systemNo": "S1", "displayName": "One"}


def test_upsert_by_natural_key(api: Toy) -> None:
    """An upsert makes a row once and changes it after that; the key compares without case, other fields stay."""
    api("POST", "/systems", {"sourceApp": "A", "systemNo": "S1", "size": 1, "displayName": "One"})
    api("POST", "/systems", {"sourceApp": "a", "systemNo": "s1", "size": 2})
    [row] = api.sandbox.state.systems.all()
    assert (row["size"], row["displayName"]) == (2, "One")


def test_one_or_many(api: Toy) -> None:
    """A body may be one record or an array of them; both forms are written in order, all or none."""
    status, _, body = api(
        "POST", "/systems", [{"sourceApp": "A", "systemNo": "S1"}, {"sourceApp": "A", "systemNo": "S2"}]
    )
    assert (status, len(body["items"])) == (200, 2)
    status, _, _ = api(
        "DELETE", "/systems", [{"sourceApp": "A", "systemNo": "S1"}, {"sourceApp": "A", "systemNo": "S9"}]
    )
    assert status == 404
    assert len(api.sandbox.state.systems) == 2
    assert api("DELETE", "/systems", {"sourceApp": "A", "systemNo": "S1"})[0] == 200
    assert len(api.sandbox.state.systems) == 1


def test_pages_by_number() -> None:
    """Paging by number cuts, counts and refuses numbers out of range; a page past the end is empty."""
    api = Toy("default:runs=5")
    _, _, body = api("GET", "/runs?page=2")
    assert {name: body[name] for name in body if name != "items"} == {
        "total": 5,
        "page": 2,
        "page_size": 2,
        "total_pages": 3,
    }
    assert [len(api("GET", f"/runs?page={page}&page_size=3")[2]["items"]) for page in (1, 2, 3)] == [3, 2, 0]
    for query in ("page=0", "page_size=6", "page_size=0", "page=two"):
        assert api("GET", f"/runs?{query}")[0] == 400
    api.sandbox.raise_defects()


def test_top_is_capped(api: Toy) -> None:
    """A top parameter has a default and a cap."""
    for number in range(5):
        api("POST", "/systems", {"sourceApp": "A", "systemNo": f"S{number}"})
    assert [len(api("GET", f"/systems{query}")[2]["items"]) for query in ("", "?topX=9", "?topX=1")] == [2, 3, 1]
    assert api("GET", "/systems?topX=0")[0] == 400


def test_partial_text_filter(api: Toy) -> None:
    """A filter may look for a part of a text, without regard to case."""
    for name in ("Alpha", "Beta"):
        api("POST", "/systems", {"sourceApp": "A", "systemNo": name})
    assert [row["systemNo"] for row in api("GET", "/systems?systemno=LPH")[2]["items"]] == ["Alpha"]


def test_order_can_be_reversed(api: Toy) -> None:
    """A list can be ordered newest first."""
    for _ in range(2):
        api("POST", "/systems/S1/runs")
        api.sandbox.clock.advance(seconds=1)
    starts = [row["started_at"] for row in api("GET", "/runs")[2]["items"]]
    assert starts == ["2026-03-01T09:00:01Z", "2026-03-01T09:00:00Z"]
    assert len(api("GET", "/runs?from=2026-03-01T10:00:01%2B01:00")[2]["items"]) == 1


def test_nested_collections(api: Toy) -> None:
    """A collection inside another lists only its parent's rows, and an unknown parent is a 404."""
    api("POST", "/systems/S1/runs")
    api("POST", "/systems/S2/runs")
    assert [row["system"] for row in api("GET", "/systems/S1/runs")[2]["items"]] == ["S1"]
    assert api("GET", "/systems/none/runs")[0] == 404


def test_time_moves_records(api: Toy) -> None:
    """A timed step happens when the clock passes its instant, announces its event, and not before."""
    code = api("POST", "/systems/S1/runs")[2]["code"]
    assert code.startswith("RUN-")
    api.sandbox.clock.advance(seconds=29)
    assert api.sandbox.state.runs[code]["status"] == "running"
    api.sandbox.clock.advance(hours=1)
    assert api.sandbox.state.runs[code]["status"] == "done"
    assert [(event.topic, event.at) for event in api.sandbox.outbox.events] == [("run.done", "2026-03-01T09:00:30Z")]


def test_webhooks_are_delivered_on_demand(api: Toy) -> None:
    """Webhooks wait in the outbox until they are delivered; a refused one stays pending, an accepted one is done."""
    with api.sandbox.engine.lock:
        tx = api.sandbox.engine.transaction()
        tx.create("systems", {"sourceApp": "A", "systemNo": "S", "hook": "http://example.com/hook"})
        tx.commit()
    api("POST", "/systems/S1/runs")
    api.sandbox.clock.advance(minutes=1)
    with pytest.raises(SandboxError, match="loopback only"):
        api.sandbox.outbox.deliver()
    got: list[bytes] = []

    def receive(_: str, __: Any, body: bytes) -> int:
        got.append(body)
        return 503 if len(got) == 1 else 204

    assert [each.delivered for each in api.sandbox.outbox.deliver(receive)] == [False]
    assert [each.delivered for each in api.sandbox.outbox.deliver(receive)] == [True]
    assert api.sandbox.outbox.deliver(receive) == []
    assert got[0] == got[1] == orjson.dumps({"code": api.sandbox.state.runs.one()["code"]})


def test_replace_falls_back_to_defaults(api: Toy) -> None:
    """A replaced record loses what is not sent, and keeps its key, its stamps and its fixed fields."""
    made = api("POST", "/systems/S1/runs", {"note": "first"})[2]
    status, _, body = api("PUT", f"/runs/{made['code']}", {"system": "other"})
    assert status == 200
    assert body == {**made, "note": None}


def test_key_in_the_query() -> None:
    """A record's key may come from a query parameter; a required one that is missing is a 400."""
    api = Toy()
    api("POST", "/systems", {"sourceApp": "", "systemNo": "S1"})
    assert api("GET", "/system")[0] == 400
    assert api("GET", "/system?systemNo=S9")[0] == 404


def test_alternative_credentials(api: Toy) -> None:
    """Any alternative of the document's requirements opens an operation; one header may carry two kinds of them."""
    assert api("GET", "/runs", X_Key="toy-key")[0] == 200
    assert api("GET", "/runs", Authorization="Bearer toy-token")[0] == 200
    assert api("GET", "/runs", Authorization="Bearer toy-key")[0] == 200
    assert api("GET", "/runs", Authorization="Bearer junk")[0] == 401
    assert api("GET", "/runs", X_Other="1")[0] == 401
    api.sandbox.clock.advance(seconds=60)
    assert api("GET", "/runs", Authorization="Bearer toy-token")[0] == 401


def test_limits_with_headers(api: Toy) -> None:
    """A published limit is counted per tenant and told in headers on every answer."""
    remaining = [int(api("GET", "/runs")[1]["x-ratelimit-remaining"]) for _ in range(20)]
    assert remaining == list(range(19, -1, -1))
    status, headers, _ = api("GET", "/runs")
    assert (status, headers["x-ratelimit-remaining"]) == (429, "0")


def test_forbidden_answers_are_defects() -> None:
    """An answer that breaks the document becomes a 500 that names path and rule, is kept, and fails the test."""
    api = Toy()
    status, headers, _ = api("GET", "/broken")
    assert status == 500
    assert "$.system" in headers["x-sandbox-defect"]
    assert (api.sandbox.defects[0].operation, api.sandbox.defects[0].rule) == ("getBroken", "type")
    with pytest.raises(DefectError, match=r"getBroken 200 \$\.system"):
        api.sandbox.raise_defects()


def test_bugs_are_defects() -> None:
    """An exception in a handler is a defect with its traceback in the journal, never a crash of the server."""
    api = Toy()
    assert api("POST", "/broken")[0] == 500
    assert api.sandbox.defects[0].rule == "ZeroDivisionError"
    assert "crash" in api.sandbox.journal[-1].notes[0]


def test_same_seed_same_answers() -> None:
    """The same seed and calls give the same ids and tokens; another seed gives others."""
    codes = [Toy()("POST", "/systems/S1/runs")[2]["code"] for _ in range(2)]
    assert codes[0] == codes[1]
    assert Sandbox(toy(), random_seed=8).engine.random.random() != Sandbox(toy(), random_seed=9).engine.random.random()


def test_sandboxes_share_nothing() -> None:
    """Two sandboxes of one vendor have their own rows."""
    vendor = toy()
    first, second = Sandbox(vendor), Sandbox(vendor)
    first.given("by_number", number="X")
    assert (len(first.state.by_number), len(second.state.by_number)) == (2, 1)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"operations": Operations()}, "does not serve the documented operation 'crash'"),
        (
            {"collections": {**OWN_COLLECTIONS, "a": Collection(name="a", refs=(Ref("b_id", "b"),))}},
            "refers to the unknown collection 'b'",
        ),
    ],
)
def test_a_vendor_must_fit_its_document(changes: Any, words: str) -> None:
    """A vendor package that leaves an operation out, or contradicts itself, does not load and says why."""
    with pytest.raises(SandboxError, match=words):
        toy(**changes)


def test_a_vendor_cannot_invent_operations() -> None:
    """An operation that the document does not have cannot be served."""
    operations = toy().operations
    operations.get("getNothing", "runs")
    with pytest.raises(SandboxError, match="serves 'getNothing', which its document does not have"):
        toy(operations=operations)


def test_unserved_operations_need_a_reason() -> None:
    """A documented operation may be left out with a reason, and is then not found."""
    operations = toy().operations
    del operations.served["crash"]
    sandbox = Sandbox(toy(operations=operations, unserved={"crash": "never works"}))
    status, _, body = sandbox.transport("POST", "http://toy.sandbox.localhost/api/v1/broken", [], b"", 5)
    assert (status, orjson.loads(body)["message"]) == (404, "not served: never works")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"swagger": "2.0"}, "not an OpenAPI 3.1 document"),
        ({"openapi": "3.1.0", "paths": {"/a": {"get": {"responses": {}}}}}, "/paths/~1a/get: the operation has no"),
        (
            {"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "x", "parameters": [{"$ref": "#/nowhere"}]}}}},
            "#/nowhere: nothing is there",
        ),
        (
            {
                "openapi": "3.1.0",
                "paths": {"/a": {"get": {"operationId": "x"}}, "/b": {"get": {"operationId": "x"}}},
            },
            "'x' is used twice",
        ),
    ],
)
def test_broken_documents(data: dict[str, Any], words: str) -> None:
    """A broken document is refused with the place and the reason."""
    with pytest.raises(SandboxError, match=words):
        Document("toy", data)


def test_rules_have_one_name_each() -> None:
    """Two rules of one name, and the use of a name that is none, are errors."""
    with pytest.raises(SandboxError, match="two rules are named 'a'"):
        RuleBook([Rule("a", "docs", "x"), Rule("a", "seed", "y")])
    with pytest.raises(SandboxError, match="unknown rule 'toi'; did you mean 'toy'"):
        Sandbox(toy()).engine.transaction().rule("toi")


def test_document_of_the_toy_is_valid() -> None:
    """The toy's document itself loads with all its operations."""
    assert len(Document("toy", document()).operations) == 10


def test_what_a_request_made_is_gone_with_its_response(api: Toy) -> None:
    """Nothing that only a request needed waits until Python looks for circles: not after a success, nor a refusal."""
    gc.collect()
    gc.disable()
    try:
        assert api("POST", "/systems", {"sourceApp": "A", "systemNo": "S1"})[0] < 300
        assert api("POST", "/systems", {"sourceApp": 7})[0] >= 400
        assert api("GET", "/runs", X_Key="none")[0] == api("GET", "/runs", X_Other="none")[0] == 401
        assert not [each for each in gc.get_objects() if isinstance(each, ActiveCall)]
    finally:
        gc.enable()
