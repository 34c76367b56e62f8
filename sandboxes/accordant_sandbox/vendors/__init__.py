"""One package per vendor; each has a function `vendor(document)`. What has a document alone is derived from it.

The package can be called: `accordant_sandbox.vendors()` is a function to users, and importing this package of the same
name sets that attribute to the package, which must then behave the same.
"""

import pkgutil
import sys
from functools import cache
from importlib import import_module
from types import ModuleType

import accordant_documents
from accordant_sandbox.derive.vendor import vendor_of
from accordant_sandbox.errors import SandboxError, unknown
from accordant_sandbox.http.document import Document
from accordant_sandbox.model.vendor import Vendor

__all__ = ["load", "vendors"]


def vendors() -> tuple[str, ...]:
    """The vendors that have a sandbox, in alphabetical order: with a package here, or with a document alone."""
    return tuple(sorted({*_packages(), *accordant_documents.names()}))


@cache
def load(name: str) -> Vendor:
    """A vendor by name; its compiled document is shared by all sandboxes of the process.

    Raises:
        SandboxError: The vendor does not exist, or its package contradicts its document.
    """
    if name not in vendors():
        raise SandboxError(f"{unknown('vendor', name, vendors())}{accordant_documents.unfound()}")
    if name not in _packages():
        return vendor_of(Document(name, accordant_documents.load(name), lenient=True))
    vendor: Vendor = import_module(f"{__name__}.{name}").vendor(Document(name, accordant_documents.load(name)))
    return vendor


def _packages() -> frozenset[str]:
    return frozenset(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg)


class _Package(ModuleType):
    def __call__(self) -> tuple[str, ...]:
        return vendors()


sys.modules[__name__].__class__ = _Package
