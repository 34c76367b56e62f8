"""What a client and its copies share: the vendor, the credentials, the retry budget, what was seen on the way."""

from __future__ import annotations

import logging
from typing import Final

from accordant_runtime import Deviation

from .._auth.context import Auth
from .._clock import Clock, clock_of
from .._deviations import DeviationLog, DeviationPolicy, DeviationReport, scrubbed_deviations
from .._flow.commands import TokenLock
from .._http.guarded import proxy_passwords
from .._http.incoming import MOST_BYTES
from .._http.messages import Headers, HttpRequest, origin
from .._http.secrets import Redactor
from .._limits.rate_limits import MemoryRateLimits, Pacer
from .._limits.retries import RetryBudget
from .._observation import Attempt, log_as_asked
from .._setting_checks import positive
from .._settings import ClientSettings, address_source
from .._vendor import Vendor
from .._version import __version__
from ..errors import ConfigurationError, RequestError
from .cache import Catalogues
from .time_zones import time_zone

log: Final = logging.getLogger("accordant")


class Session:
    """One vendor at one address with one set of credentials."""

    def __init__(
        self, vendor: Vendor, auth: Auth, settings: ClientSettings, lock: TokenLock, *, asynchronous: bool = False
    ) -> None:
        self.vendor = vendor
        self.auth = auth
        self.lock = lock
        self.environment, self.base_url = vendor.address(settings.get("environment"), settings.get("base_url"))
        self.origin = origin(self.base_url)
        self.root = f"{self.base_url}/"
        self.most_bytes = settings.get("max_response_bytes", MOST_BYTES)
        self.servers = {self.origin}
        """Where credentials may travel: to the client's own address, and to those that operations have of their own."""
        source = None if settings.get("base_url") else vendor.address_source
        self.sources = {self.origin: source or address_source(settings, self.environment, self.base_url)}
        self.clock = settings.get("clock") or clock_of(settings.get("transport"))
        self.policy: DeviationPolicy = settings.get("deviations", "lenient")
        self.deviations = DeviationLog()
        self.budget = RetryBudget()
        self.pacer = _pacer(vendor, settings, self.base_url, self.clock, asynchronous)
        self.catalogues = _catalogues(vendor, settings, self.clock)
        self.redactor = Redactor(*auth.secrets(), *proxy_passwords(settings.get("http")))
        self.on_attempt = settings.get("on_attempt")
        self.observer = settings.get("observer")
        log_as_asked()
        self.user_agent = f"accordant/{__version__} ({vendor.name})"
        self.zone = time_zone(settings.get("time_zone"))
        self.closed = False
        self.capturing = False
        """Whether anybody has asked to see responses: until then no call looks for listeners."""

    def require_open(self) -> None:
        """Refuse calls of a client that was closed."""
        if self.closed:
            raise ConfigurationError(f"this {self.vendor.title} client is closed")

    def owns(self, url: str) -> bool:
        """Whether a URL leads to the client's own address."""
        return url.startswith(self.root) or origin(url) == self.origin

    def require_own_address(self, request: HttpRequest) -> None:
        """Refuse to put credentials onto a request that goes anywhere else."""
        if not self.owns(request.url) and origin(request.url) not in self.servers:
            raise RequestError(f"credentials for {self.base_url} do not travel to another address")

    def request_id(self, headers: Headers) -> str | None:
        """The vendor's correlation id."""
        return next((headers[name] for name in self.vendor.request_id_headers if name in headers), None)

    def observe(self, attempt: Attempt) -> None:
        """Tell the log and the user's hook about a request. A hook that fails must not fail the call."""
        result = attempt.error if attempt.status is None else attempt.status
        after = "" if attempt.wait is None else f", again in {attempt.wait:.2f} s"
        log.debug(
            "%s: %s %s -> %s in %.3f s%s",
            attempt.operation,
            attempt.method,
            attempt.path,
            result,
            attempt.elapsed,
            after,
        )
        if self.on_attempt is not None:
            try:
                self.on_attempt(attempt)
            except Exception:
                log.exception("the on_attempt hook failed")

    def deviating(self, operation: str, status: int, deviations: list[Deviation]) -> bool:
        """Apply the policy to a response that differs from the document; returns whether it is to be refused."""
        if self.policy == "strict":
            return True
        report = DeviationReport(operation, status, tuple(scrubbed_deviations(self.redactor, deviations)))
        self.deviations.add(report)
        if callable(self.policy):
            self.policy(report)
        return False

    def __repr__(self) -> str:
        return f"Session({self.vendor.name})"


def _pacer(vendor: Vendor, settings: ClientSettings, base_url: str, clock: Clock, asynchronous: bool) -> Pacer:
    """The limits that the vendor publishes, counted where the settings say."""
    given = settings.get("rate_limits", MemoryRateLimits())
    if not vendor.rate_limits or given is None:
        if settings.get("rate_limits") is not None:
            raise ConfigurationError(f"{vendor.title} publishes no rate limits that a client could keep")
        return Pacer((), None, clock)
    return Pacer(vendor.rate_limits, given.open(f"{vendor.name}:{base_url}", asynchronous), clock)


def _catalogues(vendor: Vendor, settings: ClientSettings, clock: Clock) -> Catalogues:
    ttl = positive(settings.get("catalogue_ttl"), "catalogue_ttl")
    if ttl is not None and not vendor.cacheable:
        raise ConfigurationError(f"{vendor.title} has no catalogues that could be kept")
    return Catalogues(vendor.cacheable, ttl, clock)
