"""The clients send what the document allows, and whatever a vendor responds, they read it or say what is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from accordant.errors import APIStatusError
from accordant_contract.document.comparison import same
from accordant_contract.document.document import load
from accordant_contract.document.values import Exchange, Request, Response
from accordant_contract.judges.client import client_truth
from accordant_contract.traffic.matching import Matcher, problems
from accordant_runtime import UNSET, AccordantError, RequestError, descend, dumps, is_object

from .both_ways import Both, Case, Turn, almost, cases

VENDORS = ("dispatch", "dibop", "dime_scheduler", "espace")
PARTS = 4
"""One in so many operations is tried: which, is the turn of the vendor."""


@pytest.fixture(params=VENDORS, scope="module")
def tried(request: pytest.FixtureRequest) -> Iterator[tuple[Both, list[Case]]]:
    """Both clients of a vendor, and the cases."""
    vendor = str(request.param)
    both = Both(vendor)
    yield both, list(cases(vendor, VENDORS.index(vendor), PARTS, 1))
    both.close()


def test_requests(tried: tuple[Both, list[Case]]) -> None:
    """Both clients send the same, with the values that they were given, and the document allows all of it."""
    both, found = tried
    matcher = Matcher(load(both.vendor), anywhere=True)
    sent = 0
    for case in found:
        one, other = both.turns(case, case.answer)
        assert _outgoing(one) == _outgoing(other), case.operation.id
        request = one.sent(matcher)
        if request is None:
            assert isinstance(one.error, RequestError), f"{case.operation.id}: {one.error!r}"
            continue
        sent += 1
        operation, arguments = request
        assert operation.id == case.operation.id
        assert not list(problems(operation, arguments)), case.operation.id
        for name, value in arguments.given.items():
            if name in case.arguments.given:
                assert dumps(value) == dumps(case.arguments.given[name]), f"{case.operation.id}: {name}"
        if is_object(arguments.body) and is_object(case.arguments.body):
            schema = operation.schemas.properties(operation.body_schema)
            for name, value in arguments.body.items():
                assert same(value, case.arguments.body[name], schema.get(name, {})), f"{case.operation.id}: {name}"
    assert sent > 0.8 * len(found)  # the rest are paths with "." or nothing in them, which cannot be sent


def test_responses_that_the_document_allows(tried: tuple[Both, list[Case]]) -> None:
    """Both clients read every response that the document allows, a failure as the error that has its body."""
    both, found = tried
    for case in found:
        turns = list(both.turns(case, case.answer))
        assert _outcome(turns[0]) == _outcome(turns[1]), case.operation.id
        for turn in turns:
            if case.status >= 400 and turn.request is not None:
                assert isinstance(turn.error, APIStatusError), f"{case.operation.id} {case.status}: {turn.error!r}"
                assert turn.error.status == case.status
        # An envelope with nothing in it is how a vendor fails with status 200: no success can be read from it.
        way = str(case.operation.data.get("x-accordant-envelope", ""))
        if case.status < 300 and not (way and descend(case.answer, way) in (None, UNSET)):
            findings = list(client_truth(both.operations[case.operation.id], _exchange(case, case.answer)))
            assert not findings, f"{case.operation.id}: {findings[0].message} at {findings[0].path}"


def test_responses_that_are_almost_right(tried: tuple[Both, list[Case]]) -> None:
    """Of a response with one thing wrong both clients keep everything and say so, or raise an error of their own."""
    both, found = tried
    chance = Random(both.vendor)
    noted = 0
    for case in found:
        answer: Any = almost(case.answer, chance)
        turns = list(both.turns(case, answer))
        assert _outcome(turns[0]) == _outcome(turns[1]), case.operation.id
        for turn in turns:
            assert turn.error is None or isinstance(turn.error, AccordantError), f"{case.operation.id}: {turn.error!r}"
        if case.status < 300:
            noted += bool(turns[0].error or turns[0].deviations)
            findings = client_truth(both.operations[case.operation.id], _exchange(case, answer))
            lost = [each for each in findings if each.kind.startswith("round trip")]
            assert not lost, f"{case.operation.id}: {lost[0].path} of {answer!r}"
    assert noted


def _outgoing(turn: Turn) -> Any:
    return turn.request and (turn.request.method, turn.request.url, turn.request.body)


def _outcome(turn: Turn) -> Any:
    return turn.result, type(turn.error), turn.deviations


def _exchange(case: Case, answer: Any) -> Exchange:
    headers = (("content-type", "application/json"),)
    return Exchange(case.operation.id, Request("GET", "", ()), Response(case.status, headers, dumps(answer)))
