"""stripe in the cases of the lab."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .loop import serve


def make(url: str, timeout: float, retries: int | None) -> Any:
    """A client with its own settings, but for the address and the time limit."""
    stripe = import_module("stripe")
    more = {} if retries is None else {"max_network_retries": retries}
    http = stripe.RequestsClient(timeout=timeout)
    return stripe.StripeClient("sk_test_lab", base_addresses={"api": url}, http_client=http, **more)


if __name__ == "__main__":
    serve(
        make,
        {
            "get": lambda api, number: str(api.v1.customers.retrieve(number).id),
            "create": lambda api, _: f"made {api.v1.customers.create(params={'name': 'x'}).id}",
            "delete": lambda api, number: "gone" if api.v1.customers.delete(number).deleted else "nothing",
        },
    )
