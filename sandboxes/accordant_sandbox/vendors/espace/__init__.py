"""eSPACE, API v2: events and the items that they need, work orders, maintenance, inventory."""

from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.assembly import assembled
from accordant_sandbox.vendors.espace.webhooks import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return assembled(__name__, document, deliver=deliver)
