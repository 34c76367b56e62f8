"""Credentials other than the run's own: expired ones, and those of other principals."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import define, field

from ..document.values import Arguments
from .session import TargetSession
from .vendor import Credential, Secrets

_SURELY_GOOD: Final = 0.9
"""The part of its life in which a token is used to show that it is good."""


@define(eq=False)
class OtherCredentials:
    """Obtains each credential once and keeps it for the run."""

    session: TargetSession
    _until: datetime = field(default=datetime.max.replace(tzinfo=UTC), init=False, repr=False)
    _aging: Credential | None = field(default=None, init=False, repr=False)
    _expired: Credential | None = field(default=None, init=False, repr=False)
    _others: dict[str, Credential | None] = field(factory=dict[str, "Credential | None"], init=False, repr=False)

    def aging(self) -> Credential | None:
        """A credential that is used everywhere before its end, as a server that remembers good tokens may go on
        accepting it; the same one that :meth:`expired` returns. ``None`` where none expires, and near its end."""
        now = self.session.target.now()
        if self._aging is None and self._expired is None:
            credential = self.session.login()
            if credential.lifetime is None:
                return None
            self._aging, self._until = credential, now + timedelta(seconds=credential.lifetime * _SURELY_GOOD)
        return self._aging if now < self._until else None

    def expired(self) -> Credential | None:
        """An expired credential that was used before its end; ``None`` where none expires, or where the target's clock
        cannot be moved. It moves that clock once."""
        if self._expired is None:
            credential = self._aging or self.session.login()
            if credential.lifetime is None or self.session.target.control is None:
                return None
            simplest = self.session.document.simplest
            if simplest is not None:
                self.session.bare(simplest.id, Arguments(), credential.headers, "unknown")
            self.session.target.wait(credential.lifetime + 1)
            self.session.renew()
            self._expired, self._aging = credential, None
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
