"""One declaration per vendor makes both of its clients, and each is as good as one that is written by hand."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import accordant
from accordant import TokenProvider
from accordant._client.declaration import VendorClient
from accordant.dibop import Dibop
from accordant.dime_scheduler import DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.espace import Espace
from tests.client.vendors import vendors

CREDENTIALS: dict[type[Any], list[str]] = {
    Dispatch: ["client_id", "client_secret", "username", "password", "refresh_token", "token"],
    Dibop: ["email", "password", "api_key", "token", "instance"],
    DimeScheduler: ["api_key", "username", "password", "token"],
    Espace: ["api_key", "token"],
}
TWINS: dict[type[Any], type[Any]] = dict(vendors().values())
CLIENTS = [(vendor, kind) for vendor, twin in TWINS.items() for kind in (vendor, twin)]
TITLES = {Dispatch: "Dispatch", Dibop: "DIBOP", DimeScheduler: "Dime.Scheduler", Espace: "eSPACE"}
FILES = {"__init__.py", "auth.py", "client.py", "models.py", "vendor.py", "spec.overlay.yaml"}
EXTRAS = {
    "dibop": {
        "alerts.py": "messages that the vendor posts",
        "received.py": "readers of what the vendor posts",
        "executions.py": "executions that can be waited for",
        "orchestrations.py": "executions that are started and waited for",
        "waiting.py": "what the two above have in common",
        "webhooks.py": "calls with a secret of their own",
    },
    "dime_scheduler": {
        "imports.py": "stored procedures by the batch",
        "procedures.overlay.yaml": "the documented procedures, one class each",
        "received.py": "readers of what the vendor posts",
    },
    "dispatch": {
        "appointments.py": "appointments that can be waited for",
        "files.py": "downloads from another host",
        "jobs.py": "jobs that can be waited for",
    },
    "espace": {
        "events.py": "events that can be waited for",
        "inventory_requests.py": "requests for stock that can be waited for",
        "work_orders.py": "work orders that can be waited for",
        "received.py": "readers of what the vendor posts",
        "webhooks.py": "messages that the vendor posts",
    },
}
"""What a vendor's package holds beyond the files that all have, and why."""


def credentials(vendor: type[Any]) -> list[str]:
    """The credentials that a vendor's client takes: as they are written above, else as they are declared."""
    keywords = inspect.signature(vendor).parameters.values()
    return CREDENTIALS.get(vendor) or [item.name for item in keywords if item.kind is item.KEYWORD_ONLY]


@pytest.mark.parametrize(("vendor", "kind"), CLIENTS, ids=lambda kind: kind.__name__)
def test_signatures(vendor: type[Any], kind: type[Any]) -> None:
    """The signature of each client names its credentials as keywords, with the tokens that it can take."""
    shown = "AnyToken | None" if kind is TWINS[vendor] else "str | TokenProvider | None"
    types = dict.fromkeys(credentials(vendor), "str | None") | {"token": shown}
    keywords = ", ".join(f"{name}: '{types[name]}' = None" for name in credentials(vendor))
    assert str(inspect.signature(kind)) == f"(*, {keywords}, **settings: 'Unpack[ClientSettings]') -> 'None'"
    assert str(inspect.signature(kind.from_env)) == (
        "(environ: 'Mapping[str, str] | None' = None, **settings: 'Unpack[ClientSettings]') -> 'Self'"
    )
    for function in (kind.__init__, kind.from_env):
        assert function.__qualname__ == f"{kind.__name__}.{function.__name__}"
        assert function.__module__ == kind.__module__
    token = typing.get_type_hints(kind.__init__)["token"]
    asynchronous = [item for item in typing.get_args(token) if "Awaitable" in str(item)]
    assert bool(asynchronous) is (kind is TWINS[vendor])


@pytest.mark.parametrize(("vendor", "kind"), CLIENTS, ids=lambda kind: kind.__name__)
def test_docstrings(vendor: type[Any], kind: type[Any]) -> None:
    """The docstring of each client says what it is and what each credential is, wrapped to fit a terminal."""
    doc = inspect.getdoc(kind) or ""
    way = "on an event loop; safe to share among its tasks"
    if kind is vendor:
        way = "that waits for its responses; safe to share among threads"
    first = doc.splitlines()[0]
    title = TITLES.get(vendor) or first.removeprefix("A client for ").removesuffix(f" {way}.")
    assert first == f"A client for {title} {way}."
    assert all(f"``{name}``" in doc for name in credentials(vendor))
    assert ("(asynchronous or not)" in doc) is (kind is not vendor)
    assert max(map(len, doc.splitlines())) <= 116
    assert ":class:`accordant.ClientSettings`" in doc
    reads = inspect.getdoc(kind.from_env) or ""
    assert reads == inspect.getdoc(TWINS[vendor].from_env)
    assert reads.startswith("A client with ")


@pytest.mark.parametrize("vendor", TWINS, ids=lambda kind: kind.__name__)
def test_docstrings_of_twins_differ_in_their_kind_alone(vendor: type[Any]) -> None:
    """What the docstrings of the two clients say about the credentials is the same."""
    mine, other = (" ".join((inspect.getdoc(kind) or "").split()) for kind in (vendor, TWINS[vendor]))
    assert mine.partition(". ")[2] == other.replace(" (asynchronous or not)", "").partition(". ")[2]


async def _token() -> str:
    return "invented"


def test_types_tell_tokens_apart() -> None:
    """A type checker refuses an asynchronous token function for a blocking client, and takes it for the other."""
    sync_provider: TokenProvider = lambda: "invented"  # noqa: E731 - an annotation is the point
    made: list[Callable[[], object]] = [
        lambda: Dispatch(token=sync_provider),
        lambda: AsyncDispatch(token=sync_provider),
        lambda: AsyncDispatch(token=_token),
        lambda: Dispatch(token=_token),  # type: ignore[arg-type] # the point
        lambda: Dibop(token=_token, instance="acme"),  # type: ignore[arg-type] # the point
        lambda: DimeScheduler(token=_token),  # type: ignore[arg-type] # the point
        lambda: Espace(token=_token),  # type: ignore[arg-type] # the point
        lambda: Espace(api_kee="x"),  # type: ignore[call-arg] # the point
    ]
    for make in made[:-1]:
        assert make()
    with pytest.raises(TypeError, match=r"Espace\(\) got an unexpected keyword argument 'api_kee'"):
        made[-1]()


def test_a_client_of_ones_own() -> None:
    """A class that inherits from a client may have a constructor of its own; messages name the client's keywords."""

    class Mine(Dispatch):
        """Mine."""

        def __init__(self) -> None:
            super().__init__(token="invented", environment="sandbox")

    assert Mine().environment == "sandbox"
    assert repr(Mine()).startswith("Mine(")
    assert Mine.__doc__ == "Mine."


def test_vendors_have_the_same_files() -> None:
    """Every vendor's package has the same files, and beyond them only those that are named here with a reason."""
    root = Path(accordant.__file__).parent
    found = {path.parent.name: path.parent for path in root.glob("*/vendor.py")}
    assert set(found) == set(EXTRAS)
    declared = [kind.__module__.split(".")[1] for kind in VendorClient.__subclasses__() if "." in kind.__module__]
    assert all(declared.count(name) == 1 for name in found)
    for name, folder in found.items():
        held = {path.name for path in folder.iterdir() if path.name != "__pycache__"}
        assert held == FILES | set(EXTRAS[name]), name
