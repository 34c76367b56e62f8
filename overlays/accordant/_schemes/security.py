"""Which credentials go onto which operation: what the document says, as one :class:`Auth`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from attrs import frozen

from .._auth.context import UNDOCUMENTED, Alternatives, Auth, AuthContext
from .._flow.commands import Flow
from .._http.messages import HttpRequest
from .._http.secrets import Secret
from .._setting_checks import check_values
from .._settings import ClientSettings, Variables
from .._vendor import Vendor
from ..errors import ConfigurationError
from .given import Given
from .schemes import BasicScheme, SecurityScheme, Surroundings

_MOST: Final = 4
"""Ways that a message lists."""


@frozen
class Security:
    """The security schemes of a document, and what its operations want of them.

    ``needs`` are the different sets of schemes, the document's own choice first; ``public`` says that some operation
    wants none.
    """

    prefix: str
    schemes: tuple[SecurityScheme, ...] = ()
    needs: Alternatives = ()
    public: bool = True

    def given(self, **arguments: Any) -> Given:
        """What a user gave, wrapped. Delete the arguments afterwards: a traceback may show local variables."""
        kept = [scheme.password for scheme in self.schemes if isinstance(scheme, BasicScheme)]
        return Given(self.prefix, arguments, kept)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What the client's constructor takes by way of credentials."""
        return tuple(dict.fromkeys(name for scheme in self.schemes for name in scheme.arguments))

    def variables(self, environ: Mapping[str, str] | None, *more: str) -> Variables:
        """The environment variables of these arguments, and of ``more`` that the client's constructor takes."""
        return Variables(self.prefix, environ, [name.upper() for name in (*self.arguments, *more)])

    def auth(
        self, given: Given, vendor: Vendor, settings: ClientSettings, values: Mapping[str, str] | None = None
    ) -> Auth:
        """The credentials; raises ``ConfigurationError`` where they are given by half, or open no operation.

        ``values`` are those of the variables in the server's address, for token endpoints that have them as well.
        """
        check_values(settings)
        _, base_url = vendor.address(settings.get("environment"), settings.get("base_url"))
        http = settings.get("http")
        around = Surroundings(
            base_url,
            homes=tuple(vendor.environments.values()),
            variables=tuple((values or {}).items()),
            store=settings.get("token_store"),
            certificate=http is not None and http.tls is not None,
        )
        parts: dict[str, Auth] = {}
        for scheme in self.schemes:
            auth = scheme.auth(given, around)
            if auth is not None:
                parts[scheme.name] = auth
        needed = [need for need in self.needs if all(self._usable(name) for name in need)]
        if needed and not self.public and not any(parts.keys() >= set(need) for need in needed):
            ways = self._ways(needed, given)
            variables = self._variables(needed)
            more = f", or use from_env() with {variables}" if variables else ""
            raise ConfigurationError(f"credentials are missing: give {ways}{more}")
        return SchemesAuth(self, parts, given)

    def scheme(self, name: str) -> SecurityScheme | None:
        """The scheme of that name."""
        return next((each for each in self.schemes if each.name == name), None)

    def _usable(self, name: str) -> bool:
        scheme = self.scheme(name)
        return scheme is not None and bool(scheme.ways)

    def missing(self, operation: str, security: Alternatives, given: Given) -> str:
        """What an operation wants that was not given, and what to do about it."""
        needed = [need for need in security if need and all(self._usable(name) for name in need)]
        if needed:
            ways, variables = self._ways(needed, given), self._variables(needed)
            more = f" ({variables} for from_env())" if variables else ""
            return f"{operation} needs other credentials: give {ways}{more}"
        name = next(name for need in security for name in need if not self._usable(name))
        scheme = self.scheme(name)
        why = getattr(scheme, "why", "the document does not declare it: correct that in an overlay")
        return f"{operation} needs the security scheme {name!r}, which cannot be used: {why}"

    def _ways(self, needs: Sequence[tuple[str, ...]], given: Given) -> str:
        """The arguments that would do, without those that are there already."""
        found: list[str] = []
        for way in self._all_ways(needs):
            absent = [name for name in way if name not in given]
            found.append(_listed(absent or list(way)))
        return _or(found)

    def _variables(self, needs: Sequence[tuple[str, ...]]) -> str:
        named = [[name for name in way if name.isidentifier()] for way in self._all_ways(needs)]
        return _or(_listed([f"{self.prefix}_{name.upper()}" for name in way]) for way in named if way)

    def _all_ways(self, needs: Sequence[tuple[str, ...]]) -> list[tuple[str, ...]]:
        ways: list[tuple[str, ...]] = []
        for need in needs:
            combined: list[tuple[str, ...]] = [()]
            for name in need:
                scheme = self.scheme(name)
                own = scheme.ways if scheme else ()
                combined = [(*before, *way) for before in combined for way in own[:_MOST]][:_MOST]
            ways += combined
        return list(dict.fromkeys(ways))


class SchemesAuth:
    """Puts onto each operation what that operation wants: the first of its alternatives that was given."""

    def __init__(self, security: Security, parts: Mapping[str, Auth], given: Given) -> None:
        self._security = security
        self._parts = parts
        self._given = given

    def secrets(self) -> Sequence[Secret | None]:
        """What must never be shown."""
        return [secret for part in self._parts.values() for secret in part.secrets()]

    def authorize(self, request: HttpRequest, context: AuthContext) -> Flow[HttpRequest]:
        """The request with the operation's credentials."""
        for part in self._chosen(context):
            request = yield from part.authorize(request, context)
        return request

    def renew(self, request: HttpRequest, context: AuthContext) -> Flow[bool]:
        """Renew what the operation was sent with, as far as it can be renewed."""
        renewed = False
        for part in self._chosen(context):
            renewed = (yield from part.renew(request, context)) or renewed
        return renewed

    def _chosen(self, context: AuthContext) -> list[Auth]:
        undocumented = context.security == UNDOCUMENTED
        wanted = self._security.needs if undocumented else context.security
        for need in wanted:
            if need and all(name in self._parts for name in need):
                return [self._parts[name] for name in need]
        if undocumented or not all(wanted):
            return []
        raise ConfigurationError(self._security.missing(context.name, wanted, self._given))


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _or(ways: Iterable[str]) -> str:
    found = list(dict.fromkeys(ways))
    return ", or ".join(found[:_MOST])
