"""What is misspelt, empty or of the wrong kind is refused when the client is made, and shows no secret."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest

import accordant
from accordant import CallOptions, Clock, HttpOptions, RetryPolicy
from accordant._client.declaration import VendorClient
from accordant._settings import ClientSettings, Variables
from accordant.dibop import AsyncDibop, Dibop
from accordant.dime_scheduler import AsyncDimeScheduler, DimeScheduler
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant.errors import ConfigurationError, RequestError
from accordant.espace import AsyncEspace, Espace
from accordant.testing import Script
from tests.client.support import VENDOR, Player
from tests.client.vendors import vendors

RIGHT, WRONG = "right-secret-canary", "misspelt-secret-canary"
FORWARDS = {"Raw.__call__", "AsyncRaw.__call__", "Security.given", "TlsStream.start_tls"}
"""They hand every keyword to the method that they are given, which refuses what it does not know, or are called by
constructors with fixed signatures alone; a third layer of TLS is refused whatever it is given."""
MADE_WITH: dict[Any, dict[str, str]] = {
    Dispatch: {"client_id": "public", "client_secret": RIGHT, "username": "ann", "password": RIGHT},
    AsyncDispatch: {"client_id": "public", "client_secret": RIGHT, "username": "ann", "password": RIGHT},
    Dibop: {"email": "ann@example.test", "password": RIGHT, "instance": "acme"},
    AsyncDibop: {"email": "ann@example.test", "password": RIGHT, "instance": "acme"},
    DimeScheduler: {"username": "ann", "password": RIGHT},
    AsyncDimeScheduler: {"username": "ann", "password": RIGHT},
    Espace: {"api_key": RIGHT},
    AsyncEspace: {"api_key": RIGHT},
}
CLIENTS = list(MADE_WITH)
TESTS = Path(__file__).resolve().parent.parent


def test_every_client_is_tried() -> None:
    """The tests of misspelt settings try both clients of every vendor that there is."""
    assert set(MADE_WITH) == {kind for pair in vendors().values() for kind in pair}


def public_functions() -> Iterator[Callable[..., Any]]:
    """Every function and method of accordant that does not begin with an underscore, constructors included."""
    for found in pkgutil.walk_packages(accordant.__path__, "accordant."):
        for thing in vars(importlib.import_module(found.name)).values():
            if not str(getattr(thing, "__module__", "")).startswith("accordant"):
                continue
            if inspect.isfunction(thing):
                yield thing
            if inspect.isclass(thing):
                names = [name for name in dir(thing) if name in ("__init__", "__call__") or not name.startswith("_")]
                members = (inspect.getattr_static(thing, name) for name in names)
                functions = (getattr(member, "__func__", member) for member in members)
                yield from (item for item in functions if inspect.isfunction(item))


def takes_any_keyword(function: Callable[..., Any]) -> bool:
    return any(item.kind is item.VAR_KEYWORD for item in inspect.signature(function).parameters.values())


def test_no_function_swallows_keywords() -> None:
    """Of all functions only constructors and from_env take further keywords, and each refuses unknown ones.

    A function with a fixed signature is refused an unknown keyword by Python itself.
    """
    # From Python 3.13 on attrs gives its own ``evolve`` the name of the class that was made last.
    found = {function for function in public_functions() if takes_any_keyword(function)} - {attrs.evolve}
    ours = {item for item in found if item.__module__.startswith("accordant") and item.__qualname__ not in FORWARDS}
    checked = {function for kind in CLIENTS for function in (kind.__init__, kind.from_env.__func__)}
    declared = {
        getattr(item, "__func__", item) for kind in VendorClient.__subclasses__() for item in vars(kind).values()
    }
    assert ours - declared == checked
    for kind in CLIENTS:
        for action in (kind, kind.from_env):
            with pytest.raises(TypeError, match=r"unexpected keyword argument 'zzzz'; it takes .*base_url"):
                action(zzzz=1)


def test_fixed_signatures_name_the_wrong_keyword(play: Player) -> None:
    """Everything else that is given by keyword names the one that it does not know."""
    api = play.client(Script())
    functions: list[Any] = [
        CallOptions,
        HttpOptions,
        RetryPolicy,
        Script,
        api.with_options,
        api.things.get,
        api.request,
    ]
    for function in functions:
        with pytest.raises(TypeError, match=r"unexpected keyword argument 'timout'"):
            function(timout=5)


def shown_by(error: BaseException) -> str:
    """What a crash reporter collects: the message and the local variables of every frame but this test's own."""
    collected = traceback.TracebackException.from_exception(error, capture_locals=True)
    frames = [item for item in collected.stack if not Path(item.filename).is_relative_to(TESTS)]
    assert frames
    assert error.__cause__ is None
    assert error.__context__ is None
    return "\n".join([str(error), repr(error.args), repr(vars(error)), *(repr(item.locals) for item in frames)])


PREFIXES = {"dispatch": "DISPATCH", "dibop": "DIBOP", "dimescheduler": "DIME_SCHEDULER", "espace": "ESPACE"}


def prefix_of(kind: Any) -> str:
    return PREFIXES[kind.__name__.removeprefix("Async").lower()]


def variables_of(kind: Any) -> dict[str, str]:
    """The credentials of MADE_WITH as variables."""
    return {f"{prefix_of(kind)}_{name.upper()}": value for name, value in MADE_WITH[kind].items()}


@pytest.mark.parametrize("kind", CLIENTS)
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("enviroment", "environment"),
        ("timout", "timeout"),
        ("base_ulr", "base_url"),
        ("baseUrl", "base_url"),
        ("max_retries", "retries"),
        ("deadlin", "deadline"),
    ],
)
def test_misspelt_setting(kind: Any, name: str, meant: str) -> None:
    """A misspelt setting is a TypeError that names the right one, and shows no value: neither its own nor a secret."""
    for action, given in ((kind, MADE_WITH[kind]), (kind.from_env, {"environ": variables_of(kind)})):
        with pytest.raises(
            TypeError, match=rf"unexpected keyword argument '{name}'; did you mean '{meant}'\?"
        ) as caught:
            action(**given, **{name: WRONG})
        shown = shown_by(caught.value)
        assert WRONG not in shown
        assert RIGHT not in shown


@pytest.mark.parametrize("kind", [Dispatch, AsyncDispatch])
def test_misspelt_credential(kind: Any) -> None:
    """A misspelt credential is named with the right one; several wrong keywords are all named."""
    with pytest.raises(TypeError) as caught:
        kind(client_id="public", client_secrt=WRONG, enviroment="sandbox")
    assert str(caught.value) == (
        f"{kind.__name__}() got an unexpected keyword argument 'client_secrt'; did you mean 'client_secret'?; "
        f"{kind.__name__}() got an unexpected keyword argument 'enviroment'; did you mean 'environment'?"
    )
    assert WRONG not in shown_by(caught.value)


@pytest.mark.parametrize("kind", CLIENTS)
def test_credential_that_is_no_text(kind: Any) -> None:
    """A credential that is no text is refused by its name, and is not shown."""
    for name in MADE_WITH[kind]:
        wrong: Any = {**MADE_WITH[kind], name: WRONG.encode()}
        with pytest.raises(ConfigurationError, match=f"{name} must be .*") as caught:
            kind(**wrong)
        if MADE_WITH[kind][name] == RIGHT:
            assert WRONG not in shown_by(caught.value)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"timeout": "5"}, "timeout must be a number of seconds, or None for no limit; it is a str"),
        ({"timeout": True}, "timeout must be a number of seconds"),
        ({"timeout": float("inf")}, "None is no limit"),
        ({"deadline": float("nan")}, "deadline must be more than 0"),
        ({"deadline": 10**400}, "deadline must be at most"),
        ({"retries": "2"}, "retries must be a whole number or a RetryPolicy; it is a str"),
        ({"retries": True}, "retries must be a whole number"),
        ({"retries": 1.5}, "retries must be a whole number"),
        ({"retries": None}, "retries must be a whole number"),
        ({"transport": "x"}, "transport must be a function; it is a str"),
        ({"on_attempt": 1}, "on_attempt must be a function; it is an int"),
        ({"http": {"connections": 3}}, "http must be an accordant.HttpOptions; it is a dict"),
        ({"http": HttpOptions(proxy=b"x")}, "http: proxy must be a URL"),  # type: ignore[arg-type] # the point
        ({"http": HttpOptions(tls=True)}, "http: tls must be"),  # type: ignore[arg-type] # the point
        ({"deviations": "strickt"}, "not 'strickt'; did you mean 'strict'?"),
        ({"deviations": None}, "deviations must be 'lenient', 'strict' or a function"),
        ({"token_store": "tokens.json"}, "token_store must be an object with load, save, remove; it is a str"),
        ({"token_store": accordant.FileTokenStore}, "it is the class FileTokenStore"),
        ({"rate_limits": 300}, "rate_limits must be an object with open; it is an int"),
        ({"catalogue_ttl": "1h"}, "catalogue_ttl must be a number"),
        ({"time_zone": 5}, "time_zone must be a str; it is an int"),
        ({"clock": Clock}, "clock must be an accordant.Clock, not the class Clock"),
        ({"environment": 1}, "environment must be a str"),
        ({"environment": ""}, "environment is empty: leave it out"),
        ({"environment": " sandbox"}, "has no environment ' sandbox'; it has: .*; did you mean 'sandbox'?"),
        ({"environment": "prodcution"}, "did you mean 'production'?"),
        ({"base_url": ""}, "base_url is empty: leave it out"),
        ({"base_url": b"https://a.test"}, "base_url must be a str"),
        ({"base_url": " https://a.test"}, "holds a blank, a line end"),
        ({"base_url": "https://a.test\n"}, "holds a blank, a line end"),
        ({"base_url": "https://a.test/\u200bx"}, "holds a blank, a line end or another character"),
        ({"environment": "sandbox", "base_url": "https://api.tiny.test/"}, "is the address of 'production'"),
    ],
    ids=str,
)
def test_values_of_the_wrong_kind(play: Player, wrong: dict[str, Any], message: str) -> None:
    """A setting whose value cannot be used is refused when the client is made, by its name, with what it may be."""
    [*_, name] = wrong
    with pytest.raises(ConfigurationError) as caught:
        play.client(**{"transport": Script(), **wrong})
    found = str(caught.value)
    assert all(part in found for part in message.split(".*")), found
    assert name in found or "address" in found or "environment" in found


def test_options_of_the_wrong_kind(play: Player) -> None:
    """Options of a call that are a mapping, or hold a value of the wrong kind, are refused before anything is sent."""
    script = Script()
    api = play.client(script)
    untyped: Any = {"timeout": 5}
    with pytest.raises(RequestError, match=r"options must be an accordant\.CallOptions, not a dict"):
        play.do(lambda: api.things.get(7, options=untyped))
    for wrong in ({"timeout": "5"}, {"deadline": True}, {"retries": "2"}):
        options: Any = wrong
        call = partial(api.things.get, 7, options=CallOptions(**options))
        with pytest.raises(ConfigurationError, match=r"must be a"):
            play.do(call)
        with pytest.raises(ConfigurationError, match=r"must be a"):
            api.with_options(**options)
    assert script.requests == []


@pytest.mark.parametrize(
    "wrong", [{"retries": "2"}, {"retries": -1}, {"base": float("nan")}, {"cap": "8"}, {"cap": -1}]
)
def test_policies_of_the_wrong_kind(wrong: dict[str, Any]) -> None:
    """A retry policy with a value that cannot be used is refused when it is made."""
    with pytest.raises(ConfigurationError, match=f"a RetryPolicy's {next(iter(wrong))} must be"):
        RetryPolicy(**wrong)


def test_a_policy_with_many_retries_waits() -> None:
    """However many retries there are, the wait before each is a number."""
    assert RetryPolicy(5000).backoff(5000, 1.0) == 8.0


def given(environ: dict[str, str], settings: ClientSettings | None = None) -> ClientSettings:
    return Variables("TINY", environ, ("API_KEY", "TIME_ZONE")).settings(settings or {})


@pytest.mark.parametrize("name", ["ENVIRONMENT", "BASE_URL"])
@pytest.mark.parametrize("value", ["", "  "])
def test_empty_variables(name: str, value: str) -> None:
    """A variable for the address that is set to nothing is refused, unless the code itself names the address."""
    environ = {f"TINY_{name}": value}
    with pytest.raises(ConfigurationError, match=f"the environment variable TINY_{name} is empty"):
        given(environ)
    assert given(environ, {"environment": "sandbox"}) == {"environment": "sandbox"}
    with pytest.raises(ConfigurationError, match=r"TINY_API_KEY is not set \(it is there, but empty"):
        Variables("TINY", {"TINY_API_KEY": value}).required("API_KEY")


def test_an_environment_of_none_is_not_given() -> None:
    """environment=None leaves the decision to the variables, and does not lead to production."""
    environ = {"TINY_ENVIRONMENT": "sandbox"}
    assert given(environ, {"environment": None, "base_url": None}).get("environment") == "sandbox"


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("TINY_ENVIROMENT", "TINY_ENVIRONMENT"),
        ("TINY_ENVRIOMENT", "TINY_ENVIRONMENT"),
        ("TINY_environment", "TINY_ENVIRONMENT"),
        ("tiny_environment", "TINY_ENVIRONMENT"),
        ("TINY_BASEURL", "TINY_BASE_URL"),
        ("TINY_BASE_ULR", "TINY_BASE_URL"),
        ("TINY_TIMEZONE", "TINY_TIME_ZONE"),
        ("TINY_API_KEYS", "TINY_API_KEY"),
    ],
)
def test_misspelt_variables(name: str, meant: str) -> None:
    """A variable that is certainly a misspelt one of the vendor's is refused without showing its value."""
    with pytest.raises(ConfigurationError) as caught:
        given({name: WRONG})
    assert str(caught.value) == (
        f"the environment variable {name} is set, which nothing reads: did you mean {meant}? Rename it or unset it"
    )
    assert WRONG not in shown_by(caught.value)


@pytest.mark.parametrize("name", ["TINY_ENV", "TINY_LOG_LEVEL", "TINY_API_KEY_ID", "TINY_URL", "OTHER_BASEURL"])
def test_other_variables(name: str) -> None:
    """Other variables of the same prefix are nobody's business, nor is one that is like another which is set."""
    given({name: "x"})
    given({"TINY_API_KEYS": "a,b", "TINY_API_KEY": "k"})
    given({"TINY_ENVIROMENT": "x"}, {"environment": "sandbox"})


def test_a_missing_variable_names_the_misspelt_one() -> None:
    """When a required variable is missing, the message names the misspelt one that is set."""
    for kind in (Dispatch, AsyncDispatch):
        with pytest.raises(ConfigurationError, match=r"DISPATCH_CLIENT_SECRET is not set \(DISPATCH_CLIENT_SECRT is"):
            kind.from_env({"DISPATCH_CLIENT_ID": "public", "DISPATCH_CLIENT_SECRT": WRONG})


@pytest.mark.parametrize("kind", CLIENTS)
def test_a_misspelt_environment_does_not_reach_production(kind: Any) -> None:
    """from_env refuses a misspelt variable for the environment instead of talking to the live account."""
    prefix = prefix_of(kind)
    with pytest.raises(ConfigurationError, match=f"did you mean {prefix}_ENVIRONMENT"):
        kind.from_env({**variables_of(kind), f"{prefix}_ENVIROMENT": "sandbox"})


def test_the_address_of_the_named_environment() -> None:
    """environment and base_url may say the same, and an environment may stand before an address of one's own."""
    assert VENDOR.address("sandbox", "https://sandbox.tiny.test/") == ("sandbox", "https://sandbox.tiny.test")
    assert VENDOR.address("sandbox", "https://proxy.corp.test") == ("sandbox", "https://proxy.corp.test")
