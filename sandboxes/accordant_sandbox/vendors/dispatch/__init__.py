"""Dispatch (dispatch.me), REST API v3: jobs, appointments and the people who do them."""

from accordant_sandbox.derive.completing import completed
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor
from accordant_sandbox.vendors.dispatch import work_orders as work_orders  # its operations register themselves
from accordant_sandbox.vendors.dispatch.actions import ACTIONS
from accordant_sandbox.vendors.dispatch.collections import collections
from accordant_sandbox.vendors.dispatch.dialect import DIALECT
from accordant_sandbox.vendors.dispatch.operations import OPERATIONS, serve_file
from accordant_sandbox.vendors.dispatch.rules import RULES
from accordant_sandbox.vendors.dispatch.seeds import CREDENTIALS, SEEDS

__all__ = ["vendor"]


def vendor(document: Document) -> Vendor:
    """The vendor with its document."""
    return completed(
        Vendor(
            name="dispatch",
            dialect=DIALECT,
            collections=collections(document),
            operations=OPERATIONS,
            rules=RULES,
            seeds=SEEDS,
            credentials=CREDENTIALS,
            document=document,
            actions=ACTIONS,
            pages={"/_files/": serve_file},
            partial=True,
        )
    )
