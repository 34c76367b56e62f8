"""eSPACE: how to log in, and what its document cannot say."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from accordant_runtime import is_object, loads

from ...document.document import load
from ...document.policy import Allowance, Choice, Policy, PolicyStep, Refusal, SideEffect, Situation
from ...document.values import Arguments, Exchange, Finding
from ..vendor import Call, Credential, Secrets, TargetVendor

_ORDER = PolicyStep("WorkOrder_Create")
_PLAN = PolicyStep("Maintenance_CreateMaintenance")
_AWAY = PolicyStep("EventV2_Create", {"IsOffSite": True, "AutoApprove": False})
_COSTS = {
    "Equipment": "Equipment",
    "Vehicle": "Vehicle",
    "Inventory": "Inventory",
    "Misc": "Miscellaneous",
    "Labor": "Labor",
}
"""Kinds of costs as operations and as answers call them."""


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


def _day(month: int) -> Callable[[int], str]:
    return lambda n: f"2031-{month:02d}-{1 + n % 28:02d}T00:00:00"


_TIMES = (
    "SetupStartDate",
    "SetupStartTime",
    "StartTime",
    "EventEndDate",
    "EndTime",
    "TeardownEndDate",
    "TearDownEndTime",
)


def _has_times(exchange: Exchange) -> bool:
    """Whether times are sent that may not follow each other, or those that the event has."""
    body = exchange.arguments.body
    moves = exchange.operation in ("EventV2_Update", "EventV2_Patch") and is_object(body) and "EventDate" in body
    return moves or (is_object(body) and any(name in body for name in _TIMES))


def _sent(finding: Finding) -> Arguments:
    """What the last request of a finding carried."""
    return finding.exchanges[-1].arguments if finding.exchanges else Arguments()


def _null_for_absent(finding: Finding) -> bool:
    """Whether the body would do if its nulls were not there."""
    operation, body = load(VENDOR.name).operations[finding.operation], _sent(finding).body
    if not is_object(body) or None not in body.values():
        return False
    rest = {name: value for name, value in body.items() if value is not None}
    return any(operation.schemas.valid(pointer, rest) for pointer in operation.body.values())


def _number_for_flag(finding: Finding) -> bool:
    """Whether a flag is sent as a number, or in another letter case."""
    operation, query = load(VENDOR.name).operations[finding.operation], _sent(finding).query
    flags = [each.name for each in operation.parameters if each.schema.get("type") == "boolean"]
    return any(str(query.get(name, "")).lower() in ("0", "1", "true", "false") for name in flags)


def _situations(operation: str, make: PolicyStep, *steps: str, required: tuple[str, ...] = ()) -> Situation:
    reason = "it acts on a part of a record that must be there"
    return Situation(operation, reason, "docs", (make, *map(PolicyStep, steps)), required)


def _assigned(finding: Finding) -> bool:
    """Whether a finding is about the status of a work order that a write has assigned."""
    bodies = [each.arguments.body for each in finding.exchanges]
    sent = {name: value for body in bodies if is_object(body) for name, value in body.items()}
    named = any(sent.get(name) for name in ("AssignedId", "VendorAssignedId", "AssignedDepartmentId"))
    return named and finding.path.endswith(".StatusId")


def _has_url(exchange: Exchange) -> bool:
    """Whether a request says where notifications go."""
    return is_object(exchange.arguments.body) and "Url" in exchange.arguments.body


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
    },
    situations=(
        Situation("EventV2_Submit", "an event is submitted with an item, or off site", "docs", (_AWAY,)),
        Situation("EventV2_Update", "one model serves creation and change", "docs", required=("EventId",)),
        Situation("WebHookV2_Edit", "one model serves creation and change", "docs", required=("Id",)),
        *(
            _situations(
                f"WorkOrder_Update{kind}Costs",
                _ORDER,
                f"WorkOrder_Add{kind}Costs",
                "WorkOrder_Costs",
                required=("Id",),
            )
            for kind in _COSTS
        ),
        _situations("WorkOrder_DeleteCosts", _ORDER, "WorkOrder_AddMiscCosts", "WorkOrder_Costs"),
        *(
            _situations(f"WorkOrder_{verb}Task", _ORDER, "WorkOrder_AddTasks", "WorkOrder_Tasks")
            for verb in ("Update", "Delete")
        ),
        *(
            _situations(f"Maintenance_{verb}Task", _PLAN, "Maintenance_CreateTask", "Maintenance_Tasks")
            for verb in ("Update", "Delete")
        ),
    ),
    choices=(
        *(
            Choice(names, "item", {"ItemType": "Space", "IsSchedulable": True}, "headings are no spaces", "docs")
            for names in ("EventV2_*Spaces", "WorkOrder_Spaces*", "Maintenance_*Spaces", "Equipment_*")
        ),
        Choice("EventV2_*Resources", "item", {"ItemType": "Resource"}, "resources, as the path says", "docs"),
        Choice("EventV2_*Services", "item", {"ItemType": "Service"}, "services, as the path says", "docs"),
        Choice("WorkOrder_*VehicleCosts", "equipment", {"Type": "Vehicle"}, "vehicles, as the path says", "docs"),
        *(
            Choice(
                f"WorkOrder_Update{kind}Costs", "work_order_cost", {"CostTypeDisplay": shown}, "of that kind", "docs"
            )
            for kind, shown in _COSTS.items()
        ),
    ),
    allowances=(
        Allowance(
            "negative_data_rejection",
            "*",
            "null in a body counts as absent",
            "assumed",
            _null_for_absent,
            rare=True,
        ),
        Allowance(
            "negative_data_rejection",
            "*",
            "a flag in the query is 1 or 0 as well",
            "docs",
            _number_for_flag,
            rare=True,
        ),
        Allowance(
            "negative_data_rejection",
            "*",
            "unknown names in `include` are passed over",
            "assumed",
            lambda finding: "include" in _sent(finding).query,
            rare=True,
        ),
        Allowance(
            "read_after_write",
            "WorkOrder_*",
            "a created work order that is assigned to somebody becomes approved",
            "docs",
            _assigned,
            rare=True,
        ),
    ),
    refusals=(
        Refusal("EventV2_*", 400, "set-up, start, end and tear-down follow each other", "third-party", _has_times),
        Refusal("WebHookV2_*", 400, "each subscription has a URL of its own", "seed", _has_url),
        Refusal("Equipment_Delete", 400, "what costs or plans refer to stays", "assumed", lambda _: True),
    ),
    effects=(
        SideEffect(
            (_AWAY,),
            PolicyStep("EventV2_Submit"),
            *("event", "Status", "Pending", "a submitted event waits for approval", "docs"),
        ),
        SideEffect(
            (_AWAY,),
            PolicyStep("EventV2_Cancel"),
            *("event", "Status", "Canceled", "a canceled event stays, and is Canceled", "docs"),
        ),
    ),
)

VENDOR = TargetVendor(
    name="espace",
    secrets=("api_key",),
    login=login,
    logins=("RequestToken_RequestToken",),
    malformed={
        "a token that nobody issued": (("Authorization", "Bearer accordant-nobody-issued-this"),),
        "another scheme": (("Authorization", "Basic dHJlYXR5OnRyZWF0eQ=="),),
    },
    client="accordant.espace:Espace",
    weaker={"user": ("Equipment_Create", "Maintenance_CreateMaintenance", "WebHookV2_Create")},
    refusal=refusal,
    policy=POLICY,
)
