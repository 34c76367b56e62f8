"""One package per vendor; each has a function `vendor(document)`.

The package can be called: `accordant_sandbox.vendors()` is a function to users, and importing this package of the same
name sets that attribute to the package, which must then behave the same.
"""

import pkgutil
import sys
from types import ModuleType

__all__ = ["names"]


def names() -> tuple[str, ...]:
    """The vendors that have a sandbox, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__) if module.ispkg))


class _Package(ModuleType):
    def __call__(self) -> tuple[str, ...]:
        return names()


sys.modules[__name__].__class__ = _Package
