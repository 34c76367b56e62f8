"""openai in the cases of the lab."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .loop import serve


def make(url: str, timeout: float, retries: int | None) -> Any:
    """A client with its own settings, but for the address and the time limit."""
    more = {} if retries is None else {"max_retries": retries}
    return import_module("openai").OpenAI(api_key="lab", base_url=url, timeout=timeout, **more)


if __name__ == "__main__":
    serve(
        make,
        {
            "get": lambda api, number: str(api.models.retrieve(number).id),
            "create": lambda api, _: f"made {api.vector_stores.create(name='x').id}",
            "delete": lambda api, number: "gone" if api.models.delete(number) is not None else "nothing",
        },
    )
