"""The 28 documents on which openapi-python-client alone was measured: which of them a folder holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from .rows import Row

STOCK: Final[dict[str, tuple[int, int]]] = {
    "OAI uspto": (3, 3),
    "OAI link-example": (6, 6),
    "swagger-petstore": (19, 19),
    "readme train-travel": (7, 7),
    "readme parameters-style": (25, 0),
    "readme schema-types": (23, 0),
    "HubSpot contacts v3": (13, 13),
    "Xero projects": (16, 16),
    "readme star-trek": (120, 120),
    "Adyen Checkout v71": (28, 26),
    "Twilio TaskRouter": (61, 61),
    "Twilio api v2010": (197, 188),
    "Xero accounting": (235, 217),
    "Intercom 2.15": (162, 154),
    "PagerDuty REST": (465, 396),
    "DigitalOcean": (659, 644),
    "OpenAI": (288, 256),
    "Plaid": (329, 308),
    "Discord": (242, 0),
    "Lob": (105, 0),
    "Box": (296, 0),
    "Asana": (247, 0),
    "Square": (316, 0),
    "Okta management": (732, 0),
    "Uber": (5, 5),
    "Dime.Scheduler connector": (67, 67),
    "StarRez connector": (30, 30),
    "Encodian connector": (219, 219),
}
"""Their operations, and how many of them openapi-python-client 0.29.1 generates without our help."""

INTRODUCTION: Final = """\
## The documents of the stock generator

openapi-python-client alone was measured on 28 other documents. Those that a folder holds, under these names, are in the
table above; the others cannot be had here, as nothing is fetched.
"""


def compared(rows: Iterable[Row]) -> Iterator[tuple[str, ...]]:
    """Each of the documents with what the stock generator makes of it and what is made of it here."""
    known = {row.name: row for row in rows}
    for name, (operations, stock) in STOCK.items():
        row = known.get(re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"))
        here = "cannot be had here" if row is None else f"{row.generated} of {row.operations}"
        yield name, str(operations), str(stock), here
