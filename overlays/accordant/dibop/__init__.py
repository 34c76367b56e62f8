"""DIBOP (dibop.ca), REST API v1: orchestrations over the systems of an automotive enterprise.

::

    from accordant.dibop import Dibop

    with Dibop(instance="your-instance", api_key="...") as api:
        done = api.orchestrations.execute_and_wait("...", parameters={"vin": "1HGCM82633A004352"})
        print(done.status, done.output)
"""

from .alerts import parse_alert
from .client import AsyncDibop, Dibop

__all__ = ["AsyncDibop", "Dibop", "parse_alert"]
