"""``accordant.clients`` is all that a client is made of: vendors need nothing private."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Self, Unpack

import pytest

import accordant
from accordant import clients
from accordant.clients import (
    ApiKeyScheme,
    BasicScheme,
    Client,
    ClientSettings,
    Security,
    Vendor,
    VendorClient,
    only_settings,
)
from accordant.errors import ConfigurationError
from accordant.testing import Script
from tests.client.vendors import vendors

ROOT = Path(accordant.__file__).parent


def test_all_is_exact() -> None:
    """``__all__`` names what the module offers: everything that it imports, each documented, and nothing else."""
    tree = ast.parse(inspect.getsource(clients))
    imported = [alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names]
    assert sorted(clients.__all__) == sorted(imported)
    own = [getattr(clients, name) for name in clients.__all__]
    assert [
        each for each in own if (inspect.isclass(each) or inspect.isfunction(each)) and not inspect.getdoc(each)
    ] == []


@pytest.mark.parametrize("vendor", vendors())
def test_vendors_import_no_private_module(vendor: str) -> None:
    """Every module of a vendor imports what it needs of accordant from its public modules."""
    private: list[str] = []
    for path in sorted((ROOT / vendor).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level == 2 and (node.module or "").startswith("_"):
                private.append(f"{path.name}: {node.module}")
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("accordant._"):
                private.append(f"{path.name}: {node.module}")
    assert private == []


VENDOR = Vendor(name="acme", title="Acme", variable_prefix="ACME", environments={"production": "https://acme.example"})
SECURITY = Security(
    "ACME",
    (ApiKeyScheme("key", "header", "X-Key"), ApiKeyScheme("app", "header", "X-App", "app_key"), BasicScheme("login")),
    needs=(("key", "app"), ("login",)),
    public=False,
)


class AcmeClient(VendorClient):
    """A declaration, as docs/client-classes.md shows it."""

    def __init__(
        self,
        *,
        api_key: str | None = None,
        app_key: str | None = None,
        username: str | None = None,
        password: str | None = None,
        **settings: Unpack[ClientSettings],
    ) -> None:
        """``api_key`` is a key."""
        given = SECURITY.given(api_key=api_key, app_key=app_key, username=username, password=password)
        del api_key, app_key, password
        only_settings(settings, self._constructor)
        super().__init__(VENDOR, SECURITY.auth(given, VENDOR, settings), settings)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **settings: Unpack[ClientSettings]) -> Self:
        """A client with what the environment has."""
        variables = SECURITY.variables(environ)
        only_settings(settings, cls.from_env)
        return cls(**variables.arguments(), **variables.settings(settings))


class Acme(AcmeClient, Client):
    """A client for Acme."""


def test_a_client_declared_by_hand() -> None:
    """A client that is declared with the public module alone sends its credentials."""
    script = Script((200, {}))
    with Acme.from_env({"ACME_API_KEY": "k", "ACME_APP_KEY": "a"}, transport=script) as api:
        api.request("GET", "/things")
    assert (script.requests[0].headers["x-key"], script.requests[0].headers["x-app"]) == ("k", "a")


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        (
            {},
            "give api_key and app_key, or username and password, or use from_env() with ACME_API_KEY and ACME_APP_KEY, "
            "or ACME_USERNAME and ACME_PASSWORD",
        ),
        ({"ACME_API_KEY": "k"}, "credentials are missing: give app_key, or username and password, "),
        ({"ACME_PASSWORD": "k"}, "password needs username as well"),
    ],
)
def test_credentials_that_open_nothing(environ: dict[str, str], message: str) -> None:
    """Where every operation wants credentials, too few of them are refused at once, with what is missing."""
    with pytest.raises(ConfigurationError) as caught:
        Acme.from_env(environ)
    assert message in str(caught.value)


def test_an_address_that_nobody_knows() -> None:
    """A vendor whose document names no address needs ``base_url``, and the message says so."""
    nowhere = Vendor(name="acme", title="Acme", variable_prefix="ACME", environments={})
    with pytest.raises(ConfigurationError, match=r"the address of Acme is missing: give base_url; .* ACME_BASE_URL"):
        nowhere.address(None, None)
    assert nowhere.address(None, "https://a.example/") == ("custom", "https://a.example")
