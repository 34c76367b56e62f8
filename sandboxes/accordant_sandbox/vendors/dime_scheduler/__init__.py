"""Dime.Scheduler: jobs and tasks of back offices, and the appointments in which resources do them."""

from accordant_sandbox.derive.completing import completed
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.dime_scheduler.actions import ACTIONS
from accordant_sandbox.vendors.dime_scheduler.collections import collections
from accordant_sandbox.vendors.dime_scheduler.dialect import DIALECT
from accordant_sandbox.vendors.dime_scheduler.operations import operations
from accordant_sandbox.vendors.dime_scheduler.pages import PAGES
from accordant_sandbox.vendors.dime_scheduler.rules import RULES
from accordant_sandbox.vendors.dime_scheduler.seeds import CREDENTIALS, SEEDS
from accordant_sandbox.vendors.dime_scheduler.webhooks import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return completed(
        Vendor(
            name="dime_scheduler",
            dialect=DIALECT,
            collections=collections(document),
            operations=operations(document),
            rules=RULES,
            seeds=SEEDS,
            credentials=CREDENTIALS,
            document=document,
            actions=ACTIONS,
            pages=PAGES,
            deliver=deliver,
            partial=True,
        )
    )
