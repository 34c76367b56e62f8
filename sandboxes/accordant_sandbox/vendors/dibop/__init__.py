"""DIBOP: orchestrations over the systems of an automotive enterprise, and its canonical data."""

from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.assembly import assembled
from accordant_sandbox.vendors.dibop.alert_rules import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return assembled(__name__, document, deliver=deliver)
