"""What the contract tests know of rules, secrets and counts that a document cannot say, with DIBOP as the example."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.document import load
from accordant_contract.document.policy import Policy, Refusal
from accordant_contract.document.values import ABSENT, Arguments, Exchange, Request, Response
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.judges.limits import remaining_honest
from accordant_contract.judges.paging import page_shape
from accordant_contract.records.examples import Examples, Recipe
from accordant_contract.target import vendor as vendors
from accordant_contract.target.session import TargetSession
from accordant_contract.target.targets import local
from accordant_runtime import dumps

DOCUMENT = load("dibop")
VENDOR = vendors.load("dibop")
NOW = datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)


def exchange(
    operation: str,
    status: int = 200,
    answer: Any = None,
    *,
    headers: dict[str, str] | None = None,
    token: str = "one",
    **arguments: Any,
) -> Exchange:
    """One exchange, as if it had been sent."""
    request = Request("GET", "https://demo.example.com", (("Authorization", f"Bearer {token}"),))
    response = Response(status, tuple((headers or {}).items()), dumps(answer))
    return Exchange(operation, request, response, Arguments(**arguments), "unknown")


def refusal(sent: Exchange) -> str | None:
    """Why the policy takes a refusal for right."""
    known = {"canonical_domain": {"vehicle", "part"}, "orchestration": {"o"}}
    return ExpectedRejections(DOCUMENT, VENDOR.policy, known).refusal(sent)


@pytest.mark.parametrize(("end", "excused"), [("2026-01-01T00:00:00Z", True), ("2026-03-01T00:00:00Z", False)])
def test_periods(end: str, excused: bool) -> None:
    """A 400 is right where the period ends before it begins, and not else."""
    query = {"from": "2026-02-01T00:00:00Z", "to": end}
    assert (refusal(exchange("listApiCalls", 400, query=query)) is not None) is excused
    assert refusal(exchange("listApiCalls", 422, query=query)) is None


@pytest.mark.parametrize(("domain", "excused"), [("vehicle", True), ("part", False)])
def test_records_of_another_domain(domain: str, excused: bool) -> None:
    """A 422 is right where a record does not fit the domain of its path, and not else."""
    sent = exchange(
        "createCanonicalRecord",
        422,
        path={"domain": domain},
        body={"data": {"part_number": "P"}, "source_system": None},
    )
    assert (refusal(sent) is not None) is excused


@pytest.mark.parametrize(("names", "excused"), [(("a", "a"), True), (("parameters",), True), (("a", "b"), False)])
def test_names_of_steps(names: tuple[str, ...], excused: bool) -> None:
    """A 422 is right where two steps share a name or one is reserved, and not else."""
    body = {"name": "x", "steps": [{"name": name, "type": "transform", "transform_type": "map"} for name in names]}
    assert (refusal(exchange("createOrchestration", 422, body=body)) is not None) is excused


@pytest.mark.parametrize(("field", "excused"), [("parameters.vin", True), ("parameters", False)])
def test_declared_parameters(field: str, excused: bool) -> None:
    """A 422 of execute is right where it names a parameter that the orchestration declares."""
    answer = {"error": {"details": [{"field": field, "message": "is required"}]}}
    sent = exchange("executeOrchestration", 422, answer, path={"id": "o"}, body={})
    assert (refusal(sent) is not None) is excused


def test_a_refusal_names_operations() -> None:
    """A policy whose refusal matches no operation is an error."""
    policy = Policy(refusals=(Refusal("flyTo*", 400, "no wings", "assumed", lambda _: True),))
    assert list(policy.problems(DOCUMENT)) == ["a refusal names 'flyTo*', which no operation matches"]


@pytest.mark.parametrize(("pages", "kinds"), [(2, set[str]()), (1, {"pages"}), (3, {"pages"})])
def test_page_counts(pages: int, kinds: set[str]) -> None:
    """The stated number of pages follows from the total and the page size."""
    rows = [{"id": "a"}, {"id": "b"}]
    page = {"items": rows, "total": 3, "page": 1, "page_size": 2, "total_pages": pages}
    found = page_shape(
        DOCUMENT.operations["listAlertRules"], exchange("listAlertRules", 200, page, query={"page_size": 2})
    )
    assert {each.kind for each in found} == kinds


def counted(left: int, *, token: str = "one", limit: int = 300, reset: int = 60) -> Exchange:
    headers = {"X-RateLimit-Limit": limit, "X-RateLimit-Remaining": left, "X-RateLimit-Reset": reset}
    return exchange("listSystems", headers={name: str(value) for name, value in headers.items()}, token=token)


@pytest.mark.parametrize(
    ("second", "rises"),
    [
        (counted(11), True),
        (counted(9), False),
        (counted(11, token="two"), False),
        (counted(11, limit=60), False),
        (counted(11, reset=120), False),
    ],
)
def test_remaining_counts(second: Exchange, rises: bool) -> None:
    """A remaining count that rises is a finding, unless it is another caller's, another limit's or another window's."""
    found = remaining_honest(DOCUMENT.operations["listSystems"], [counted(10), second])
    assert bool(list(found)) is rises


@pytest.fixture
def session() -> Iterator[TargetSession]:
    """A session with a sandbox in process."""
    with local(VENDOR, way="process") as target:
        yield TargetSession(target, DOCUMENT, ResultCollector(DOCUMENT, VENDOR.policy))


def test_schemes_with_their_own_secret(session: TargetSession) -> None:
    """An operation of a scheme with its own secret is opened by that and not by the login; others by the login."""
    webhook, systems = (DOCUMENT.operations[name] for name in ("receiveWebhook", "listSystems"))
    assert [name for name, _ in session.opening(webhook)] == ["X-Webhook-Secret"]
    assert list(session.own_arguments(webhook)) == ["secret"]
    assert [name for name, _ in session.opening(systems)] == ["Authorization"]
    assert session.missing(webhook) == session.missing(systems) == []


def test_secrets_that_are_not_there(session: TargetSession) -> None:
    """Without its secrets an operation cannot be called, and the run says which variables are missing."""
    without = TargetSession(evolve(session.target, schemes={}), DOCUMENT, session.results)
    assert without.missing(DOCUMENT.operations["receiveWebhook"]) == ["DIBOP_WEBHOOK_ID", "DIBOP_WEBHOOK_SECRET"]


def test_examples_fill_objects_that_may_not_be_empty() -> None:
    """An object with a least number of members gets as many, even where each of them is optional."""
    examples = Examples(DOCUMENT.schemas, lambda _: ABSENT, {}, 1, NOW)
    schema = {"type": "object", "minProperties": 1, "properties": {"url": {"type": "string"}}}
    assert list(examples.value("x", schema, Recipe(full=False))) == ["url"]


def test_texts_from_patterns_differ() -> None:
    """Texts for a pattern that leaves room are told apart."""
    examples = Examples(DOCUMENT.schemas, lambda _: ABSENT, {}, 1, NOW)
    schema = {"type": "string", "pattern": "^[A-Za-z][A-Za-z0-9_]*$"}
    assert len({examples.value("name", schema, Recipe()) for _ in range(50)}) == 50
