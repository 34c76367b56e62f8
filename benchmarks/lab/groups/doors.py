"""Settings that cannot be right, secrets that must not show, and proxies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from accordant import CallOptions, HttpOptions

from ..cases import Case, Expect
from ..clients import CANARY
from ..replies import cut, hang, http
from ..server import LabServer, closed_port
from ..stage import Stage
from .secrecy import frames_inside

IMPOSSIBLE: tuple[tuple[str, str, dict[str, Any]], ...] = (
    ("environment", "an environment that does not exist", {"environment": "prodution", "base_url": None}),
    ("environment-empty", "an empty environment", {"environment": ""}),
    ("url-blank", "a blank around the address", {"base_url": " https://vendor.test"}),
    ("url-newline", "a line end after the address", {"base_url": "https://vendor.test\n"}),
    ("url-empty", "an empty address", {"base_url": ""}),
    ("url-scheme", "an address without https://", {"base_url": "vendor.test"}),
    ("url-plain", "plain http to another machine", {"base_url": "http://vendor.test"}),
    ("url-ftp", "an ftp address", {"base_url": "ftp://vendor.test"}),
    ("url-user", "an address with a password", {"base_url": "https://u:p@vendor.test"}),
    ("url-query", "an address with a query", {"base_url": "https://vendor.test/?a=b"}),
    ("url-port", "an address with a port that is none", {"base_url": "https://vendor.test:99999"}),
    ("timeout-zero", "timeout=0", {"timeout": 0}),
    ("timeout-text", 'timeout="5"', {"timeout": "5"}),
    ("timeout-nan", "timeout=nan", {"timeout": float("nan")}),
    ("deadline-negative", "deadline=-1", {"deadline": -1}),
    ("deadline-true", "deadline=True", {"deadline": True}),
    ("retries-negative", "retries=-1", {"retries": -1}),
    ("retries-float", "retries=1.5", {"retries": 1.5}),
    ("deviations", 'deviations="strikt"', {"deviations": "strikt"}),
    ("bytes", "max_response_bytes=0", {"max_response_bytes": 0}),
)
"""Settings that are refused: slug, title, and what is set."""


def settings() -> Iterator[Case]:
    """A setting that cannot be meant is an error when the client is made, and shows no secret."""
    typo, wrong = "TypeError", "ConfigurationError"
    for given, meant in (
        ("enviroment", "environment"),
        ("timout", "timeout"),
        ("base_ulr", "base_url"),
        ("deadlin", "deadline"),
        ("retry", "retries"),
        ("deviation", "deviations"),
        ("bogus_thing", ""),
    ):
        yield _refusal(
            f"typo-{given}", f"the keyword {given}", typo, meant and f"did you mean '{meant}'", **{given: "sandbox"}
        )
    yield Case(
        id="settings/typo-secret",
        group="settings",
        title="a misspelt secret, in a traceback with locals",
        run=_misspelt_secret,
        expect=Expect(("TypeError, no secret",)),
    )
    for slug, title, changes in IMPOSSIBLE:
        yield _refusal(slug, title, wrong, "", **changes)
    yield from _other_refusals()


def _other_refusals() -> Iterator[Case]:
    typo, wrong = "TypeError", "ConfigurationError"
    for slug, title, run, expected in (
        ("no-credentials", "no credentials", _no_credentials, wrong),
        ("both-credentials", "two kinds of credentials", _two_credentials, wrong),
        (
            "newline-secret",
            "a credential with a line end in it",
            _newline_secret,
            f"{wrong}|RequestError|CredentialError",
        ),
        ("env-empty", "an environment variable that is empty", _environ({"ENVIRONMENT": ""}), wrong),
        ("env-blank", "an address of blanks in the environment", _environ({"BASE_URL": "  "}), wrong),
        ("env-typo", "a misspelt environment variable", _environ({"ENVIROMENT": "sandbox"}), wrong),
        ("env-unknown", "an unknown environment in the environment", _environ({"ENVIRONMENT": "nowhere"}), wrong),
        (
            "env-missing",
            "no variables at all",
            _no_variables,
            wrong,
        ),
        ("option-typo", "a misspelt option of a call", _option_typo, typo),
        ("with-options-typo", "a misspelt keyword of with_options", _with_options_typo, typo),
        ("dots", "a path of api.request with .. in it", _dots, "RequestError"),
        ("header", "a header that is not ASCII", _header, "RequestError"),
    ):
        yield Case(id=f"settings/{slug}", group="settings", title=title, run=run, expect=Expect((expected,)))


def _refusal(slug: str, title: str, error: str, words: str, **changes: Any) -> Case:
    def run(stage: Stage) -> str:
        made = {**stage.settings(), **changes}
        return _made(
            lambda: stage.vendor.client(stage.twin)(**{key: made[key] for key in made if made[key] is not None}), words
        )

    return Case(id=f"settings/{slug}", group="settings", title=title, run=run, expect=Expect((error,)))


def _made(make: Callable[[], Any], words: str = "") -> str:
    try:
        make()
    except Exception as error:  # whatever comes is what is to be seen
        return type(error).__name__ + ("" if words in str(error) else f", without {words!r}")
    return "made"


def _misspelt_secret(stage: Stage) -> str:
    given = {**stage.vendor.direct, stage.vendor.secret_setting[:-1] + "x": CANARY + "-misspelt"}
    try:
        stage.vendor.client(stage.twin)(**given)
    except Exception as error:  # whatever comes is what is to be seen
        shown = "".join(frames_inside(error))
        return f"{type(error).__name__}, {'the secret shows' if CANARY + '-misspelt' in shown else 'no secret'}"
    return "made"


def _no_credentials(stage: Stage) -> str:
    return _made(lambda: stage.vendor.client(stage.twin)(base_url="https://vendor.test"))


def _two_credentials(stage: Stage) -> str:
    both = {**stage.vendor.login, **stage.vendor.direct, "token": CANARY}
    return _made(lambda: stage.vendor.client(stage.twin)(base_url="https://vendor.test", **both))


def _newline_secret(stage: Stage) -> str:
    given = {name: f"{value}\r\nX-Injected: yes" for name, value in stage.vendor.direct.items()}
    try:
        with LabServer([stage.shapes.record(1)]) as server, stage.player(base_url=server.url, **given) as player:
            return player.outcome(stage.vendor.verb("get 1"))
    except Exception as error:  # whatever comes is what is to be seen
        return type(error).__name__


def _environ(variables: dict[str, str]) -> Callable[[Stage], str]:
    def run(stage: Stage) -> str:
        prefix = stage.vendor.name.upper()
        given = {f"{prefix}_{name.upper()}": value for name, value in stage.vendor.login.items()}
        if stage.vendor.name == "dibop" and "BASE_URL" not in variables:
            given["DIBOP_INSTANCE"] = "lab"
        environ = {**given, **{f"{prefix}_{name}": value for name, value in variables.items()}}
        return _made(lambda: stage.vendor.client(stage.twin).from_env(environ))

    return run


def _no_variables(stage: Stage) -> str:
    return _made(lambda: stage.vendor.client(stage.twin).from_env({}))


def _option_typo(_: Stage) -> str:
    options: Any = CallOptions
    return _made(lambda: options(deadlin=3))


def _with_options_typo(stage: Stage) -> str:
    with stage.player(base_url="https://vendor.test") as player:
        return _made(lambda: player.api.with_options(timout=3))


def _dots(stage: Stage) -> str:
    with LabServer([stage.shapes.record(1)]) as server, stage.player(base_url=server.url) as player:
        try:
            player.value(lambda api: api.request("GET", "/v3/../admin"))
        except Exception as error:  # whatever comes is what is to be seen
            return type(error).__name__
    return "sent"


def _header(stage: Stage) -> str:
    options = CallOptions(headers={"X-Name": "J\u00fcrgen\u2603"})
    with LabServer([stage.shapes.record(1)]) as server, stage.player(base_url=server.url) as player:
        try:
            player.value(lambda api: api.request("GET", "/x", options=options))
        except Exception as error:  # whatever comes is what is to be seen
            return type(error).__name__
    return "sent"


def proxies() -> Iterator[Case]:
    """A proxy that fails is one typed error in time; its password shows nowhere."""
    opened = b"HTTP/1.1 200 Connection established\r\n\r\n"
    refused = "ConnectError|ProtocolError"
    for slug, title, act, outcome in (
        ("tunnel", "a tunnel to the vendor", opened, "1"),
        ("tunnel-headers", "a tunnel whose response has headers", opened[:-2] + b"Via: lab\r\n\r\n", "1"),
        ("407", "a proxy that asks for a password", http(b"", 407, {"Proxy-Authenticate": "Basic"}), refused),
        ("403", "a proxy that refuses", http(b"no", 403), refused),
        ("502", "a proxy that cannot reach the vendor", http(b"<html>", 502), refused),
        ("junk", "a proxy that is none", cut(b"SSH-2.0-OpenSSH\r\n"), refused),
    ):
        yield Case(
            id=f"proxies/{slug}",
            group="proxies",
            title=title,
            script=lambda v: [v.record(1)],
            calls=("get 1",),
            tunnel=act,
            settings={"retries": 0},
            expect=Expect((outcome,)),
        )
    for slug, title, stuck in (
        ("silent", "a proxy that does not respond", hang()),
        ("cut", "a proxy that hangs up", cut()),
    ):
        wanted = f"{refused}|NetworkError|CallTimeoutError|DeadlineExceededError"
        yield Case(
            id=f"proxies/{slug}",
            group="proxies",
            title=title,
            script=lambda v: [v.record(1)],
            calls=("get 1",),
            tunnel=stuck,
            settings={"timeout": 0.4, "deadline": 0.8, "retries": 0},
            expect=Expect((wanted,), 0, within=2.0),
        )
    yield Case(
        id="proxies/write",
        group="proxies",
        title="a write through a proxy that refuses: certainly not applied",
        script=lambda v: [v.made(8)],
        calls=("create",),
        tunnel=http(b"", 502),
        settings={"retries": 0},
        expect=Expect((refused,), 0),
    )
    yield Case(
        id="proxies/down",
        group="proxies",
        title="no proxy there: the error names it, not its password",
        run=_down,
        expect=Expect(("ConnectError, names the proxy",)),
    )


def _down(stage: Stage) -> str:
    port = closed_port()
    with stage.player(
        base_url="https://vendor.test", http=HttpOptions(proxy=f"http://lab:{CANARY}@127.0.0.1:{port}"), retries=0
    ) as player:
        outcome = player.outcome(stage.vendor.verb("get 1"))
    if CANARY in player.message:
        return f"{outcome}, shows the password"
    return f"{outcome}, {'names the proxy' if f'127.0.0.1:{port}' in player.message else 'does not name the proxy'}"
