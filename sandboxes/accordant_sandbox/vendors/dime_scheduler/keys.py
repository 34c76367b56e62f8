"""What tells jobs and tasks apart, and the time of day that the tenant sees."""

from __future__ import annotations

from typing import Final

from accordant_sandbox.engine.transaction import Transaction

__all__ = ["JOB", "TASK", "local_now"]

JOB: Final = ("sourceApp", "sourceType", "jobNo")
TASK: Final = (*JOB, "taskNo")


def local_now(tx: Transaction) -> str:
    """The present as the tenant's wall-clock time."""
    return tx.now.replace(tzinfo=None, microsecond=0).isoformat()
