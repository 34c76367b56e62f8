"""Dime.Scheduler.

::

    from accordant.dime_scheduler import DimeScheduler
    from accordant_generated.dime_scheduler.models import UpsertJob

    job = UpsertJob(source_app="ERP", source_type="Order", job_no="J1", short_description="Repair", description="")
    with DimeScheduler(api_key="...", environment="sandbox") as api:
        api.imports.batch(job).raise_for_failures()
"""

from .client import AsyncDimeScheduler, DimeScheduler
from .imports import ImportBatchResult, ImportItemResult, Procedure, procedure

__all__ = ["AsyncDimeScheduler", "DimeScheduler", "ImportBatchResult", "ImportItemResult", "Procedure", "procedure"]
