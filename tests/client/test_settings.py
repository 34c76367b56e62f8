"""Addresses, limits and variables: what a client accepts, and how it says no."""

from __future__ import annotations

from typing import Any

import pytest

from accordant import CallOptions, RetryPolicy
from accordant._http.addresses import is_loopback
from accordant._settings import Variables
from accordant.errors import ConfigurationError
from accordant.testing import Script
from tests.client.support import VENDOR, Player, Tiny


def test_environments(play: Player) -> None:
    """A client goes to the environment it was told, to production by default, or to an address of its own."""
    for given, name, url in (
        ({}, "production", "https://api.tiny.test"),
        ({"environment": None, "base_url": None}, "production", "https://api.tiny.test"),
        ({"environment": "sandbox"}, "sandbox", "https://sandbox.tiny.test"),
        ({"base_url": "https://proxy.corp.test/tiny/"}, "custom", "https://proxy.corp.test/tiny"),
        ({"environment": "sandbox", "base_url": "http://127.0.0.1:8801"}, "sandbox", "http://127.0.0.1:8801"),
    ):
        api = play.client(Script(), **given)
        assert (api.environment, api.base_url) == (name, url)
    assert repr(api) == f"{type(api).__name__}(environment='sandbox', base_url='http://127.0.0.1:8801')"


def test_unknown_environment(play: Player) -> None:
    """An unknown environment is refused with the ones that there are."""
    with pytest.raises(ConfigurationError, match="Tiny has no environment 'staging'; it has: production, sandbox"):
        play.client(Script(), environment="staging")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://api.tiny.test", "must use https; plain http is for loopback only"),
        ("http://127.0.0.1.evil.test", "must use https"),
        ("http://localhost.evil.test", "must use https"),
        ("http://10.0.0.1", "must use https"),
        ("ftp://127.0.0.1", "must look like https://host"),
        ("api.tiny.test", "must look like https://host"),
        ("https://", "must look like https://host"),
        ("https://a.test:0", "must look like https://host"),
        ("https://a.test:port", "is not a URL"),
        ("https://user:pw@a.test", "cannot hold a user name or a password"),
        ("https://a.test/?x=1", "cannot have a query or a fragment"),
        ("https://a.test/#x", "cannot have a query or a fragment"),
    ],
)
def test_refused_addresses(play: Player, url: str, message: str) -> None:
    """An address that would carry credentials unencrypted, or that is none, is refused when the client is made."""
    with pytest.raises(ConfigurationError, match=message) as caught:
        play.client(Script(), base_url=url)
    assert "pw" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST.", True),
        ("dispatch.sandbox.localhost", True),
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("::1", True),
        ("0.0.0.0", False),
        ("::2", False),
        ("notlocalhost", False),
        ("localhost.com", False),
        ("", False),
    ],
)
def test_loopback(host: str, expected: bool) -> None:
    """Loopback is localhost, what ends in .localhost, 127.0.0.0/8 and ::1, by name alone."""
    assert is_loopback(host) is expected


@pytest.mark.parametrize(
    "wrong", [{"timeout": 0}, {"timeout": -1}, {"deadline": 0}, {"retries": -1}, {"timeout": float("nan")}]
)
def test_refused_limits(play: Player, wrong: dict[str, Any]) -> None:
    """Time limits are more than 0 and retries 0 or more, for clients, copies and calls alike."""
    [name] = wrong
    with pytest.raises(ConfigurationError, match=name):
        play.client(Script(), **wrong)
    api = play.client(Script())
    with pytest.raises(ConfigurationError, match=name):
        api.with_options(**wrong)
    with pytest.raises(ConfigurationError, match=name):
        play.do(lambda: api.things.get(7, options=CallOptions(**wrong)))


def test_patience_survives_a_number() -> None:
    """Giving a number of retries keeps the client's other ideas about waiting."""
    api: Any = Tiny(transport=Script(), retries=RetryPolicy(5, base=0.1, cap=1, longest_wait=3))
    assert api.with_options(retries=1)._defaults.retry == RetryPolicy(1, base=0.1, cap=1, longest_wait=3)


def test_variables() -> None:
    """Variables are found by their prefix; an empty one counts as missing, and a missing one is named."""
    variables = Variables("TINY", {"TINY_KEY": "k", "TINY_EMPTY": "", "OTHER_KEY": "x"})
    assert variables.get("KEY") == "k"
    assert variables.get("EMPTY") is None
    assert variables.required("KEY") == "k"
    with pytest.raises(ConfigurationError, match="the environment variable TINY_EMPTY is not set"):
        variables.required("EMPTY")
    with pytest.raises(ConfigurationError, match=r"TINY_USER is not set \(TINY_PASSWORD is\)"):
        variables.required("USER", "TINY_PASSWORD is")


def test_variables_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a mapping the process's own environment is read."""
    monkeypatch.setenv("TINY_KEY", "from the process")
    assert Variables("TINY").required("KEY") == "from the process"


def test_address_from_variables() -> None:
    """ENVIRONMENT and BASE_URL are read, unless the settings name an address themselves."""
    variables = Variables("TINY", {"TINY_ENVIRONMENT": "sandbox", "TINY_BASE_URL": "https://a.test"})
    assert variables.settings({"timeout": 1}) == {
        "environment": "sandbox",
        "base_url": "https://a.test",
        "timeout": 1,
    }
    assert variables.settings({"environment": "production"}) == {"environment": "production"}


def test_vendor_is_a_value() -> None:
    """A vendor's habits can be compared and hold no state."""
    assert VENDOR.address(None, None) == ("production", "https://api.tiny.test")
