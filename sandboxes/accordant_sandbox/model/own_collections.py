"""The sandbox's own tables: who may call, with which tokens, and how often they did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from accordant_sandbox.model.collections import Collection

__all__ = ["CLIENTS", "OWN_COLLECTIONS", "PRINCIPALS", "TOKENS", "WINDOWS"]

PRINCIPALS = Collection(name="_principals", key="name", stamps=())
TOKENS = Collection(name="_tokens", key="token", stamps=())
WINDOWS = Collection(name="_windows", key="name", stamps=())
"""What each tenant used of its rate limits."""
CLIENTS = Collection(name="_clients", key="client_id", stamps=())
"""Registered OAuth clients: `client_id`, `client_secret`, `principal`; for vendors that issue tokens to clients."""

OWN_COLLECTIONS: Final[Mapping[str, Collection]] = {each.name: each for each in (PRINCIPALS, TOKENS, WINDOWS)}
"""The tables that every vendor's `collections` include."""
