"""The models of DIBOP: what its methods take and return. Each is imported when it is first used."""

from typing import TYPE_CHECKING

from accordant_generated.dibop import models as _generated

if TYPE_CHECKING:
    from accordant_generated.dibop.models import *  # noqa: F403 - every model, by its name
else:
    __all__ = _generated.__all__

    def __getattr__(name: str) -> object:
        if name not in __all__ and name not in getattr(_generated, "RENAMED", ()):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(_generated, name)

    def __dir__() -> list[str]:
        return sorted(__all__)
