"""DIBOP's habits: its addresses, its error bodies, its rate limits, what changes rarely."""

from __future__ import annotations

import re
from typing import Any, Final

from attrs import evolve

from accordant_runtime import is_array, is_object

from ..clients import Problem, RateLimit, Vendor
from ..errors import ConfigurationError

LOGIN_PATH: Final = "/auth/login"

_INSTANCE: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)


def problem(document: Any) -> Problem:
    """Read an error body: ``{"error": {"code", "message", "details", "request_id"}}`` [assumed; the codes: seed].

    The vendor's own sample of it is lost, so the same keys without the envelope, and a text alone, are read as well.
    """
    if not is_object(document):
        return Problem()
    error = document.get("error", document)
    if isinstance(error, str):
        return Problem(error)
    if not is_object(error):
        return Problem()
    code, details = error.get("code"), error.get("details")
    message = next((text for name in ("message", "detail") if isinstance(text := error.get(name), str)), "")
    return Problem(message, code if isinstance(code, str) else None, tuple(details) if is_array(details) else ())


_VENDOR: Final = Vendor(
    name="dibop",
    title="DIBOP",
    variable_prefix="DIBOP",
    environments={},
    problem=problem,
    # Both per enterprise [seed]; that webhooks count as executions, and the login as a request, is [assumed].
    rate_limits=(
        RateLimit("requests", 300, 60),
        RateLimit("executions", 60, 60, frozenset({"executeOrchestration", "receiveWebhook"})),
    ),
    cacheable=frozenset({"listSystems", "listCanonicalDomains"}),
    caller_security=frozenset({"webhookSecret"}),
)


def vendor(instance: str | None, base_url: str | None) -> Vendor:
    """The vendor with the address of one organisation, which is its own sub-domain [seed].

    Raises ``ConfigurationError`` when there is neither an instance nor a ``base_url``.
    """
    given: Any = instance  # untyped callers give other things as well
    if given is None or given == "":
        if not base_url:
            raise ConfigurationError(
                "the instance is missing: give instance, the sub-domain of your organisation (your-instance in "
                "your-instance.dibop.ca), or base_url; from_env() reads DIBOP_INSTANCE and DIBOP_BASE_URL"
            )
        return _VENDOR
    if not isinstance(given, str):
        raise ConfigurationError(f"instance must be a str, not a {type(given).__name__}")
    if not _INSTANCE.fullmatch(given):
        raise ConfigurationError(f"instance must be a sub-domain alone, such as your-instance; it is {given!r}")
    address = f"https://{given.lower()}.dibop.ca/api/v1"
    source = f"the instance (DIBOP_INSTANCE, or the setting instance) is {given!r}"
    return evolve(_VENDOR, environments={"production": address}, address_source=source)
