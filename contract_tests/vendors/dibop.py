"""DIBOP: how to log in, and what its document cannot say."""

from __future__ import annotations

from ..policy import Allowance, Policy, Situation, Step, answered
from ..values import Arguments, Exchange
from ..vendor import Call, Credential, Scheme, Secrets, Vendor, bearer

_ACTIVE = Step("createOrchestration", {"status": "active", "parameters": []})
_STATES = ("draft", "active", "paused")


def login(call: Call, secrets: Secrets) -> Credential | Exchange:
    """An API key as it is, else e-mail and password."""
    if "api_key" in secrets:
        return Credential((("Authorization", f"Bearer {secrets['api_key']}"),))
    return bearer(call("login", Arguments(body=dict(secrets))))


POLICY = Policy(
    hints={
        "createOrchestration.status": lambda n: _STATES[n % len(_STATES)],
        "updateOrchestration.status": lambda n: _STATES[n % len(_STATES)],
        "createCanonicalRecord.data": lambda n: {"vin": f"TREATY{n:011d}", "make": "Saab", "mileage_km": n + 0.5},
    },
    situations=(Situation("executeOrchestration", "only an active orchestration runs", "assumed", (_ACTIVE,)),),
    allowances=(
        Allowance(
            "positive_data_acceptance", "*Orchestration", "step names are unique", "assumed", answered(422, "steps")
        ),
    ),
)

VENDOR = Vendor(
    name="dibop",
    secrets=("email", "password"),
    login=login,
    logins=("login",),
    junk={
        "a token that nobody issued": (("Authorization", "Bearer treaty-nobody-issued-this"),),
        "another scheme": (("Authorization", "Basic dHJlYXR5OnRyZWF0eQ=="),),
        "a secret that is none": (("X-Webhook-Secret", "treaty-no-such-secret"),),
    },
    client="treaty.dibop:Dibop",
    stranger="other_enterprise",
    weaker={
        "viewer": (
            "create*",
            "update*",
            "delete*",
            "executeOrchestration",
            "pingSystem",
        ),
        "platform_admin": ("executeOrchestration", "*Execution*", "*CanonicalRecord*"),
    },
    schemes={
        "webhookSecret": Scheme(
            ("webhook_id", "webhook_secret"),
            "webhook",
            lambda secrets: (("X-Webhook-Secret", secrets["webhook_secret"]),),
            {"webhook": "webhook_id"},
        )
    },
    policy=POLICY,
    sandbox={"settings": {"limits": {"requests": "1000000/min", "executions": "1000000/min"}}},
)
