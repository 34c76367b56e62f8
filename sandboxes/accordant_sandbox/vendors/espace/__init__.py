"""eSPACE, API v2: events and the items that they need, work orders, maintenance, inventory."""

from accordant_sandbox.derive.completing import completed
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.espace.actions import ACTIONS
from accordant_sandbox.vendors.espace.collections import COLLECTIONS
from accordant_sandbox.vendors.espace.dialect import DIALECT
from accordant_sandbox.vendors.espace.operations import OPERATIONS
from accordant_sandbox.vendors.espace.rules import RULES
from accordant_sandbox.vendors.espace.seeds import CREDENTIALS, SEEDS
from accordant_sandbox.vendors.espace.webhooks import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return completed(
        Vendor(
            name="espace",
            dialect=DIALECT,
            collections=COLLECTIONS,
            operations=OPERATIONS,
            rules=RULES,
            seeds=SEEDS,
            credentials=CREDENTIALS,
            document=document,
            actions=ACTIONS,
            deliver=deliver,
            partial=True,
        )
    )
