"""What happens at Dispatch outside the API, for tests: customers answer surveys, tokens are withdrawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from accordant_sandbox.engine.auth import revoke
from accordant_sandbox.engine.transaction import Transaction
from accordant_sandbox.errors import SandboxError

__all__ = ["ACTIONS"]


def answer_survey(tx: Transaction, job_id: int, rating: int, message: str | None = None) -> dict[str, Any]:
    """The customer answers the survey that was sent for a job: 0 to 5 stars and a text.

    Raises:
        SandboxError: No survey was sent for that job, or the rating is out of range.
    """
    sent = tx.rows("_surveys", job_id=job_id)
    if not sent:
        raise SandboxError(f"no survey was sent for job {job_id}: complete its appointment first")
    if not 0 <= rating <= 5:
        raise SandboxError(f"a rating is 0 to 5, not {rating}")
    tenant = tx.table("jobs")[job_id].get("_tenant")
    row = tx.create(
        "survey_responses",
        {
            "job_id": job_id,
            "appointment_id": sent[-1]["appointment_id"],
            "rating": rating,
            "message": message,
            "_tenant": tenant,
        },
    )
    return {name: value for name, value in row.items() if not name.startswith("_")}


def revoke_tokens(tx: Transaction, kind: str = "access") -> int:
    """Withdraw every live token of a kind (`access` or `refresh`); returns how many."""
    tokens = [row["token"] for row in tx.table("_tokens").values() if row["kind"] == kind and not row["revoked"]]
    for token in tokens:
        revoke(tx, token)
    return len(tokens)


ACTIONS: Mapping[str, Callable[..., Any]] = {"answer_survey": answer_survey, "revoke_tokens": revoke_tokens}
