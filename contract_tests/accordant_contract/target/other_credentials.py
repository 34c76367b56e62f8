"""Credentials other than the run's own: expired ones, and those of other principals."""

from __future__ import annotations

from attrs import define, field

from ..document.values import Arguments
from .session import TargetSession
from .vendor import Credential, Secrets


@define(eq=False)
class OtherCredentials:
    """Obtains each credential once and keeps it for the run."""

    session: TargetSession
    _expired: Credential | None = field(default=None, init=False, repr=False)
    _others: dict[str, Credential | None] = field(factory=dict[str, "Credential | None"], init=False, repr=False)

    def expired(self) -> Credential | None:
        """An expired credential that was used before its end, as a server that remembers good tokens may go on
        accepting it; ``None`` where none expires. It moves the target's clock once."""
        if self._expired is None:
            credential = self.session.login()
            if credential.lifetime is None or self.session.target.control is None:
                return None
            simplest = self.session.document.simplest
            if simplest is not None:
                self.session.bare(simplest.id, Arguments(), credential.headers, "unknown")
            self.session.target.wait(credential.lifetime + 1)
            self.session.renew()
            self._expired = credential
        return self._expired

    def of(self, principal: str) -> Credential | None:
        """The credential of a weaker principal, where the target has one."""
        secrets = self.session.target.weaker.get(principal)
        return None if secrets is None else self.with_secrets(principal, secrets)

    def with_secrets(self, name: str, secrets: Secrets) -> Credential | None:
        """A credential for other secrets, kept under a name; ``None`` where the login refuses them."""
        if name not in self._others:
            found = self.session.try_login(secrets)
            self._others[name] = found if isinstance(found, Credential) else None
        return self._others[name]
