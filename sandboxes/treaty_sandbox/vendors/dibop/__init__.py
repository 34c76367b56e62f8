"""DIBOP: orchestrations over the systems of an automotive enterprise, and its canonical data."""

from treaty_sandbox.document import Document
from treaty_sandbox.vendor import Vendor
from treaty_sandbox.vendors.dibop.actions import ACTIONS
from treaty_sandbox.vendors.dibop.alerts import deliver
from treaty_sandbox.vendors.dibop.collections import COLLECTIONS
from treaty_sandbox.vendors.dibop.dialect import DIALECT
from treaty_sandbox.vendors.dibop.operations import OPERATIONS
from treaty_sandbox.vendors.dibop.rules import RULES
from treaty_sandbox.vendors.dibop.seeds import CREDENTIALS, SEEDS

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return Vendor(
        name="dibop",
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
