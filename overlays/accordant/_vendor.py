"""What the vendor-neutral rooms must know of a vendor, as one value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field, frozen

from accordant_runtime import Operation, descend

from ._http.addresses import checked_address
from ._http.messages import HttpResponse
from ._keywords import did_you_mean
from ._limits.rate_limits import RateLimit
from ._paging.styles import MakeWalker
from ._problems import Problem, read_problem
from .errors import ConfigurationError


def declared_failure(operation: Operation[Any], _response: HttpResponse, document: Any) -> Problem | None:
    """The failure that the operation's document says may hide in a 2xx response; most operations declare none."""
    failure = operation.failure
    if failure is None or not failure.found_in(document):
        return None
    inner = descend(document, failure.field)
    return Problem(failure.text(document), status=inner if failure.success is not None else None)


@frozen
class Vendor:
    """A vendor's habits.

    ``environments`` maps names to addresses. ``problem`` reads an error's parsed body (``None`` when it is not JSON);
    the default knows the usual forms.
    ``hidden_problem`` looks for an error in a 2xx response. ``request_id_headers`` are tried in order.
    ``idempotency_header`` is ``None`` where the vendor has none. ``walkers`` are paging styles of the
    vendor's own. ``rate_limits`` are kept by the client itself. ``cacheable`` are the ids of operations whose responses
    a user may have kept. ``caller_security`` names security schemes whose credentials each call brings along: the
    client's own do not travel with an operation that needs nothing else. ``wall_clock`` says that it names instants
    without an offset; to any other a naive datetime is not sent. ``address_source`` says what names the addresses of
    the environments, where it is not the environment alone.
    """

    name: str
    title: str
    variable_prefix: str
    environments: Mapping[str, str]
    problem: Callable[[Any], Problem] = read_problem
    hidden_problem: Callable[[Operation[Any], HttpResponse, Any], Problem | None] = declared_failure
    request_id_headers: tuple[str, ...] = ("x-request-id",)
    idempotency_header: str | None = None
    walkers: Mapping[str, MakeWalker] = field(factory=dict[str, MakeWalker])
    rate_limits: tuple[RateLimit, ...] = ()
    cacheable: frozenset[str] = frozenset()
    caller_security: frozenset[str] = frozenset()
    wall_clock: bool = False
    default_environment: str = "production"
    address_source: str | None = None
    protected_headers: frozenset[str] = field(
        default=frozenset({"authorization", "host", "content-length", "transfer-encoding", "connection"})
    )

    def authenticates(self, operation: Operation[Any]) -> bool:
        """Whether the client puts its own credentials onto an operation."""
        return any(set(schemes) - self.caller_security for schemes in operation.security)

    def address(self, environment: str | None, base_url: str | None) -> tuple[str, str]:
        """The environment's name and its address; an address that is given replaces the environment's own."""
        if environment is not None and environment not in self.environments:
            known = ", ".join(sorted(self.environments)) or "none of its own: give base_url alone"
            hint = did_you_mean(environment, self.environments)
            raise ConfigurationError(f"{self.title} has no environment {environment!r}; it has: {known}{hint}")
        if base_url is None:
            name = environment or self.default_environment
            if name not in self.environments:
                variable = f"{self.variable_prefix}_BASE_URL"
                raise ConfigurationError(
                    f"the address of {self.title} is missing: give base_url; from_env() reads {variable}"
                )
            return name, checked_address(self.environments[name], f"the address of {self.title}")
        url = checked_address(base_url, f"the address of {self.title}")
        owner = next((name for name, own in self.environments.items() if own.rstrip("/") == url), None)
        if environment is not None and owner not in (None, environment):
            raise ConfigurationError(
                f"environment is {environment!r}, but base_url is the address of {owner!r}; give one of the two"
            )
        return environment or "custom", url
