"""DIBOP: how to log in, and what its document cannot say."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_array, is_object

from ...document.comparison import moment
from ...document.document import load
from ...document.policy import Policy, Refusal
from ...document.values import Arguments, Exchange
from ..patience import Limit
from ..vendor import Call, Credential, Scheme, Secrets, TargetVendor, bearer

_ALERTS = ("execution_failure", "sla_breach", "system_down", "latency_threshold", "error_rate_spike")


def login(call: Call, secrets: Secrets) -> Credential | Exchange:
    """An API key as it is, else e-mail and password."""
    if "api_key" in secrets:
        return Credential((("Authorization", f"Bearer {secrets['api_key']}"),))
    return bearer(call("login", Arguments(body=dict(secrets))))


def _ends_before_it_begins(exchange: Exchange) -> bool:
    query = exchange.arguments.query
    start, end = moment(query.get("from")), moment(query.get("to"))
    return start is not None and end is not None and end < start


def _misses_its_domain(exchange: Exchange) -> bool:
    """Whether a record's data does not fit the domain in the path."""
    document, body = load("dibop"), exchange.arguments.body
    schemas: dict[str, Any] = document.data["components"]["schemas"]
    wanted = exchange.arguments.path.get("domain")
    name = next((key for key, each in schemas.items() if each.get("x-domain", {}).get("path") == wanted), None)
    pointer = f"/components/schemas/{name}"
    return name is not None and is_object(body) and not document.schemas.valid(pointer, body.get("data"))


def _names_twice(exchange: Exchange) -> bool:
    body = exchange.arguments.body
    steps = body.get("steps") if is_object(body) else None
    names = [str(each.get("name")) for each in steps if is_object(each)] if is_array(steps) else []
    return len(set(names)) < len(names) or "parameters" in names


def _lacks_a_parameter(exchange: Exchange) -> bool:
    """Whether the refusal is about parameters that the orchestration declares."""
    document = exchange.document
    error = document.get("error") if is_object(document) else None
    details = error.get("details") if is_object(error) else None
    named = [str(each.get("field")) for each in details if is_object(each)] if is_array(details) else []
    return bool(named) and all(name.startswith("parameters.") for name in named)


POLICY = Policy(
    hints={
        "createOrchestration.status": lambda _: "active",
        "updateOrchestration.status": lambda _: "active",
        "createOrchestration.parameters": lambda n: [{"name": f"p{n}", "type": "string", "required": False}],
        "updateOrchestration.parameters": lambda n: [{"name": f"p{n}", "type": "integer", "default": n}],
        "createAlertRule.type": lambda n: _ALERTS[n % len(_ALERTS)],
        "updateAlertRule.type": lambda n: _ALERTS[n % len(_ALERTS)],
        "createCanonicalRecord.data": lambda n: {"vin": f"ACCORD{n:011d}", "make": "Saab", "mileage_km": n + 0.5},
    },
    refusals=(
        Refusal("*", 400, "a period does not end before it begins", "assumed", _ends_before_it_begins),
        Refusal("createCanonicalRecord", 422, "a record fits the domain of its path", "assumed", _misses_its_domain),
        Refusal("*Orchestration", 422, "step names are unique", "assumed", _names_twice),
        Refusal("executeOrchestration", 422, "an orchestration declares its parameters", "docs", _lacks_a_parameter),
    ),
)

VENDOR = TargetVendor(
    name="dibop",
    secrets=("email", "password"),
    instead=("api_key",),
    login=login,
    logins=("login",),
    malformed={
        "a token that nobody issued": (("Authorization", "Bearer accordant-nobody-issued-this"),),
        "another scheme": (("Authorization", "Basic dHJlYXR5OnRyZWF0eQ=="),),
        "a secret that is none": (("X-Webhook-Secret", "accordant-no-such-secret"),),
    },
    client="accordant.dibop:Dibop",
    foreign_tenant="other_enterprise",
    weaker={
        "viewer": ("create*", "update*", "delete*", "executeOrchestration", "pingSystem"),
        "platform_admin": ("executeOrchestration", "*Execution*", "*CanonicalRecord*"),
    },
    schemes={
        "webhookSecret": Scheme(
            ("webhook_id", "webhook_secret"),
            "webhook",
            lambda secrets: (("X-Webhook-Secret", secrets["webhook_secret"]),),
            {"secret": "webhook_secret"},
            {"webhook": "webhook_id"},
        )
    },
    policy=POLICY,
    limits=(Limit(300, 60), Limit(60, 60, ("executeOrchestration", "receiveWebhook"))),
    sandbox={"settings": {"limits": {"requests": "1000000/min", "executions": "1000000/min"}}},
)
