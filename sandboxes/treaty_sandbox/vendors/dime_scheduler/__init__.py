"""Dime.Scheduler: jobs and tasks of back offices, and the appointments in which resources do them."""

from treaty_sandbox.document import Document
from treaty_sandbox.vendor import Vendor
from treaty_sandbox.vendors.dime_scheduler.actions import ACTIONS
from treaty_sandbox.vendors.dime_scheduler.collections import collections
from treaty_sandbox.vendors.dime_scheduler.dialect import DIALECT
from treaty_sandbox.vendors.dime_scheduler.operations import operations
from treaty_sandbox.vendors.dime_scheduler.pages import PAGES
from treaty_sandbox.vendors.dime_scheduler.rules import RULES
from treaty_sandbox.vendors.dime_scheduler.seeds import CREDENTIALS, SEEDS
from treaty_sandbox.vendors.dime_scheduler.webhooks import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return Vendor(
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
    )
