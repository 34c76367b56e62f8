"""Dispatch: how to log in, and what its document cannot say."""

from __future__ import annotations

from typing import Any

from accordant_runtime import is_array, is_object

from ...document.policy import (
    Allowance,
    Policy,
    PolicyStep,
    Refusal,
    Repeat,
    SideEffect,
    Situation,
    answered,
    query_exceeds,
)
from ...document.values import Arguments, Exchange
from ..vendor import Call, Credential, Secrets, TargetVendor, bearer

_STATES = ("MA", "TX", "ON", "CA")
_FREE = ("unscheduled", "scheduled", "paused", "complete")
_NAMES_ONE = "a job source has no organization of its own, so it names one"
_OFFERED = PolicyStep("createJob", {"status": "offered"})


def login(call: Call, secrets: Secrets) -> Credential | Exchange:
    """Client credentials; with a user name, that user's password."""
    grant = "password" if "username" in secrets else "client_credentials"
    return bearer(call("createToken", Arguments(body={"grant_type": grant, **secrets})))


def refresh(call: Call, secrets: Secrets, token: str) -> Credential | Exchange:
    """The next token for a refresh token."""
    del secrets
    return bearer(call("createToken", Arguments(body={"grant_type": "refresh_token", "refresh_token": token})))


def _methods(exchange: Exchange) -> list[dict[str, Any]]:
    """The contact methods that a request carries."""
    body = exchange.arguments.body
    found = body.get("contact_methods") if is_object(body) else None
    return [each for each in found if is_object(each)] if is_array(found) else []


def _rejected(exchange: Exchange) -> bool:
    """Whether a job is to begin as a rejected one."""
    body = exchange.arguments.body
    return is_object(body) and body.get("status") == "rejected"


def _no_organization(exchange: Exchange) -> bool:
    """Whether a record is to be made without its organization."""
    body = exchange.arguments.body
    return is_object(body) and "organization_id" not in body


def _brings_a_number(exchange: Exchange) -> bool:
    """Whether a request may make a user active who has a phone number."""
    body = exchange.arguments.body
    return exchange.operation == "restoreUser" or (is_object(body) and bool(body.get("phone_number")))


POLICY = Policy(
    hints={
        "state": lambda n: _STATES[n % len(_STATES)],
        "country": lambda _: "United States",
        "postal_code": lambda n: f"{10000 + n % 80000}",
        "timezone": lambda _: "America/New_York",
        "phone_number": lambda n: f"+1617{2000000 + n}",
        "value": lambda n: f"person{n}@example.com",
        "number": lambda n: f"+1512{2000000 + n}",
        "createToken.grant_type": lambda _: "client_credentials",
        "createOrganization.create_user": lambda _: False,
        "createOrganization.always_create": lambda _: False,
        "createJob.status": lambda n: _FREE[n % len(_FREE)],
        "createJobWithRelatedRecords.status": lambda n: _FREE[n % len(_FREE)],
    },
    situations=(
        Situation("createCustomer", _NAMES_ONE, "sdk", required=("organization_id",)),
        Situation("createJob", _NAMES_ONE, "sdk", required=("organization_id",)),
        Situation(
            "createJobWithRelatedRecords",
            "the customer and the organization are looked up by what is said of them, or made",
            "docs",
            required=("customer", "organization"),
        ),
        Situation("acceptJob", "only an offered job can be accepted", "docs", (_OFFERED,)),
        Situation("rejectJob", "only an offered job can be rejected", "docs", (_OFFERED,)),
    ),
    effects=(
        SideEffect(
            (PolicyStep("createJob", {"status": "unscheduled"}),),
            PolicyStep("createAppointment", {"status": "scheduled"}),
            *("job", "status", "scheduled", "an appointment that becomes scheduled schedules its job", "docs"),
        ),
        SideEffect(
            (PolicyStep("createJob", {"status": "unscheduled"}), PolicyStep("createAppointment", {"status": "draft"})),
            PolicyStep("updateAppointment", {"status": "scheduled"}),
            *("job", "status", "scheduled", "an appointment that becomes scheduled schedules its job", "docs"),
        ),
        SideEffect(
            (PolicyStep("createJob", {"status": "unscheduled"}), PolicyStep("createAppointment", {"status": "draft"})),
            PolicyStep("updateJob", {"status": "canceled"}),
            *("appointment", "status", "canceled", "a canceled job cancels its appointments", "docs"),
        ),
        SideEffect(
            (_OFFERED,),
            PolicyStep("acceptJob"),
            *("job", "status", "unscheduled", "a job accepted without an appointment is unscheduled", "docs"),
        ),
        SideEffect(
            (_OFFERED,),
            PolicyStep("acceptJob", {"appointment": {"time": "2030-05-06T07:08:09Z", "duration": 3600}}),
            *("job", "status", "scheduled", "a job accepted with an appointment is scheduled", "docs"),
        ),
        SideEffect(
            (_OFFERED,),
            PolicyStep("rejectJob"),
            *("job", "status", "rejected", "a rejected job becomes rejected", "docs"),
        ),
        SideEffect(
            (PolicyStep("createBrand"), PolicyStep("createJob", {"status": "unscheduled"})),
            PolicyStep("deleteBrand"),
            *("job", "brand_id", None, "jobs of a deleted brand fall back to the branding of the account", "seed"),
        ),
    ),
    repeats=(
        Repeat("createCustomer", "a duplicate is merged into the record that is there", "docs"),
        Repeat("createOrganization", "two of name, address, phone and e-mail agree: the same organization", "docs"),
    ),
    refusals=(
        Refusal(
            *("updateJobContact", 422, "a contact method with an id must be one that the contact has", "docs"),
            when=lambda exchange: any("id" in method for method in _methods(exchange)),
        ),
        Refusal("createCustomer", 422, _NAMES_ONE, "sdk", _no_organization),
        Refusal("createJob", 422, _NAMES_ONE, "sdk", _no_organization),
        Refusal("createJob*", 422, "a job becomes `rejected` only by being rejected", "docs", _rejected),
        Refusal("*User", 422, "two active users have no phone number in common", "docs", _brings_a_number),
    ),
    allowances=(
        Allowance(
            "negative_data_rejection",
            "list*",
            "a limit above 100 counts as 100; vendor SDKs ask for 200",
            "sdk",
            query_exceeds("limit", 100),
        ),
        Allowance("unsupported_method", "*", "the vendor's table of status codes has no 405", "docs", answered(404)),
        Allowance(
            "positive_data_acceptance",
            "updateJob",
            "a job leaves `offered`, and becomes `rejected`, only by being accepted or rejected",
            "docs",
            answered(422, "status"),
        ),
        Allowance(
            "positive_data_acceptance",
            "createWorkOrder",
            "a direct work order names one organization, one primary contact and a location",
            "docs",
            answered(422),
        ),
        Allowance(
            "read_after_write",
            "updateWorkOrder",
            "the assigned organization of a work order cannot change",
            "docs",
            lambda finding: finding.path.startswith("$.data.organizations"),
            rare=True,
        ),
    ),
)

VENDOR = TargetVendor(
    name="dispatch",
    secrets=("client_id", "client_secret"),
    login=login,
    logins=("createToken",),
    refresh=refresh,
    rotates=True,
    malformed={
        "a token that nobody issued": (("Authorization", "Bearer accordant-nobody-issued-this"),),
        "another scheme": (("Authorization", "Basic dHJlYXR5OnRyZWF0eQ=="),),
    },
    client="accordant.dispatch:Dispatch",
    foreign_tenant="third_party",
    weaker={"third_party": ("createUser",), "organization_user": ("createBrand", "listBrands")},
    policy=POLICY,
)
