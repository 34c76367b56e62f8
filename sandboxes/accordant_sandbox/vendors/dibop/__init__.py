"""DIBOP: orchestrations over the systems of an automotive enterprise, and its canonical data."""

from accordant_sandbox.derive.completing import completed
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.dibop.actions import ACTIONS
from accordant_sandbox.vendors.dibop.alert_rules import deliver
from accordant_sandbox.vendors.dibop.collections import COLLECTIONS
from accordant_sandbox.vendors.dibop.dialect import DIALECT
from accordant_sandbox.vendors.dibop.operations import OPERATIONS
from accordant_sandbox.vendors.dibop.rules import RULES
from accordant_sandbox.vendors.dibop.seeds import CREDENTIALS, SEEDS

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return completed(
        Vendor(
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
            partial=True,
        )
    )
