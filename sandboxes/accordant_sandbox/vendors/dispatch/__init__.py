"""Dispatch (dispatch.me), REST API v3: jobs, appointments and the people who do them."""

from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.assembly import assembled
from accordant_sandbox.vendors.dispatch import work_orders as work_orders  # its operations register themselves
from accordant_sandbox.vendors.dispatch.operations import serve_file
from accordant_sandbox.vendors.dispatch.rules import deliver

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return assembled(__name__, document, pages={"/_files/": serve_file}, deliver=deliver)
