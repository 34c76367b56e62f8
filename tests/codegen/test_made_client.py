"""A document alone gives a client class: its addresses, its credentials for each operation, and clear errors."""

from __future__ import annotations

import base64
import importlib
import inspect
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import pytest

import accordant
from accordant import HttpOptions
from accordant.clients import client_attributes
from accordant.errors import ConfigurationError, CredentialError, TransportError, UnauthorizedError
from accordant.testing import Script, SentRequest
from accordant_codegen.names import CLIENT_ATTRIBUTES, client_class_name
from accordant_codegen.render.client import Packages, client_files
from accordant_codegen.render.credentials import SETTINGS
from tests.client.support import Player
from tests.codegen.checkouts import HERE, Checkout
from tests.codegen.made_clients import importable
from tests.codegen.type_checks import own_cache

VAULT = (HERE / "vault" / "openapi.yaml").read_text(encoding="utf-8")
TOKEN_URL = "https://login.vault.example/oauth/token"
KEY, SECOND = "key-canary-0123456789", "second-canary-0123456789"


@pytest.fixture(params=["sync", "async"])
def play(request: pytest.FixtureRequest) -> Iterator[Player]:
    """Every test that uses this runs with the blocking client and with the asynchronous one."""
    player = Player(request.param)
    yield player
    player.close()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    """A checkout with the vault, its client made."""
    checkout = Checkout(tmp_path_factory.mktemp("vault"))
    checkout.add("vault", VAULT)
    assert checkout.run("regenerate") == 0
    return checkout


@pytest.fixture(scope="module")
def vault(made: Checkout) -> Iterator[ModuleType]:
    """The package ``accordant.vault``."""
    with importable(made, "vault") as package:
        yield package


def client(vault: ModuleType, play: Player, script: Any = None, **settings: Any) -> Any:
    """A client of this kind on a scripted transport."""
    kind = vault.Vault if play.kind == "sync" else vault.AsyncVault
    settings.setdefault("clock", play.clock)
    return play.own(kind(transport=script or Script((200, {"id": 7}), repeat=True), **settings))


def sent(vault: ModuleType, play: Player, door: str, **settings: Any) -> SentRequest:
    """What a client with these credentials sends to one operation."""
    script = Script((200, {"id": 7}), repeat=True)
    api = client(vault, play, script, **settings)
    play.do(getattr(api.doors, f"get_{door}"))
    return script.requests[-1]


def test_keys(vault: ModuleType, play: Player) -> None:
    """A key goes into the header, query parameter or cookie that the document names, and nowhere else."""
    keys = {"app_key": KEY, "query_key": "a key&more=1", "session_cookie": SECOND}
    header = sent(vault, play, "header", **keys)
    assert header.headers["x-app-key"] == KEY
    query = sent(vault, play, "query", **keys)
    assert query.query == [("api_key", "a key&more=1")]
    cookie = sent(vault, play, "cookie", **keys)
    assert cookie.headers["cookie"] == f"sid={SECOND}"
    for request, own in ((header, "x-app-key"), (query, ""), (cookie, "cookie")):
        assert {"x-app-key", "cookie", "authorization"} & request.headers.keys() <= {own}
    assert header.query == cookie.query == []


def test_keys_beside_what_a_call_sends(vault: ModuleType, play: Player) -> None:
    """A key is no argument of a call although its parameter is documented, and leaves other parameters and cookies."""
    script = Script((200, {"id": 7}), repeat=True)
    api = client(vault, play, script, query_key=KEY, session_cookie=SECOND)
    play.do(lambda: api.doors.get_query(page=2))
    assert sorted(script.requests[-1].query) == [("api_key", KEY), ("page", "2")]
    assert "api_key" not in inspect.signature(api.doors.get_query).parameters
    play.do(lambda: api.doors.get_cookie(theme="dark"))
    assert script.requests[-1].headers["cookie"] == f"theme=dark; sid={SECOND}"


def test_http_schemes(vault: ModuleType, play: Player) -> None:
    """Basic, bearer and other HTTP schemes go into the header Authorization as their definitions say."""
    own = {"basic_username": "ann", "basic_password": "pässword", "bearer_token": KEY, "credentials": SECOND}
    pair = base64.b64encode("ann:pässword".encode()).decode()
    assert sent(vault, play, "basic", **own).headers["authorization"] == f"Basic {pair}"
    assert sent(vault, play, "bearer", **own).headers["authorization"] == f"Bearer {KEY}"
    assert sent(vault, play, "other", **own).headers["authorization"] == f"Ticket {SECOND}"
    called = sent(vault, play, "other", credentials=lambda: "made-for-this-call")
    assert called.headers["authorization"] == "Ticket made-for-this-call"


def test_a_user_name_without_a_password(vault: ModuleType, play: Player) -> None:
    """Vendors that take a key as user name want an empty password, which has to be given as one; the key is secret."""
    script = Script((401, {"message": f"no: {KEY}"}), repeat=True)
    api = client(vault, play, script, basic_username=KEY, basic_password="")
    with pytest.raises(UnauthorizedError) as caught:
        play.do(api.doors.get_basic)
    assert script.requests[0].headers["authorization"] == f"Basic {base64.b64encode(f'{KEY}:'.encode()).decode()}"
    assert KEY not in str(caught.value)
    with pytest.raises(ConfigurationError, match="basic_username needs basic_password as well"):
        client(vault, play, basic_username=KEY)


def test_several_at_once_and_alternatives(vault: ModuleType, play: Player) -> None:
    """An operation that wants two keys gets both; of alternatives it gets the first that was given."""
    both = sent(vault, play, "both", app_key=KEY, query_key=SECOND)
    assert (both.headers["x-app-key"], both.query) == (KEY, [("api_key", SECOND)])
    everything = {"bearer_token": "t", "basic_username": "u", "basic_password": "p", "app_key": KEY}
    assert sent(vault, play, "either", **everything).headers["authorization"] == "Bearer t"
    del everything["bearer_token"]
    assert sent(vault, play, "either", **everything).headers["authorization"].startswith("Basic ")
    alone = sent(vault, play, "either", app_key=KEY)
    assert alone.headers["x-app-key"] == KEY
    assert "authorization" not in alone.headers


def test_operations_without_credentials(vault: ModuleType, play: Player) -> None:
    """An operation with ``security: []`` sends none, whatever the client has; optional ones are sent where given."""
    request = sent(vault, play, "open", app_key=KEY, bearer_token=SECOND, query_key=KEY, session_cookie=SECOND)
    assert not {"authorization", "x-app-key", "cookie"} & request.headers.keys()
    assert request.query == []
    assert sent(vault, play, "optional", app_key=KEY).headers["x-app-key"] == KEY
    assert "x-app-key" not in sent(vault, play, "optional").headers


@pytest.mark.parametrize(
    ("door", "given", "message"),
    [
        ("header", {}, r"getHeader needs other credentials: give app_key \(VAULT_APP_KEY for from_env\(\)\)"),
        ("both", {"app_key": KEY}, r"getBoth needs other credentials: give query_key \(VAULT_APP_KEY and VAULT_QUERY"),
        ("either", {}, "give bearer_token, or basic_username and basic_password, or app_key "),
        ("oauth", {}, "give oauth_client_id and oauth_client_secret, or oauth_username and oauth_password, or oauth_r"),
        (
            "undeclared",
            {"app_key": KEY},
            "getUndeclared needs the security scheme 'nobody', which cannot be used: the ",
        ),
        ("certificate", {}, r"getCertificate needs other credentials: give http=HttpOptions\(tls=...\)$"),
    ],
)
def test_missing_credentials(vault: ModuleType, play: Player, door: str, given: Any, message: str) -> None:
    """A call whose credentials are missing raises before anything is sent: which argument, for which operation."""
    script = Script()
    api = client(vault, play, script, **given)
    with pytest.raises(ConfigurationError, match=message):
        play.do(getattr(api.doors, f"get_{door}"))
    assert script.requests == []


def test_a_client_certificate(vault: ModuleType, play: Player) -> None:
    """A scheme of mutual TLS is satisfied by the TLS settings that the client connects with."""
    tls = HttpOptions(tls=ssl.create_default_context())
    assert "authorization" not in sent(vault, play, "certificate", http=tls).headers


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"app_key": 5}, "app_key must be a str, not an int"),
        ({"app_key": KEY.encode()}, "app_key must be a str, not a bytes"),
        ({"bearer_token": 5}, "bearer_token must be a str or a function, not an int"),
        ({"oauth_client_secret": "s"}, "oauth_client_secret needs oauth_client_id as well"),
        ({"oauth_username": "s"}, "oauth_username needs oauth_password as well"),
        ({"oauth_token": lambda: "t", "oauth_refresh_token": "r"}, "give oauth_token or oauth_refresh_token"),
        (
            {"oauth_client_id": "i", "oauth_client_secret": "s", "oauth_token_url": "http://x.example/"},
            "must use https",
        ),
    ],
)
def test_wrong_credentials(vault: ModuleType, play: Player, given: Any, message: str) -> None:
    """Credentials of a wrong kind, and halves of a pair, are refused when the client is made; none is shown."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        client(vault, play, **given)
    assert KEY not in "".join(locals_of(caught.value))


def locals_of(error: BaseException) -> list[str]:
    """The local variables of the client's own frames, as crash reporters show them."""
    shown: list[str] = []
    frame: Any = error.__traceback__
    while frame is not None:
        if "accordant" in frame.tb_frame.f_code.co_filename and "tests" not in frame.tb_frame.f_code.co_filename:
            shown += map(repr, frame.tb_frame.f_locals.values())
        frame = frame.tb_next
    return shown


def token_endpoint(grants: list[dict[str, str]], *, place: str = "both") -> Any:
    """A vendor with a token endpoint that wants the client's secret in one place or another."""

    def respond(request: SentRequest) -> Any:
        if "openid" in request.url:
            found = {"token_endpoint": "https://id.vault.example/token"}
            return 200, {**found, "token_endpoint_auth_methods_supported": ["client_secret_post"]}
        if not request.path.endswith(("/token", "/refresh")):
            return (
                (401, {"message": "expired"}) if "Bearer old" in request.headers["authorization"] else (200, {"id": 7})
            )
        fields = dict(parse_qsl(request.body.decode()))
        header = request.headers.get("authorization", "")
        grants.append({**fields, "header": header, "url": request.url})
        if place == "body" and header:
            return 401, {"error": "invalid_client"}
        return 200, {"access_token": f"access-{len(grants)}", "expires_in": 3600, "token_type": "Bearer"}

    return Script(respond, repeat=True)


def test_client_credentials(vault: ModuleType, play: Player) -> None:
    """The client credentials grant shows the client in the header, as RFC 6749 says, and asks for the scopes given."""
    grants: list[dict[str, str]] = []
    script = token_endpoint(grants)
    own = {"oauth_client_id": "id", "oauth_client_secret": "s/e", "oauth_scopes": ["read", "write"]}
    api = client(vault, play, script, **own)
    play.do(api.doors.get_oauth)
    play.do(api.doors.get_oauth)
    pair = base64.b64encode(b"id:s%2Fe").decode()
    assert grants == [
        {"grant_type": "client_credentials", "scope": "read write", "header": f"Basic {pair}", "url": TOKEN_URL}
    ]
    assert [each.headers["authorization"] for each in script.requests[1:]] == ["Bearer access-1"] * 2


def test_an_endpoint_that_reads_the_body(vault: ModuleType, play: Player) -> None:
    """A token endpoint that does not know Basic credentials is asked again with the secret in the body, once."""
    grants: list[dict[str, str]] = []
    own = {"oauth_client_id": "id", "oauth_client_secret": "secret", "oauth_token": "old"}
    api = client(vault, play, token_endpoint(grants, place="body"), **own)
    play.do(api.doors.get_oauth)
    assert [("client_secret" in each, bool(each["header"])) for each in grants] == [(False, True), (True, False)]
    play.clock.advance(3600)
    play.do(api.doors.get_oauth)
    assert [("client_secret" in each, bool(each["header"])) for each in grants[2:]] == [(True, False)]


def test_password_and_refresh(vault: ModuleType, play: Player) -> None:
    """A user's password and a refresh token get tokens, the latter where the document refreshes them."""
    grants: list[dict[str, str]] = []
    api = client(vault, play, token_endpoint(grants), oauth_username="ann", oauth_password="pass")
    play.do(api.doors.get_oauth)
    api = client(vault, play, token_endpoint(grants), oauth_refresh_token="r", oauth_client_id="public")
    play.do(api.doors.get_oauth)
    assert grants == [
        {"grant_type": "password", "username": "ann", "password": "pass", "header": "", "url": TOKEN_URL},
        {
            **{"grant_type": "refresh_token", "refresh_token": "r", "client_id": "public", "header": ""},
            "url": "https://login.vault.example/oauth/refresh",
        },
    ]


def test_a_token_of_an_authorization_code(vault: ModuleType, play: Player) -> None:
    """A token that was obtained elsewhere is used as it is, and renewed by its refresh token after a 401."""
    assert sent(vault, play, "oauth", oauth_token="t").headers["authorization"] == "Bearer t"
    assert sent(vault, play, "oauth", oauth_token=lambda: "f").headers["authorization"] == "Bearer f"
    grants: list[dict[str, str]] = []
    script = token_endpoint(grants)
    api = client(vault, play, script, oauth_token="old", oauth_refresh_token="r")
    play.do(api.doors.get_oauth)
    assert [each.headers.get("authorization") for each in script.requests] == ["Bearer old", None, "Bearer access-1"]
    assert [each["grant_type"] for each in grants] == ["refresh_token"]


def test_open_id_connect(vault: ModuleType, play: Player) -> None:
    """The token endpoint of OpenID Connect is asked for once, and shown the client where it says that it looks."""
    grants: list[dict[str, str]] = []
    script = token_endpoint(grants)
    api = client(vault, play, script, oidc_client_id="id", oidc_client_secret="secret")
    play.do(api.doors.get_oidc)
    play.clock.advance(3600)
    play.do(api.doors.get_oidc)
    assert [each.url for each in script.requests if "openid" in each.url] == [
        "https://id.vault.example/.well-known/openid-configuration"
    ]
    assert [(each["url"], each["client_secret"]) for each in grants] == [
        ("https://id.vault.example/token", "secret")
    ] * 2
    script = token_endpoint(grants)
    api = client(vault, play, script, oidc_client_id="id", oidc_client_secret="s", oidc_token_url=TOKEN_URL)
    play.do(api.doors.get_oidc)
    assert script.requests[0].url == TOKEN_URL


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ({}, "names no token_endpoint"),
        ({"token_endpoint": "http://id.example/token"}, "must use https"),
        ([], "names no"),
    ],
)
def test_a_discovery_that_fails(vault: ModuleType, play: Player, document: Any, message: str) -> None:
    """A provider that names no token endpoint, or one without TLS, gets no secret; the message says what to give."""
    script = Script((200, document))
    api = client(vault, play, script, oidc_client_id="id", oidc_client_secret="secret-canary")
    with pytest.raises(CredentialError, match=f"{message}.*: give token_url, or a token"):
        play.do(api.doors.get_oidc)
    assert len(script.requests) == 1


def test_a_token_endpoint_goes_with_a_loopback_address(vault: ModuleType, play: Player) -> None:
    """A client of a server on this machine, such as a sandbox, never sends its secrets to the vendor's own endpoint."""
    grants: list[dict[str, str]] = []
    own = {"oauth_client_id": "id", "oauth_client_secret": "secret", "base_url": "http://127.0.0.1:9/v1"}
    play.do(client(vault, play, token_endpoint(grants), **own).doors.get_oauth)
    assert [each["url"] for each in grants] == ["http://127.0.0.1:9/oauth/token"]


def test_addresses(vault: ModuleType, play: Player) -> None:
    """Servers are environments, and their variables are arguments with defaults; ``base_url`` replaces all of that."""
    assert client(vault, play).base_url == "https://us.vault.example/v1"
    assert client(vault, play, region="eu", version="v2").base_url == "https://eu.vault.example/v2"
    sandbox = client(vault, play, environment="sandbox")
    assert (sandbox.base_url, sandbox.environment) == ("https://sandbox.vault.example/v1", "sandbox")
    assert client(vault, play, environment="local").base_url == "http://localhost:8080/v1"
    assert client(vault, play, base_url="https://own.example").base_url == "https://own.example"
    assert sent(vault, play, "open", version="v2/x").url == "https://us.vault.example/v2/x/open"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"region": "asia"}, "region must be one of 'eu', 'us'; it is 'asia'"),
        ({"region": 5}, "region must be a str, not int"),
        ({"version": "v1?x"}, "version must be a part of the path of https://"),
        ({"base_url": "http://vault.example"}, "must use https"),
        ({"environment": "production", "base_url": "https://sandbox.vault.example/v1"}, "give one of the two"),
        ({"base_url": 5}, "base_url must be a str; it is an int"),
    ],
)
def test_wrong_addresses(vault: ModuleType, play: Player, given: Any, message: str) -> None:
    """A value that an address cannot have is refused when the client is made, with what it can be."""
    with pytest.raises(ConfigurationError, match=message):
        client(vault, play, **given)


def test_from_env(vault: ModuleType) -> None:
    """``from_env`` reads each argument from the variable of its name, and names a variable that is misspelt."""
    environ = {
        "VAULT_APP_KEY": KEY,
        "VAULT_REGION": "eu",
        "VAULT_ENVIRONMENT": "production",
        "VAULT_OAUTH_SCOPES": "a b",
    }
    script = Script((200, {"id": 7}))
    with vault.Vault.from_env(environ, transport=script) as api:
        api.doors.get_header()
    assert script.requests[0].url == "https://eu.vault.example/v1/header"
    assert script.requests[0].headers["x-app-key"] == KEY
    with pytest.raises(
        ConfigurationError, match="VAULT_AP_KEY is set, which nothing reads: did you mean VAULT_APP_KEY"
    ):
        vault.Vault.from_env({"VAULT_AP_KEY": KEY})


def test_what_every_client_can(vault: ModuleType, play: Player) -> None:
    """A made client pages, retries, keeps deadlines, collects deviations and gives raw access like the others."""
    script = Script(
        *((503, None), (200, {"things": [{"id": 1}], "total": 2}), (200, {"things": [{"id": 2}], "total": 2})),
        *((200, {"id": "seven"}), (200, {"id": 7}), (200, {"id": 7})),
    )
    api = client(vault, play, script, app_key=KEY)
    assert [each.id for each in play.all(lambda: iter_of(api.things.list(limit=1)))] == [1, 2]
    assert play.do(api.doors.get_header).id == "seven"
    assert len(api.deviations) == 1
    assert play.do(lambda: api.raw(api.doors.get_header)).status == 200
    quick = api.with_options(deadline=5)
    assert play.do(quick.doors.get_header).id == 7
    assert all(each.headers["x-app-key"] == KEY for each in script.requests)


def iter_of(pages: Any) -> Any:
    """The rows of a list, blocking or not."""
    return pages.__aiter__() if hasattr(pages, "__aiter__") else iter(pages)


def test_undocumented_endpoints(vault: ModuleType, play: Player) -> None:
    """An endpoint that the document does not know gets the document's own credentials, else the first given."""
    script = Script((200, {}), repeat=True)
    api = client(vault, play, script, app_key=KEY, query_key=SECOND)
    play.do(lambda: api.request("GET", "/new"))
    assert (script.requests[-1].headers["x-app-key"], script.requests[-1].query) == (KEY, [])
    api = client(vault, play, script, bearer_token=SECOND)
    play.do(lambda: api.request("GET", "/new"))
    assert script.requests[-1].headers["authorization"] == f"Bearer {SECOND}"


def test_secrets_stay_inside(vault: ModuleType, play: Player, caplog: pytest.LogCaptureFixture) -> None:
    """No key comes out in an error, a log line or a repr, nor in a local variable of a frame of the traceback."""
    caplog.set_level("DEBUG")

    def fail(request: SentRequest) -> Any:
        raise ConnectionError(f"cannot reach {request.url} with {dict(request.headers)}")

    own = {"query_key": KEY, "session_cookie": SECOND, "app_key": SECOND}
    api = client(vault, play, Script(fail, repeat=True), **own)
    for door in ("query", "cookie", "header"):
        with pytest.raises(TransportError) as caught:
            play.do(getattr(api.doors, f"get_{door}"))
        shown = [str(caught.value), repr(caught.value), str(caught.value.__cause__), repr(api), caplog.text]
        shown += locals_of(caught.value)
        for secret in (KEY, SECOND):
            assert not [text for text in shown if secret in text]


def test_declarations(vault: ModuleType) -> None:
    """A made client shows its arguments with their types, and says what each of them is."""
    text = str(inspect.signature(vault.Vault))
    assert "bearer_token: 'str | TokenProvider | None' = None" in text
    assert "region: \"Literal['eu', 'us'] | None\" = None" in text
    assert "bearer_token: 'AnyToken | None' = None" in str(inspect.signature(vault.AsyncVault))
    doc = inspect.getdoc(vault.Vault) or ""
    names = [each for each in inspect.signature(vault.Vault).parameters if each != "settings"]
    assert [name for name in names if f"``{name}``" not in doc] == []
    assert '``"production"`` (the default), ``"sandbox"`` or ``"local"``' in doc


def test_public_models(vault: ModuleType) -> None:
    """The models of a made client are at `accordant.<vendor>.models`, the very classes that its methods use."""
    public = importlib.import_module(f"{vault.__name__}.models")
    generated = importlib.import_module("accordant_generated.vault.models")
    assert public.Thing is generated.Thing
    assert dir(public) == sorted(generated.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'Thingg'"):
        public.Thingg  # noqa: B018 - asking for it is what fails


def test_types(made: Checkout, tmp_path: Path) -> None:
    """A type checker is content with the files of a made client and with code that uses it."""
    use = tmp_path / "use.py"
    use.write_text(
        "from accordant.vault import AsyncVault, Vault\n"
        "from accordant.vault.models import Thing\n"
        "from accordant.vault.models import Thingg  # type: ignore[attr-defined]\n"
        "def same(api: Vault) -> Thing: return api.doors.get_header()\n"
        "def first(api: Vault) -> int | None:\n"
        "    thing = api.doors.get_header()\n"
        "    return thing.id if isinstance(thing.id, int) else None\n"
        "async def token() -> str: return 'x'\n"
        "AsyncVault(bearer_token=token, region='eu')\n"
        "Vault(region='asia')  # type: ignore[arg-type]\n"
        "Vault(bearer_token=token)  # type: ignore[arg-type]\n"
    )
    root = Path(accordant.__file__).parents[2]
    merged = tmp_path / "accordant"
    merged.mkdir()
    for place in (Path(accordant.__file__).parent, made.root / "overlays" / "accordant"):
        for item in place.iterdir():
            if item.name != "__pycache__":
                (merged / item.name).symlink_to(item)
    path = ":".join([str(tmp_path), str(made.generated), str(root / "runtime")])
    command = [
        sys.executable,
        "-m",
        "mypy",
        "--config-file",
        str(root / "pyproject.toml"),
        "--cache-dir",
        str(own_cache(tmp_path)),
        str(use),
        str(merged / "vault"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, env={"MYPYPATH": path}, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_names_are_those_of_the_client() -> None:
    """What generation keeps free is what clients have: their attributes, and the settings of their constructors."""
    assert client_attributes() == CLIENT_ATTRIBUTES
    assert frozenset(accordant.ClientSettings.__annotations__) | {"cls", "environ", "self", "settings"} == SETTINGS
    assert client_class_name("acme") == "Acme"
    assert client_class_name("client") == "ClientApi"
    assert client_class_name("vendor") == "VendorApi"


def test_a_package_of_ones_own() -> None:
    """The files of a client may belong to any package, and import any generated one."""
    document = {"info": {"title": "Mine"}, "paths": {}, "servers": [{"url": "https://mine.example"}]}
    files = client_files(document, "mine", Packages("mine", "mine_generated")).files
    assert "from mine_generated.client import AsyncResources, Resources" in files["client.py"]
    assert "from mine import Mine" in files["__init__.py"]
    assert json.dumps("https://mine.example") in files["vendor.py"]
