"""How a made client names its arguments and environments, what it reports, and whose its files are."""

from __future__ import annotations

from typing import Any

import pytest

from accordant_codegen.render.client import client_files
from accordant_codegen.render.credentials import view_credentials
from accordant_codegen.render.servers import view_servers
from tests.codegen.checkouts import MINIMAL, Checkout

KEY: dict[str, Any] = {"type": "apiKey", "in": "header", "name": "X-Key"}
BASIC, BEARER = {"type": "http", "scheme": "basic"}, {"type": "http", "scheme": "Bearer"}


def flow(name: str, url: str = "https://a.example/token") -> dict[str, Any]:
    """An OAuth 2 scheme with one flow."""
    return {"type": "oauth2", "flows": {name: {"tokenUrl": url, "scopes": {}}}}


def document(schemes: dict[str, Any], *needs: str, **more: Any) -> dict[str, Any]:
    """A document whose one operation takes any of the schemes."""
    security: list[dict[str, list[str]]] = [{name: []} for name in needs or schemes]
    return {"paths": {"/a": {"get": {"security": security}}}, "components": {"securitySchemes": schemes}, **more}


@pytest.mark.parametrize(
    ("schemes", "names"),
    [
        ({"whatever": KEY}, ["api_key"]),
        ({"apiKeyAuth": KEY, "appKeyAuth": {**KEY, "name": "X-App"}}, ["api_key", "app_key"]),
        ({"inQuery": {**KEY, "in": "query"}, "inHeader": KEY}, ["in_query_key", "in_header_key"]),
        ({"a-key": KEY, "aKey": {**KEY, "name": "X-App"}}, ["a_key", "a_key_2"]),
        ({"tokenStore": KEY, "other": {**KEY, "name": "X-App"}}, ["token_store_key", "other_key"]),
        ({"login": BASIC}, ["username", "password"]),
        ({"jwt": BEARER}, ["token"]),
        ({"b": BASIC, "basicAuth": BASIC}, ["b_username", "b_password", "basic_username", "basic_password"]),
        ({"grant": flow("clientCredentials")}, ["client_id", "client_secret", "scopes", "token_url", "token"]),
        ({"code": flow("authorizationCode")}, ["client_id", "client_secret", "refresh_token", "token_url", "token"]),
        ({"implicit": {"type": "oauth2", "flows": {"implicit": {"authorizationUrl": "/a", "scopes": {}}}}}, ["token"]),
        (
            {"bearerAuth": BEARER, "oauth2": flow("clientCredentials")},
            ["client_id", "client_secret", "scopes", "token_url", "bearer_token", "oauth2_token"],
        ),
        ({"access_token": BEARER, "jwt": BEARER}, ["access_token", "jwt_token"]),
        (
            {"machine": flow("clientCredentials"), "user": flow("password")},
            ["client_id", "client_secret", "scopes", "token_url", "username", "password", "refresh_token", "token"],
        ),
    ],
)
def test_arguments(schemes: dict[str, Any], names: list[str]) -> None:
    """Arguments have plain names; where two schemes want the same one, both get the scheme's name before it."""
    assert [each.name for each in view_credentials(document(schemes)).arguments] == names


@pytest.mark.parametrize(
    ("schemes", "needs", "loss"),
    [
        (
            {},
            ["nobody"],
            "$.paths['/a'].get.security: the security scheme nobody cannot be used: the document does not",
        ),
        (
            {"odd": {"type": "saml"}},
            ["odd"],
            "$.components.securitySchemes.odd: the security scheme odd cannot be used",
        ),
        ({"odd": {"type": "apiKey", "in": "body", "name": "x"}}, ["odd"], "cannot be used"),
        ({"odd": None}, ["odd"], "cannot be used"),
        ({"used": KEY, "spare": BASIC}, ["used"], "$.components.securitySchemes.spare: no operation names it"),
    ],
)
def test_losses(schemes: dict[str, Any], needs: list[str], loss: str) -> None:
    """A scheme that nobody declares, that is of no known kind or that no operation names is reported with its place."""
    found = view_credentials(document(schemes, *needs)).losses
    assert len(found) == 1
    assert loss in found[0]


def server(url: str, description: str, **more: Any) -> dict[str, Any]:
    """A server with a description."""
    return {"url": url, "description": description, **more}


STAGES = {"environment": {"enum": ["x", "y"], "default": "y"}}


def servers(*nodes: Any, at: str | None = "https://docs.example/api/openapi.json", taken: Any = ()) -> Any:
    """What is read of servers."""
    return view_servers({"servers": list(nodes)}, at, taken)


@pytest.mark.parametrize(
    ("nodes", "environments"),
    [
        ([{"url": "https://a.example/"}], {"production": "https://a.example"}),
        ([{"url": "/v1"}], {"production": "https://docs.example/v1"}),
        ([{"url": "v1"}], {"production": "https://docs.example/api/v1"}),
        ([{"url": "//a.example/v1"}], {"production": "https://a.example/v1"}),
        ([], {"production": "https://docs.example"}),
        ([{"url": "http://a.example"}, {"url": "https://a.example"}], {"production": "https://a.example"}),
        ([{"url": "http://localhost:80/v1"}], {"local": "http://localhost:80/v1"}),
        (
            [
                {"url": "https://s.example", "description": "Sandbox server"},
                {"url": "https://a.example", "description": "Live"},
            ],
            {"sandbox": "https://s.example", "production": "https://a.example"},
        ),
        (
            [
                {"url": "https://eu.example", "description": "Europe"},
                {"url": "https://us.example", "description": "Europe"},
            ],
            {"europe": "https://eu.example", "server_2": "https://us.example"},
        ),
        ([{"url": "https://a.example/?x=1#y"}], {"production": "https://a.example"}),
        ([{"url": "ftp://a.example"}, 7, {"url": 7}, {}], {}),
        (
            [
                {
                    "url": "https://{environment}.a.example",
                    "variables": {"environment": {"enum": ["api", "api-test"], "default": "api-test"}},
                }
            ],
            {"api": "https://api.a.example", "api_test": "https://api-test.a.example"},
        ),
    ],
)
def test_environments(nodes: list[Any], environments: dict[str, str]) -> None:
    """Each server is an environment, named after its description; TLS is used wherever a host is not this machine."""
    found = servers(*nodes)
    assert list(found.environments.items()) == list(environments.items())


@pytest.mark.parametrize(
    ("nodes", "default"),
    [
        ([server("https://s.example", "Sandbox"), server("https://a.example", "Live")], "production"),
        ([server("http://localhost:1", ""), server("https://s.example", "Sandbox")], "sandbox"),
        ([server("http://localhost:1", "")], "local"),
        ([], "production"),
        ([server("https://{environment}.a.example", "", variables=STAGES)], "y"),
    ],
)
def test_the_default_environment(nodes: list[Any], default: str) -> None:
    """A client that is told no environment goes to production, else to the first that is not this machine."""
    assert servers(*nodes).default == default


def test_a_relative_server_of_a_file() -> None:
    """A relative server of a document that came from a file is no address, and this is reported."""
    found = servers({"url": "/v1"}, at=None)
    assert found.environments == {}
    assert [loss.partition(":")[0] for loss in found.losses] == ["$.servers[0].url", "$.servers"]


def test_variables() -> None:
    """A variable is an argument of its name; one that a client has already gets ``server_`` before it."""
    stated = {"timeout": {"default": "5"}, "username": {"default": "demo"}, "zone": {"enum": ["a", "b"]}}
    found = servers(
        {"url": "https://{zone}.a.example/{timeout}/{username}/{loose}", "variables": stated}, taken=["username"]
    )
    assert [(each.name, each.argument, each.default, each.choices) for each in found.variables] == [
        ("zone", "zone", "a", ("a", "b")),
        ("timeout", "server_timeout", "5", ()),
        ("username", "server_username", "demo", ()),
        ("loose", "loose", "", ()),
    ]


def test_hostile_texts() -> None:
    """Quotes, braces, line ends and Python in names, titles and addresses stay texts."""
    evil = 'x"""\'\\{}\n$(import os)'
    hostile = document(
        {evil: {**KEY, "name": evil, "description": evil}, "b": {**flow("password"), "description": '"'}},
        info={"title": evil},
        servers=[{"url": f"https://a.example/{{{evil}}}", "variables": {evil: {"default": evil, "enum": [evil]}}}],
    )
    files = client_files(hostile, "evil").files
    for name, text in files.items():
        compile(text, name, "exec")


def test_files_are_ones_own(checkout: Checkout) -> None:
    """A file of a client is written anew until its first lines are deleted; the others still are."""
    checkout.add("shop")
    assert checkout.run("regenerate") == 0
    folder = checkout.root / "overlays" / "accordant" / "shop"
    own = folder / "vendor.py"
    own.write_text(own.read_text().partition("delete these two lines.\n")[2] + "# mine\n")
    (folder / "auth.py").write_text((folder / "auth.py").read_text() + "# not mine\n")
    (folder / "client.py").unlink()
    assert checkout.run("check-generated") == 1
    assert checkout.run("regenerate") == 0
    assert own.read_text().endswith("# mine\n")
    assert "# not mine" not in (folder / "auth.py").read_text()
    assert (folder / "client.py").exists()
    assert checkout.run("check-generated") == 0


def test_a_changed_document_changes_the_client(checkout: Checkout) -> None:
    """A security scheme that the document gains is an argument after the next ``make regenerate``."""
    checkout.add("shop")
    assert checkout.run("regenerate") == 0
    client = checkout.root / "overlays" / "accordant" / "shop" / "client.py"
    assert "api_key" not in client.read_text()
    scheme = "  securitySchemes: {k: {type: apiKey, in: header, name: X}}\n"
    checkout.add("shop", f"{MINIMAL}{scheme}security: [{{k: []}}]\n")
    assert checkout.run("regenerate") == 0
    assert "api_key: str | None = None" in client.read_text()


def test_where_a_pull_found_the_document(checkout: Checkout) -> None:
    """Relative servers are below the address at which ``make pull`` found the document."""
    checkout.add("shop", f"{MINIMAL}servers: [{{url: /v2}}]\n")
    source = checkout.root / "specs" / "shop" / "source.toml"
    source.write_text(
        f'{source.read_text()}\n[pull]\nurl = "https://d.example"\nfound = "https://d.example/s/o.json"\n'
    )
    assert checkout.run("regenerate") == 0
    vendor = checkout.root / "overlays" / "accordant" / "shop" / "vendor.py"
    assert '"https://d.example/v2"' in vendor.read_text()
