"""Operations that are no plain ones: a success that the document allows, made up, with what the request said in it."""

from __future__ import annotations

from typing import Any

from accordant_sandbox.http.documented_answers import example_answer, fitting_answer
from accordant_sandbox.http.exchange import ABSENT, Answer
from accordant_sandbox.http.json_types import is_object
from accordant_sandbox.ports import Call

__all__ = ["act"]


def act(call: Call) -> Answer:
    """The operation's documented success; members that the body has too are those of the body, where they fit."""
    operation = call.operation
    answer = example_answer(operation, operation.success_status)
    if is_object(answer.body) and is_object(call.body):
        known: dict[str, Any] = answer.body
        said = {name: value for name, value in call.body.items() if name in known}
        answer.body = {**known, **said}
        return fitting_answer(operation, answer)
    return answer if answer.body is not ABSENT or answer.content is not None else call.answer()
