"""What happens at Dispatch outside the API, for tests: customers answer surveys, tokens are withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accordant_sandbox.engine.auth import revoke_all
from accordant_sandbox.errors import SandboxError
from accordant_sandbox.ports import Tx

__all__ = ["ACTIONS"]


def answer_survey(tx: Tx, job_id: int, rating: int, message: str | None = None) -> dict[str, Any]:
    """The customer answers the survey that was sent for a job: 0 to 5 stars and a text.

    Raises:
        SandboxError: No survey was sent for that job, or the rating is out of range.
    """
    sent = tx.rows("_surveys", job_id=job_id)
    if not sent:
        raise SandboxError(f"no survey was sent for job {job_id}: complete its appointment first")
    if not 0 <= rating <= 5:
        raise SandboxError(f"a rating is 0 to 5, not {rating}")
    about = {"job_id": job_id, "appointment_id": sent[-1]["appointment_id"]}
    own = {"_tenant": tx.table("jobs")[job_id].get("_tenant")}
    row = tx.create("survey_responses", {**about, "rating": rating, "message": message, **own})
    return {name: value for name, value in row.items() if name not in own}


def revoke_tokens(tx: Tx, kind: str = "access") -> int:
    """Withdraw every live token of a kind (`access` or `refresh`); returns how many."""
    return revoke_all(tx, kind=kind)


ACTIONS: Mapping[str, Callable[..., Any]] = {"answer_survey": answer_survey, "revoke_tokens": revoke_tokens}
