"""eSPACE, API v2.

::

    from accordant.espace import Espace

    with Espace(api_key="...", time_zone="America/New_York") as api:
        for event in api.events.list(start_date=first, end_date=last):
            print(event.event_id, event.event_name)
"""

from .client import AsyncEspace, Espace

__all__ = ["AsyncEspace", "Espace"]
