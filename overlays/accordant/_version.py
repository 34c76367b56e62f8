"""The version, in a separate module so that anything may read it without importing the package's rooms."""

from typing import Final

__version__: Final = "0.1.0"
