"""A vendor that only its document describes: how it is logged in to, and what its credentials look like."""

from __future__ import annotations

import copy
import sys
from types import ModuleType
from typing import Any

import pytest
from attrs import evolve

from accordant_contract.document.document import Document
from accordant_contract.document.values import Arguments, Exchange, Pairs, Request, Response
from accordant_contract.errors import ContractError
from accordant_contract.evidence.results import ResultCollector
from accordant_contract.fuzz.engine import Fuzzer
from accordant_contract.fuzz.expected_rejections import ExpectedRejections
from accordant_contract.run.profiles import PROFILES
from accordant_contract.target.from_document import vendor_of
from accordant_contract.target.request_builder import build
from accordant_contract.target.schemes import known_schemes
from accordant_contract.target.session import TargetSession
from accordant_contract.target.targets import Target
from accordant_contract.target.token_requests import ask
from accordant_contract.target.vendor import Call, Credential
from accordant_sandbox import Sandbox

from .derived_target import Clock
from .widget_api import DOCUMENT

KEY: dict[str, Any] = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}
BEARER = {"type": "http", "scheme": "bearer"}
GRANT: dict[str, Any] = {
    "type": "oauth2",
    "flows": {"clientCredentials": {"tokenUrl": "https://a.test/v1/token", "scopes": {}}},
}
TOKEN: dict[str, Any] = {
    "type": "oauth2",
    "flows": {"authorizationCode": {"tokenUrl": "/t", "authorizationUrl": "/a", "scopes": {}}},
}


def document(schemes: dict[str, Any], *ways: list[str], **operations: list[list[str]]) -> Document:
    """The widgets behind these schemes: ``ways`` for all operations, others by operationId."""
    data = copy.deepcopy(DOCUMENT)
    data["components"]["securitySchemes"] = schemes
    data["security"] = [{name: [] for name in way} for way in ways]
    for item in data["paths"].values():
        for each in item.values():
            if each["operationId"] in operations:
                each["security"] = [{name: [] for name in way} for way in operations[each["operationId"]]]
    return Document("widgets", data, "")


def no_call(_operation: str, _arguments: Arguments) -> Exchange:
    raise AssertionError("nothing is to be called")


def nothing_sent(*_: Any) -> Any:
    """A sender that nothing may use."""
    raise AssertionError


def opening(found: Document, **secrets: str) -> Pairs:
    """What the login gives for the secrets."""
    credential = vendor_of(found).login(no_call, secrets)
    assert isinstance(credential, Credential)
    return credential.headers


@pytest.mark.parametrize(
    ("scheme", "secrets", "pairs"),
    [
        (KEY, {"api_key": "k"}, (("X-Api-Key", "k"),)),
        ({"type": "apiKey", "in": "query", "name": "key"}, {"api_key": "k"}, (("?key", "k"),)),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, {"api_key": "k"}, (("Cookie", "sid=k"),)),
        ({"type": "http", "scheme": "Basic"}, {"username": "u", "password": "p"}, (("Authorization", "Basic dTpw"),)),
        (BEARER, {"token": "t"}, (("Authorization", "Bearer t"),)),
        (TOKEN, {"token": "t"}, (("Authorization", "Bearer t"),)),
        ({"type": "openIdConnect", "openIdConnectUrl": "/o"}, {"token": "t"}, (("Authorization", "Bearer t"),)),
        (GRANT, {"token": "t"}, (("Authorization", "Bearer t"),)),
    ],
    ids=["header", "query", "cookie", "basic", "bearer", "authorization code", "openIdConnect", "a token given"],
)
def test_each_scheme(scheme: dict[str, Any], secrets: dict[str, str], pairs: Pairs) -> None:
    """The secrets of each kind of scheme go where the document says, and wrong ones to the same place."""
    found = document({"door": scheme}, ["door"])
    assert opening(found, **secrets) == pairs
    wrong = vendor_of(found).malformed["credentials that nobody issued"]
    assert [name for name, _ in wrong] == [name for name, _ in pairs]
    assert wrong != pairs


def test_keys_in_the_query() -> None:
    """A key that belongs into the query is sent there, beside the arguments, and never as a header field."""
    operation = document({}).operations["listWidgets"]
    request = build(operation, Arguments(query={"limit": 2}), "http://a.test", (("?key", "k&y"), ("X-Other", "o")))
    assert request.url == "http://a.test/widgets?limit=2&key=k%26y"
    assert request.headers == (("Accept", "application/json"), ("X-Other", "o"))


def test_several_at_once() -> None:
    """Schemes that an operation needs together are all the login's; two keys have names of their own."""
    cookie = {"type": "apiKey", "in": "cookie", "name": "sid"}
    found = document(
        {"AppKey": KEY, "session": cookie, "trace": {**cookie, "name": "t"}}, ["AppKey", "session", "trace"]
    )
    vendor = vendor_of(found)
    assert vendor.secrets == ("app_key_api_key", "session_api_key", "trace_api_key")
    pairs = opening(found, app_key_api_key="a", session_api_key="s", trace_api_key="t")
    assert pairs == (("X-Api-Key", "a"), ("Cookie", "sid=s; t=t"))


def test_a_scheme_of_few_operations_is_kept_apart() -> None:
    """What opens most operations is the login; another scheme is sent where its operation wants it."""
    found = document({"main": BEARER, "rare": KEY}, ["main"], getWidget=[["rare"]])
    vendor = vendor_of(found)
    assert vendor.secrets == ("token",)
    assert list(vendor.schemes) == ["rare"]
    assert vendor.schemes["rare"].headers({"api_key": "k"}) == (("X-Api-Key", "k"),)


def test_the_login_is_what_opens_most_operations() -> None:
    """A token that every operation takes is the login, though most name a key first that the others do not take."""
    own = [["login"]]
    found = document(
        {"key": KEY, "login": GRANT}, ["key"], ["login"], getWidget=own, deleteWidget=own, listWidgets=[["key"]]
    )
    vendor = vendor_of(found)
    assert vendor.secrets == ("client_id", "client_secret")
    ways = {name: vendor.way(each) for name, each in found.operations.items()}
    assert ways.pop("listWidgets") == ("key",)
    assert {*ways.values()} == {("login",)}


def test_a_grant_of_few_operations_is_opened_by_its_token() -> None:
    """No client id is sent as if it were a token: where another scheme is the login, a grant's token is asked for."""
    grant = {**GRANT, "x-accordant-arguments": {"client_id": "id", "client_secret": "secret", "token": "jwt"}}
    rare = vendor_of(document({"main": KEY, "rare": grant}, ["main"], getWidget=[["rare"]])).schemes["rare"]
    assert rare.secrets == ("jwt",)
    assert rare.headers({"jwt": "t"}) == (("Authorization", "Bearer t"),)
    assert rare.headers({"id": "i", "secret": "s"}) == ()


def test_keys_in_one_field_are_not_taken_for_each_other() -> None:
    """The fuzzer sends the login's key to every operation: what refuses that, as its own key has the same field, is
    proven by the probes alone."""
    responses = {"200": {"description": ""}, "405": {"description": ""}}
    paths: dict[str, dict[str, dict[str, Any]]] = {
        f"/{name}": {"get": {"operationId": name, "responses": responses}} for name in ("first", "second", "other")
    }
    paths["/other"]["get"]["security"] = [{"rare": []}]
    data: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {"title": "Made", "version": "1"},
        "paths": paths,
        "security": [{"main": []}],
        "components": {"securitySchemes": {"main": KEY, "rare": KEY}},
    }
    found = Document("made", data, "")
    with Sandbox.for_document(copy.deepcopy(data), name="made") as sandbox:
        vendor, known = vendor_of(found), {name: str(each) for name, each in sandbox.credentials.items()}
        base = known["base_url"].rstrip("/")
        rare = {name: {each: known[each] for each in scheme.secrets} for name, scheme in vendor.schemes.items()}
        own = {name: known[name] for name in vendor.secrets}
        more: dict[str, Any] = {"control": Clock(sandbox), "fuzzed_in_process": True}
        target = Target(vendor, "sandbox", base, sandbox.transport, own, schemes=rare, **more)
        session = TargetSession(target, found, ResultCollector(found, vendor.policy))
        Fuzzer(session, PROFILES["quick"], 1, ExpectedRejections(found, vendor.policy, {})).run()
    assert [each.finding.check for each in session.results.findings.values()] == []
    assert any("another credential has its field" in each for each in session.results.skipped)


def test_a_key_in_a_header_called_cookie_is_a_header() -> None:
    """The fuzzer sends such a key as it sends others; cookies of a scheme it puts into the request itself."""
    for scheme, headers in (
        ({"type": "apiKey", "in": "header", "name": "Cookie"}, {"Cookie": "k"}),
        ({"type": "apiKey", "in": "cookie", "name": "sid"}, {}),
    ):
        found = document({"door": scheme}, ["door"])
        vendor = vendor_of(found)
        target = Target(vendor, "account", "http://a.test", nothing_sent, {"api_key": "k"})
        session = TargetSession(target, found, ResultCollector(found, vendor.policy))
        fuzzer = Fuzzer(session, PROFILES["quick"], 1, ExpectedRejections(found, vendor.policy, {}))
        assert fuzzer.headers() == headers


def test_open_and_unknown_schemes() -> None:
    """A document without schemes, or with ones that no request carries, needs no secrets."""
    for found in (document({}), document({"tls": {"type": "mutualTLS"}}, ["tls"])):
        vendor = vendor_of(found)
        assert (vendor.secrets, vendor.malformed, vendor.logins) == ((), {}, ())
        assert opening(found) == ()
    assert known_schemes({"odd": {"type": "apiKey", "in": "body", "name": "x"}, "none": None}) == {}


def test_a_grant_at_a_documented_endpoint() -> None:
    """Client credentials become a token where the document has the token endpoint; a refusal is handed back."""
    found = document({"login": GRANT}, ["login"])
    data: dict[str, Any] = {
        **found.data,
        "paths": {**found.data["paths"], "/token": {"post": {"operationId": "token", "responses": {}}}},
    }
    found = Document("widgets", data, "")
    asked: list[Any] = []

    def answer(status: int, body: bytes) -> Call:
        def call(operation: str, arguments: Arguments) -> Exchange:
            asked.append((operation, arguments.body))
            request = Request("POST", "http://a.test/token", (), b"")
            response = Response(status, (("Content-Type", "application/json"),), body)
            return Exchange(operation, request, response, arguments, "valid")

        return call

    vendor, secrets = vendor_of(found), {"client_id": "c", "client_secret": "s"}
    given = vendor.login(answer(200, b'{"access_token": "t", "expires_in": 60}'), secrets)
    assert given == Credential((("Authorization", "Bearer t"),), 60.0)
    assert asked == [("token", {"grant_type": "client_credentials", **secrets})]
    assert vendor.logins == ("token",)
    assert isinstance(vendor.login(answer(401, b"{}"), secrets), Exchange)


def test_a_grant_without_an_endpoint_asks_for_a_token() -> None:
    """Where the document names no token endpoint at all, a token is what a run needs, as the client does."""
    flows = {"clientCredentials": {**GRANT["flows"]["clientCredentials"], "tokenUrl": ""}}
    vendor = vendor_of(document({"login": {**GRANT, "flows": flows}}, ["login"]))
    assert vendor.secrets == ("token",)
    credential = vendor.login(no_call, {"token": "t"})
    assert isinstance(credential, Credential)
    assert credential.headers == (("Authorization", "Bearer t"),)


def test_a_grant_at_another_server() -> None:
    """A token endpoint that is no operation of the document is asked all the same: at a sandbox of ours where that has
    it, and never without https elsewhere, as credentials travel there."""
    found = document({"login": GRANT}, ["login"])
    with Sandbox.for_document(copy.deepcopy(dict(found.data)), name="widgets") as sandbox:
        vendor, secrets = vendor_of(found), dict(sandbox.credentials)
        own = {name: str(secrets[name]) for name in vendor.secrets}
        base = str(secrets["base_url"]).rstrip("/")
        target = Target(vendor, "sandbox", base, sandbox.transport, own, sandbox=sandbox)
        credential = TargetSession(target, found, ResultCollector(found, vendor.policy)).login()
        assert credential.headers[0][1].startswith("Bearer ")
        away = evolve(target, base="https://b.test", sandbox=None)
        with pytest.raises(ContractError, match="not reached over https"):
            ask(away, "http://a.test/token", {"grant_type": "client_credentials"})


def test_secrets_are_called_as_the_client_calls_them() -> None:
    """Where the effective document says what the client calls a secret, the contract tests call it so too."""
    key = {**KEY, "x-accordant-arguments": {"argument": "app_key"}}
    grant = {**GRANT, "x-accordant-arguments": {"client_id": "app_id", "client_secret": "app_secret", "token": "jwt"}}
    found = known_schemes({"AppKey": key, "other": KEY, "login": grant})
    assert found["AppKey"].secrets == ("app_key",)
    assert (found["login"].secrets, found["login"].token) == (("app_id", "app_secret"), "jwt")
    assert opening(document({"login": grant}, ["login"]), jwt="t") == (("Authorization", "Bearer t"),)


def test_the_client_is_the_class_with_a_twin(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client's class is the one that the vendor's package exports with an asynchronous twin."""
    package = ModuleType("accordant.widgets")
    package.__dict__["__all__"] = ["AsyncWidgetsApi", "Helper", "WidgetsApi"]
    monkeypatch.setitem(sys.modules, "accordant.widgets", package)
    assert vendor_of(document({})).client == "accordant.widgets:WidgetsApi"
    monkeypatch.delitem(sys.modules, "accordant.widgets")
    assert vendor_of(document({})).client == "accordant.widgets:Widgets"
