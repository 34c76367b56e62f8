"""How Dispatch refuses."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_sandbox import Sandbox
from tests.sandbox.dispatch_caller import Api


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": "draft"}, "job_id"),
        ({"job_id": "123", "status": "draft"}, "job_id"),
        ({"job_id": 123, "status": "someday"}, "status"),
        ({"job_id": 123, "status": "draft", "time": "tomorrow"}, "time"),
        ({"job_id": 123, "status": "draft", "duration": 1e30}, "64 bits"),
        ([], "object"),
    ],
)
def test_invalid_bodies(api: Api, body: Any, words: str) -> None:
    """A body that breaks the schema is a 422 whose `errors` is a list of sentences that name the field."""
    got = api.post("/v3/appointments", body)
    assert got.status == 422
    assert any(words in sentence for sentence in got.body["errors"]), got.body


def test_empty_body_where_one_is_needed(api: Api) -> None:
    """No body where one is required is a 422."""
    assert api.post("/v3/appointments").status == 422


@pytest.mark.parametrize("raw", [b"{", b"\xff\xfe", b"NaN", b'{"job_id": 1e400}'])
def test_broken_json(api: Api, raw: bytes) -> None:
    """What is not JSON is a 400."""
    headers = {"Content-Type": "application/json"}
    got = api.call("POST", "/v3/appointments", headers=headers, raw=raw)
    assert (got.status, "error" in got.body) == (400, True)


def test_other_media_types(api: Api) -> None:
    """A body of another media type is a 400: the vendor's table has no 415."""
    got = api.call("POST", "/v3/jobs", headers={"Content-Type": "text/xml"}, raw=b"<job/>")
    assert got.status == 400


def test_content_type_parameters_do_not_matter(api: Api) -> None:
    """`application/json; charset=utf-8` is JSON, and so is a body without a declared type."""
    raw = b'{"job_id": 123, "status": "draft"}'
    for headers in ({"Content-Type": "application/json; charset=utf-8"}, {}):
        assert api.call("POST", "/v3/appointments", headers=headers, raw=raw).status == 201


def test_whole_floats_are_integers(api: Api) -> None:
    """7200.0 in an integer field is 7200, as an integer column would hold it."""
    raw = b'{"job_id": 123.0, "status": "draft", "duration": 60.0}'
    got = api.call("POST", "/v3/appointments", headers={"Content-Type": "application/json"}, raw=raw)
    assert b'"duration":60,' in got.content
    assert b'"job_id":123,' in got.content


@pytest.mark.parametrize("path", ["/v3/nothing", "/v2/jobs", "/", "/v3/jobs/", "/v3/jobs/abc", "/v3/jobs/0"])
def test_unknown_paths_and_ids(api: Api, path: str) -> None:
    """An unknown path and an id that is none are 404."""
    assert api.get(path).status == 404


@pytest.mark.parametrize("request_line", ["PUT /v3/jobs/123", "DELETE /v3/jobs/123", "GET /v3/brands/1"])
def test_wrong_method(api: Api, request_line: str) -> None:
    """A method that a path does not have is a 404: the vendor's table has no 405."""
    method, path = request_line.split()
    assert api.call(method, path).status == 404


def test_every_answer_has_a_request_id(api: Api) -> None:
    """Every answer carries an `X-Request-Id` of its own, errors too, and the journal knows it."""
    ids = [api.get(path).headers["x-request-id"] for path in ("/v3/jobs", "/v3/jobs/999", "/v3/nothing")]
    assert len(set(ids)) == 3
    assert [entry.request_id for entry in api.sandbox.journal][-3:] == ids


def test_refused_writes_leave_no_trace(api: Api) -> None:
    """After a refused write the state is the very one from before, ids included."""
    state = api.sandbox.engine.state.tables
    for body in ({"job_id": 999, "status": "draft"}, {"job_id": 123, "status": "draft", "user_id": 5}):
        assert api.post("/v3/appointments", body).status == 422
        assert api.sandbox.engine.state.tables["jobs"] is state["jobs"]
        assert "appointments" not in api.sandbox.engine.state.tables
    assert api.appointment()["id"] == 1


def test_rate_limit() -> None:
    """With `limits` set, calls beyond it are 429 with the seconds to wait; after them calls pass again."""
    with Sandbox("dispatch", settings={"limits": {"default": "3/min"}}) as sandbox:
        api = Api(sandbox)
        statuses = [api.get("/v3/jobs").status for _ in range(4)]
        assert statuses == [200, 200, 200, 429]
        wait = int(api.get("/v3/jobs").headers["retry-after"])
        sandbox.clock.advance(seconds=wait - 1)
        assert api.get("/v3/jobs").status == 429
        sandbox.clock.advance(seconds=1)
        assert api.get("/v3/jobs").status == 200
        sandbox.raise_defects()


def test_unlimited_by_default(api: Api) -> None:
    """Without that setting nothing is limited: the vendor publishes no number."""
    assert {api.get("/v3/sources").status for _ in range(400)} == {200}
