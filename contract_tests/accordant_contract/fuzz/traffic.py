"""From what schemathesis recorded to the values that everything here is made of."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any, TypeAlias

from attrs import frozen
from schemathesis.engine import Status

from accordant_runtime import is_object

from ..document.values import ABSENT, Arguments, Exchange, Finding, Pairs, Request, SeenBodies

Recorder: TypeAlias = Any
"""``schemathesis.engine.recorder.ScenarioRecorder``; its generics leave its types open."""
Case: TypeAlias = Any
"""``schemathesis.Case``, likewise."""


@frozen
class Verdict:
    """One check's verdict on one case: the finding, or ``None`` where all was well."""

    check: str
    operation: str
    finding: Finding | None


def exchanges(recorder: Recorder, bodies: SeenBodies) -> dict[str, Exchange]:
    """The exchanges of a scenario by the ids of their cases; those with undeclared methods are left out."""
    found: dict[str, Exchange] = {}
    for case_id, interaction in recorder.interactions.items():
        node = recorder.cases.get(case_id)
        if node is not None and node.value.method.upper() == node.value.operation.method.upper():
            found[case_id] = exchange(node.value, interaction, bodies)
    return found


def exchange(case: Case, interaction: Any, bodies: SeenBodies) -> Exchange:
    """One case with its response."""
    request = interaction.request
    pairs: Pairs = tuple((name, value) for name, values in request.headers.items() for value in values)
    sent = Request(request.method, request.uri, pairs, request.body or b"")
    at = datetime.datetime.fromtimestamp(interaction.timestamp, datetime.UTC)
    answer = interaction.response
    if answer is None:
        return Exchange(operation_of(case), sent, None, _arguments(case), "unknown", "the connection broke", at=at)
    headers: Pairs = tuple((name, value) for name, values in answer.headers.items() for value in values)
    response = bodies.response(answer.status_code, headers, answer.content)
    return Exchange(operation_of(case), sent, response, _arguments(case), "unknown", at=at)


def positive(recorder: Recorder, case_id: str) -> bool:
    """Whether a case was made to fit the document, and not to break it."""
    meta = recorder.cases[case_id].value.meta
    return meta is not None and bool(meta.generation.mode.is_positive)


def verdicts(recorder: Recorder, known: dict[str, Exchange]) -> Iterator[Verdict]:
    """What schemathesis's own checks found in a scenario."""
    for case_id, nodes in recorder.checks.items():
        case = recorder.cases[case_id].value
        for node in nodes:
            found = _finding(node, case, recorder, case_id, known) if node.status == Status.FAILURE else None
            yield Verdict(node.name, operation_of(case), found)


def links(recorder: Recorder) -> Iterator[str]:
    """The links that took a value from a response into a request of a scenario."""
    for node in recorder.cases.values():
        if node.transition is not None and node.is_transition_applied:
            yield str(node.transition.id)


def operation_of(case: Case) -> str:
    """The operationId of a case."""
    raw: Any = case.operation.definition.raw
    return str(raw["operationId"])


def _finding(node: Any, case: Case, recorder: Recorder, case_id: str, known: dict[str, Exchange]) -> Finding:
    failure = node.failure_info.failure if node.failure_info else None
    title = failure.title if failure else node.name
    detail = " ".join(failure.message.split()) if failure else ""
    chain = [each.id for each in recorder.iter_chain_cases(case_id=case_id)]
    shown = [known[each] for each in chain if each in known]
    if case_id not in known and case_id in recorder.interactions:
        shown.append(exchange(case, recorder.interactions[case_id], SeenBodies()))
    message = f"{title}: {detail}"[:600]
    return Finding(node.name, operation_of(case), message, kind=title, exchanges=tuple(shown))


def _arguments(case: Case) -> Arguments:
    body: Any = case.body
    plain = is_object(body) or isinstance(body, (list, str, int, float)) or body is None
    return Arguments(
        dict(case.path_parameters or {}),
        dict(case.query or {}),
        dict(case.headers or {}),
        body if plain else ABSENT,
    )
