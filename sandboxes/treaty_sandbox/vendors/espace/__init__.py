"""eSPACE, API v2: events and the items that they need, work orders, maintenance, inventory."""

from treaty_sandbox.document import Document
from treaty_sandbox.vendor import Vendor
from treaty_sandbox.vendors.espace.actions import ACTIONS
from treaty_sandbox.vendors.espace.collections import COLLECTIONS
from treaty_sandbox.vendors.espace.dialect import DIALECT
from treaty_sandbox.vendors.espace.notices import deliver
from treaty_sandbox.vendors.espace.operations import OPERATIONS
from treaty_sandbox.vendors.espace.rules import RULES
from treaty_sandbox.vendors.espace.seeds import CREDENTIALS, SEEDS

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return Vendor(
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
    )
