"""How the peers' vendors write their records, for the same scripts."""

from __future__ import annotations

from typing import Any

from attrs import frozen

from .replies import http
from .shapes import REFUSED, TEXT, DimeShapes, Shapes


@frozen
class OpenAiShapes(Shapes):
    """Models, and vector stores that are made."""

    number_field = "created"
    date_field = "owned_since"

    def fields(self, number: int) -> dict[str, Any]:
        """A model."""
        return {"id": str(number), "object": "model", "created": 1, "owned_by": "lab", "name": TEXT}

    def made(self, number: int) -> bytes:
        """A vector store."""
        return http({"id": str(number), "object": "vector_store", "created_at": 1, "name": "x", "status": "completed"})

    def gone(self) -> bytes:
        """A model that is no more."""
        return http({"id": "1", "object": "model", "deleted": True})

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """A message."""
        return http({"error": {"message": words, "type": "lab", "code": "lab"}}, status, headers)


@frozen
class StripeShapes(Shapes):
    """Customers."""

    number_field = "created"
    date_field = "known_since"

    def fields(self, number: int) -> dict[str, Any]:
        """A customer."""
        return {"id": str(number), "object": "customer", "created": 1, "name": TEXT}

    def made(self, number: int) -> bytes:
        """A customer, made with a 200."""
        return http(self.fields(number))

    def gone(self) -> bytes:
        """A customer that is no more."""
        return http({"id": "1", "object": "customer", "deleted": True})

    def error(self, status: int, words: str = REFUSED, headers: dict[str, str | None] | None = None) -> bytes:
        """A message."""
        return http({"error": {"message": words, "type": "api_error"}}, status, headers)


PEER_SHAPES: dict[str, Shapes] = {
    "openai": OpenAiShapes(),
    "stripe": StripeShapes(),
    "dimescheduler": DimeShapes(),
}
PEER_MODULES = {"openai": "openai_client", "stripe": "stripe_client", "dimescheduler": "dime_client"}
