"""Incoming webhooks, which are authorised by their own secret."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any, Final

from attrs import evolve

from accordant_generated.dibop import webhooks as generated
from accordant_generated.dibop.aio import webhooks as generated_aio
from accordant_runtime import UNSET, CallOptions, Unset

from ..clients import AsyncOperations, Secret, SyncOperations, sendable
from ..errors import RequestError

if TYPE_CHECKING:
    from accordant_generated.dibop.models.webhook_accepted import WebhookAccepted

_HEADER: Final = "X-Webhook-Secret"


class Webhooks(generated.Webhooks):
    """Endpoints for external systems that trigger an orchestration."""

    def send(
        self,
        webhook_id: str,
        *,
        secret: str | Unset = UNSET,
        event: str | Unset = UNSET,
        vin: str | Unset = UNSET,
        timestamp: datetime.datetime | Unset = UNSET,
        options: CallOptions | None = None,
    ) -> WebhookAccepted:
        """Trigger an orchestration as an external system does.

        The call carries the secret of the webhook instead of the client's own credentials. Further keys of the body go
        into ``options.body``; all keys become parameters of the execution.

        Args:
            webhook_id: Id of the webhook.
            secret: Its secret, which travels with this call alone. It is required, unless ``options.headers`` has it as
                ``X-Webhook-Secret``.
            event: Name of the event, for example `vehicle_updated`.
            vin: Vehicle identification number.
            timestamp: When it happened.

        Raises an APIStatusError for 400, 401, 404, 409, 429, 500, and a RequestError without a secret, a
        CredentialError for one that cannot travel in a header.
        """
        given = None if isinstance(secret, Unset) else Secret(secret)
        del secret  # tracebacks that print local variables must not find it
        chosen = with_secret(self._caller, given, options)
        return super().send(webhook_id, event=event, vin=vin, timestamp=timestamp, options=chosen)


class AsyncWebhooks(generated_aio.AsyncWebhooks):
    """Endpoints for external systems that trigger an orchestration."""

    async def send(
        self,
        webhook_id: str,
        *,
        secret: str | Unset = UNSET,
        event: str | Unset = UNSET,
        vin: str | Unset = UNSET,
        timestamp: datetime.datetime | Unset = UNSET,
        options: CallOptions | None = None,
    ) -> WebhookAccepted:
        """Trigger an orchestration as an external system does.

        The call carries the secret of the webhook instead of the client's own credentials. Further keys of the body go
        into ``options.body``; all keys become parameters of the execution.

        Args:
            webhook_id: Id of the webhook.
            secret: Its secret, which travels with this call alone. It is required, unless ``options.headers`` has it as
                ``X-Webhook-Secret``.
            event: Name of the event, for example `vehicle_updated`.
            vin: Vehicle identification number.
            timestamp: When it happened.

        Raises an APIStatusError for 400, 401, 404, 409, 429, 500, and a RequestError without a secret, a
        CredentialError for one that cannot travel in a header.
        """
        given = None if isinstance(secret, Unset) else Secret(secret)
        del secret  # tracebacks that print local variables must not find it
        chosen = with_secret(self._caller, given, options)
        return await super().send(webhook_id, event=event, vin=vin, timestamp=timestamp, options=chosen)


def with_secret(caller: Any, secret: Secret | None, options: CallOptions | None) -> CallOptions:
    """The options of a call with the secret in them; the client's scrubber knows it from then on."""
    chosen = options or CallOptions()
    if secret is None:
        secret = next(
            (Secret(value) for name, value in chosen.headers.items() if name.lower() == _HEADER.lower()), None
        )
    if not secret:
        raise RequestError("receiveWebhook: argument 'secret' is required: it is the webhook's only credential")
    if isinstance(caller, (SyncOperations, AsyncOperations)):
        caller.session.redactor.notice(secret)
    others = {name: value for name, value in chosen.headers.items() if name.lower() != _HEADER.lower()}
    return evolve(chosen, headers={**others, _HEADER: sendable(secret).reveal()})
