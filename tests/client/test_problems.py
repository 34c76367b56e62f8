"""Error bodies in the forms that most APIs use are read without a line by hand."""

from __future__ import annotations

from typing import Any

import pytest

from accordant.clients import Problem, Vendor, read_problem

PROBLEM_DETAILS = {
    "type": "https://p.example/stock",
    "title": "Sold out",
    "detail": "None of 12 is left",
    "status": 409,
}
FIELDS = {"title": "One or more errors", "errors": {"name": ["is required", "is short"], "age": "is old"}}
PLACES = {"detail": [{"loc": ["body", "age"], "msg": "not a number", "type": "int_parsing"}]}
JSON_API = {"errors": [{"status": "422", "code": "blank", "detail": "is blank", "source": {"pointer": "/data/name"}}]}
GOOGLE = {"error": {"code": 404, "message": "no such zone", "status": "NOT_FOUND", "details": [{"zone": "x"}]}}


@pytest.mark.parametrize(
    ("body", "message", "code", "details"),
    [
        (PROBLEM_DETAILS, "None of 12 is left", "https://p.example/stock", 0),
        ({"type": "about:blank", "title": "Gone"}, "Gone", None, 0),
        (
            {"error": "invalid_grant", "error_description": "the code has expired"},
            "the code has expired",
            "invalid_grant",
            0,
        ),
        ({"error": "it broke"}, "it broke", None, 0),
        ({"message": "no", "code": 20404}, "no", "20404", 0),
        ({"Message": "no", "ErrorCode": "E7"}, "no", "E7", 0),
        ({"status": "error", "message": "no"}, "no", None, 0),
        ({"timestamp": 1, "status": 404, "error": "Not Found", "message": "no owner 7"}, "no owner 7", "Not Found", 0),
        (GOOGLE, "no such zone", "404", 1),
        ({"error": {"message": "no", "type": "card_error", "code": "declined"}}, "no", "declined", 0),
        ({"errors": ["one", "two"]}, "one; two", None, 2),
        ({"message": "wrong", "errors": [{"field": "name", "message": "is short"}]}, "wrong", None, 1),
        ({"errors": [{"field": "name", "message": "is short", "code": "len"}]}, "name: is short", "len", 1),
        (FIELDS, "One or more errors", None, 3),
        ({"errors": {"name": ["is required"]}}, "name: is required", None, 1),
        (PLACES, "body.age: not a number", "int_parsing", 1),
        (JSON_API, "/data/name: is blank", "blank", 1),
        ({"fault": {"faultstring": "no key", "detail": {"errorcode": "oauth.v2"}}}, "no key", None, 0),
        ([{"message": "no", "errorCode": "INVALID"}], "no", "INVALID", 1),
        ("no", "no", None, 0),
    ],
)
def test_usual_forms(body: Any, message: str, code: str | None, details: int) -> None:
    """The vendor's words, its code and its list of details are found in each of the usual forms."""
    found = read_problem(body)
    assert (found.message, found.code, len(found.details)) == (message, code, details)


NO_WORDS: list[Any] = [None, 7, True, [], {}, {"ok": False}, {"error": True}, {"errors": [[[]]]}, [[[1]]]]


@pytest.mark.parametrize("body", NO_WORDS)
def test_anything_else(body: Any) -> None:
    """A body that says nothing in words is a problem without words, never an error of the reader."""
    assert read_problem(body).message == ""


def test_depth() -> None:
    """A body that is nested without end is read as far as people nest errors."""
    body: Any = {"message": "deep"}
    for _ in range(5000):
        body = {"error": body}
    assert read_problem(body) == Problem()


def test_a_vendor_reads_them_without_being_told() -> None:
    """A vendor that does not say how its errors look has them read in the usual forms."""
    vendor = Vendor(name="acme", title="Acme", variable_prefix="ACME", environments={})
    assert vendor.problem(PROBLEM_DETAILS).message == "None of 12 is left"
