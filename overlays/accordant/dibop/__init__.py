"""DIBOP (dibop.ca), REST API v1: orchestrations over the systems of an automotive enterprise.

::

    from accordant.dibop import Dibop

    with Dibop(instance="your-instance", api_key="...") as api:
        done = api.orchestrations.execute_and_wait("...", parameters={"vin": "1HGCM82633A004352"})
        print(done.status, done.output)
"""

from typing import TYPE_CHECKING

from .alerts import parse_alert
from .client import AsyncDibop, Dibop

if TYPE_CHECKING:
    from ..evidence import Evidence

__all__ = ["AsyncDibop", "Dibop", "evidence", "parse_alert"]


def evidence() -> "Evidence | None":
    """What the contract tests have proven about this client; ``None`` where the wheel was built without it."""
    from ..evidence import evidence_of  # few programs ask, and each would pay for the import

    return evidence_of("dibop")
