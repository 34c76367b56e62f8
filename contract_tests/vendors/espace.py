"""eSPACE: how to log in, and what its document cannot say."""

from __future__ import annotations

import base64
from typing import Any

from treaty_runtime import is_object, loads

from ..policy import Effect, Policy, Situation, Step
from ..values import Arguments, Exchange
from ..vendor import Call, Credential, Secrets, Vendor

_ORDER = Step("WorkOrder_Create")
_PLAN = Step("Maintenance_CreateMaintenance")
_AWAY = Step("EventV2_Create", {"IsOffSite": True})
_COSTS = Step("WorkOrder_Costs")


def login(call: Call, secrets: Secrets) -> Credential | Exchange:
    """A token for an API key; its claims say how long it lives."""
    exchange = call("RequestToken_RequestToken", Arguments(body={"apiKey": secrets["api_key"]}))
    token = exchange.document
    if not exchange.success or not isinstance(token, str):
        return exchange
    return Credential((("Authorization", f"Bearer {token}"),), _life(token))


def _life(token: str) -> float | None:
    """The seconds between issue and expiry in the claims of a JWT; ``None`` where it states none."""
    try:
        claims: Any = loads(base64.urlsafe_b64decode(f"{token.split('.')[1]}==="))
        return float(claims["exp"] - claims["iat"])
    except (IndexError, KeyError, TypeError, ValueError):
        return None


def refusal(document: Any) -> str | None:
    """What the wrapper says of a failure."""
    if is_object(document) and (document.get("IsSuccessStatusCode") is False or document.get("Success") is False):
        return str(document.get("Message") or "no message")
    return None


def _day(month: int) -> Any:
    return lambda n: f"2031-{month:02d}-{1 + n % 28:02d}T00:00:00"


POLICY = Policy(
    hints={
        "SetupStartDate": _day(4),
        "EventDate": _day(5),
        "EventEndDate": _day(6),
        "TeardownEndDate": _day(7),
        "AdditionalDates": lambda n: [_day(8)(n)],
        "IsAllDayEvent": lambda _: False,
        "Type": lambda n: 1 + n % 2,
        "TrackingMetricType": lambda n: 1 + n % 2,
        "UpdateFrequencyType": lambda n: 1 + n % 3,
        "MaintenanceType": lambda n: 1 + n % 3,
        "FrequencyTypeId": lambda n: 1 + n % 7,
    },
    situations=(Situation("EventV2_Submit", "an event is submitted with an item, or off site", "docs", (_AWAY,)),),
    effects=(
        Effect(
            (_AWAY,),
            Step("EventV2_Submit"),
            *("event", "Status", "Pending", "a submitted event waits for approval", "docs"),
        ),
        Effect(
            (_AWAY,),
            Step("EventV2_Cancel"),
            *("event", "Status", "Canceled", "a canceled event stays, and is Canceled", "docs"),
        ),
    ),
)

VENDOR = Vendor(
    name="espace",
    secrets=("api_key",),
    login=login,
    logins=("RequestToken_RequestToken",),
    junk={
        "a token that nobody issued": (("Authorization", "Bearer treaty-nobody-issued-this"),),
        "another scheme": (("Authorization", "Basic dHJlYXR5OnRyZWF0eQ=="),),
    },
    client="treaty.espace:Espace",
    weaker={"user": ("Equipment_Create", "Maintenance_CreateMaintenance", "WebHookV2_Create")},
    refusal=refusal,
    policy=POLICY,
)
