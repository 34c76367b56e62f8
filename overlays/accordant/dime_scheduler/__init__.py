"""Dime.Scheduler.

::

    from accordant.dime_scheduler import DimeScheduler
    from accordant_generated.dime_scheduler.models import UpsertJob

    job = UpsertJob(source_app="ERP", source_type="Order", job_no="J1", short_description="Repair", description="")
    with DimeScheduler(api_key="...", environment="sandbox") as api:
        api.imports.batch(job).raise_for_failures()
"""

from typing import TYPE_CHECKING

from .client import AsyncDimeScheduler, DimeScheduler
from .imports import ImportBatchResult, ImportItemResult, Procedure, procedure

if TYPE_CHECKING:
    from ..evidence import Evidence

__all__ = [
    "AsyncDimeScheduler",
    "DimeScheduler",
    "ImportBatchResult",
    "ImportItemResult",
    "Procedure",
    "evidence",
    "procedure",
]


def evidence() -> "Evidence | None":
    """What the contract tests have proven about this client; ``None`` where the wheel was built without it."""
    from ..evidence import evidence_of  # few programs ask, and each would pay for the import

    return evidence_of("dime_scheduler")
