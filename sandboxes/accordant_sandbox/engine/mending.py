"""Responses of operations that the document alone describes: made to fit it, where one does not."""

from __future__ import annotations

from typing import Final

from accordant_sandbox.engine.call import ActiveCall
from accordant_sandbox.http.documented_answers import example_answer, fitting_answer, nearest_error
from accordant_sandbox.http.exchange import Answer

__all__ = ["mended"]

_NOBODY: Final = ("unauthenticated", "forbidden", "too_many")
"""Refusals that stay refusals where the document has no failure at all: a made-up success would hand out records."""


def mended(call: ActiveCall, answer: Answer) -> Answer:
    """The answer as the document allows it: a failure with the nearest documented status, a body that fits.

    Where the document has no failure, the response is a made-up success, unless the setting `undocumented_errors` is
    on, or the caller was refused as somebody who may not call.
    """
    operation = call.operation
    if operation.response(answer.status) is not None:
        return fitting_answer(operation, answer)
    if answer.status < 400:
        answer.status = operation.success_status
        return fitting_answer(operation, answer)
    status = nearest_error(operation, answer.status)
    if status is not None:
        answer.status = status
        return fitting_answer(operation, answer)
    if call.problem in _NOBODY or call.settings.get("undocumented_errors"):
        answer.exempt = "the document has no failure here"
        return answer
    call.notes.append(f"a made-up success in the place of {answer.status}: the document has no failure here")
    return example_answer(operation, operation.success_status)
