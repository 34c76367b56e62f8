"""eSPACE, API v2.

::

    from accordant.espace import Espace

    with Espace(api_key="...", time_zone="America/New_York") as api:
        for event in api.events.list(start_date=first, end_date=last):
            print(event.event_id, event.event_name)
"""

from typing import TYPE_CHECKING

from .client import AsyncEspace, Espace

if TYPE_CHECKING:
    from ..evidence import Evidence

__all__ = ["AsyncEspace", "Espace", "evidence"]


def evidence() -> "Evidence | None":
    """What the contract tests have proven about this client; ``None`` where the wheel was built without it."""
    from ..evidence import evidence_of  # few programs ask, and each would pay for the import

    return evidence_of("espace")
