"""Dime.Scheduler: jobs and tasks of back offices, and the appointments in which resources do them."""

from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.assembly import assembled
from accordant_sandbox.vendors.dime_scheduler.pages import PAGES
from accordant_sandbox.vendors.dime_scheduler.webhooks import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return assembled(__name__, document, pages=PAGES, deliver=deliver)
