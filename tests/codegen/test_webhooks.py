"""What a vendor sends unasked: typed values that read the bodies of its webhooks."""

from __future__ import annotations

import contextlib
import importlib
import io
import sys
from collections.abc import Iterator
from typing import Any

import pytest

import accordant_generated
from accordant_codegen.types.webhook_topics import topic_property
from accordant_runtime import DecodeError
from tests.codegen.checkouts import Checkout

DOCUMENT = """\
openapi: 3.1.0
info: {title: Calls, version: "1"}
webhooks:
  toy-changed:
    post:
      summary: A toy has changed.
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Toy"}}}}
      responses: {"200": {description: ok}}
  toys.gone: {$ref: "#/components/pathItems/Gone"}
  both:
    post: {requestBody: {content: {application/json: {schema: {type: object, properties: {n: {type: integer}}}}}}}
    put: {requestBody: {content: {application/json: {schema: {type: string}}}}}
  toy: {post: {requestBody: {content: {application/json: {schema: {oneOf: [{type: string}, {type: integer}]}}}}}}
  file: {post: {requestBody: {content: {application/pdf: {}}}}}
components:
  pathItems:
    Gone:
      post:
        requestBody: {content: {application/json: {schema: {type: array, items: {format: date-time, type: string}}}}}
  schemas:
    Toy: {type: object, required: [id], properties: {id: {type: integer}, name: {type: string}}}
"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What generating a document of webhooks alone prints; its package can be imported."""
    checkout = Checkout(tmp_path_factory.mktemp("webhooks"))
    checkout.add("calls", DOCUMENT)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        assert checkout.run("regenerate") == 0
    place = str(checkout.generated / "accordant_generated")
    accordant_generated.__path__.append(place)
    yield said.getvalue()
    accordant_generated.__path__.remove(place)
    for name in [name for name in sys.modules if name.startswith("accordant_generated.calls")]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def received(report: str) -> Any:
    """The module of the webhooks."""
    assert "normalised" in report
    return importlib.import_module("accordant_generated.calls.received")


def test_a_payload_is_typed(received: Any) -> None:
    """A webhook reads its body, bytes or text, into the document's model; what differs is kept as it came."""
    toy = received.TOY_CHANGED.parse(b'{"id": 7, "name": 5, "more": true}')
    assert (type(toy).__name__, toy.id, toy.name, toy.additional_properties) == ("Toy", 7, 5, {"more": True})
    [moment] = received.TOYS_GONE.parse('["2026-01-02T03:04:05Z"]')
    assert moment.year == 2026
    assert received.TOY.parse("5") == 5


def body(**topic: Any) -> dict[str, Any]:
    """The schema of a body with a property `kind`."""
    return {"type": "object", "properties": {"id": {"type": "integer"}, "kind": topic}}


@pytest.mark.parametrize(
    ("one", "other", "topic"),
    [
        (body(const="a"), body(const="b"), "kind"),
        (body(enum=["a", "b"]), body(**{"$ref": "#/components/schemas/Kind"}), "kind"),
        ({"allOf": [{"$ref": "#/components/schemas/A"}, {"type": "object"}]}, body(const="b"), "kind"),
        (body(const="a"), body(const="c"), ""),
        (body(type="string"), body(type="string"), ""),
        (True, body(const="b"), ""),
    ],
)
def test_the_body_says_which_webhook_it_is(one: Any, other: Any, topic: str) -> None:
    """A property that lists the webhook's name in every body is the one that says which webhook a body is."""
    known = {"Kind": {"type": "string", "x-accordant-known-values": ["a", "b"]}, "A": body(const="a")}
    document = {"components": {"schemas": known}}
    assert topic_property(document, {"a": one, "b": other}) == topic
    assert topic_property(document, {"a": one}) == ""


def test_every_webhook_is_found_by_name(received: Any) -> None:
    """The table holds each webhook under its name in the document, one with several methods under name and method."""
    assert list(received.WEBHOOKS) == ["toy-changed", "toys.gone", "both put", "both post", "toy"]
    assert received.WEBHOOKS["toy-changed"] is received.TOY_CHANGED
    assert (received.BOTH_PUT.method, len(received.WEBHOOKS)) == ("PUT", 5)
    with pytest.raises(KeyError, match=r"there is no webhook 'no'; there are: toy-changed, toys\.gone"):
        received.WEBHOOKS["no"]


@pytest.mark.parametrize(
    ("body", "strict", "said"),
    [
        (b"<x>", False, "webhook toy-changed: it is JSON, and this is not"),
        (b"\xff\xfe", False, "webhook toy-changed: it is JSON, and this is not"),
        ("{}", True, r"webhook toy-changed: \$\.id: expected integer, found nothing"),
    ],
)
def test_what_is_refused(body: bytes | str, strict: bool, said: str, received: Any) -> None:
    """What is no JSON is a DecodeError, and in strict mode whatever is not as documented, with its path."""
    with pytest.raises(DecodeError, match=said):
        received.TOY_CHANGED.parse(body, strict=strict)


def test_what_is_not_read_is_reported(report: str) -> None:
    """A webhook whose body is no JSON is in the report."""
    assert "calls: normalised: $.webhooks.file.post.requestBody: it has no JSON, and is not read" in report
