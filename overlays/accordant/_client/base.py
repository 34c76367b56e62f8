"""What both kinds of clients can say about themselves."""

from __future__ import annotations

from typing import NoReturn

from .._auth.context import Auth
from .._call.captured import Capture
from .._call.session import Session
from .._deviations import DeviationLog
from .._setting_checks import check_values
from .._settings import ClientSettings, Defaults, only_settings
from .._vendor import Vendor


class BaseClient:
    """What both kinds of clients can say about themselves."""

    _session: Session
    _defaults: Defaults

    def __init__(self, vendor: Vendor, auth: Auth, settings: ClientSettings) -> None:  # noqa: ARG002 - for those below
        only_settings(settings, type(self).__init__)
        check_values(settings)

    @property
    def environment(self) -> str:
        """The environment's name; ``"custom"`` for an address of your own."""
        return self._session.environment

    @property
    def base_url(self) -> str:
        """The address that requests go to."""
        return self._session.base_url

    @property
    def deviations(self) -> DeviationLog:
        """Where responses differed from the document: the last 1000 reports. Shared by copies of the client."""
        return self._session.deviations

    def capture(self, most: int = 1000) -> Capture:
        """See the responses of calls: ``with api.capture() as seen: ...``, then ``seen.last.request_id``.

        ``seen`` is a sequence of :class:`CallResponse` and keeps the last ``most``. An asynchronous client has the same
        ``with``. See :class:`Capture` for whose calls are seen.
        """
        return Capture(self._session, most)

    def __repr__(self) -> str:
        if "_session" not in vars(self):  # crash reporters also show clients whose making failed
            return f"<{type(self).__name__}, not ready>"
        return f"{type(self).__name__}(environment={self.environment!r}, base_url={self.base_url!r})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a client holds credentials and connections; it cannot be pickled or copied (see with_options)")
