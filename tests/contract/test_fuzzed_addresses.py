"""What looks like an address in a response and is none stops no run."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from schemathesis.engine import observations
from schemathesis.specs.openapi.stateful import inference

from accordant_contract.fuzz.addresses import past_bad_addresses

ORIGIN = ("https", "example.com")
module: Any = observations


def test_a_text_that_is_no_address_is_passed_over() -> None:
    """The fuzzer follows the addresses that a response has, and none that cannot be read; by itself it would stop."""
    find = module._same_origin_path
    with past_bad_addresses():
        assert find("https://example.com/things/1", ORIGIN) == "/things/1"
        assert find("https://[YOUR ID].example.com", ORIGIN) is None
    with pytest.raises(ValueError, match=r"YOUR ID|Invalid IPv6 URL"):
        find("https://[YOUR ID].example.com", ORIGIN)


def test_a_location_that_is_no_address_is_passed_over() -> None:
    """So is the ``Location`` of a response from which the fuzzer would learn what leads where."""
    links: Any = inference.LinkInferencer
    learned = SimpleNamespace(_base_url="https://example.com", _strip_base_path_from_location=str)
    with past_bad_addresses():
        assert links._normalize_location(learned, "https://example.com/things/1") == "/things/1"
        assert links._normalize_location(learned, "http://[::1/things/1") is None
    with pytest.raises(ValueError, match="Invalid IPv6 URL"):
        links._normalize_location(learned, "http://[::1/things/1")
