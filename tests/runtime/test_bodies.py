"""Request bodies: JSON, forms, multipart and bytes."""

from __future__ import annotations

import io
import re
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import pytest
from attrs import define, field

from accordant_runtime import (
    UNSET,
    Body,
    Entity,
    Lazy,
    ListOf,
    Operation,
    Parameter,
    RequestError,
    RequestModel,
    Unset,
    Upload,
    build_request,
    integer,
    nullable,
    string,
    untyped,
)


@define(kw_only=True)
class ThingCreate(RequestModel):
    """A body, as the generator would write it."""

    name: str
    note: str | Unset | None = UNSET
    sizes: list[int] | Unset = UNSET
    meta: dict[str, Any] | Unset = UNSET
    additional_properties: dict[str, Any] = field(factory=dict[str, Any])


ThingCreate.WIRE = {
    "name": ("name", string),
    "note": ("note", nullable(string)),
    "sizes": ("sizes", ListOf(integer)),
    "meta": ("meta", untyped),
}


@pytest.fixture
def model(monkeypatch: pytest.MonkeyPatch) -> Lazy[Any]:
    """The model of the body, where a lazy decoder finds it."""
    module = ModuleType("accordant_body_example")
    module.__dict__["ThingCreate"] = ThingCreate
    monkeypatch.setitem(__import__("sys").modules, "accordant_body_example", module)
    return Lazy("accordant_body_example", "ThingCreate")


def operation(body: Body | None, *parameters: Parameter) -> Operation[Any]:
    """An operation with this body."""
    return Operation(
        id="makeThing",
        method="POST",
        path="/things",
        resource="things",
        name="create",
        entity=Entity("thing", "create"),
        parameters=parameters,
        body=body,
    )


class TestJson:
    def test_from_arguments(self, model: Lazy[Any]) -> None:
        """Keyword arguments become the JSON object: absent ones are left out, None is null."""
        request = build_request(operation(Body(model=model)), {"name": "a", "note": None, "sizes": UNSET})
        assert request.content == b'{"name":"a","note":null}'
        assert request.content_type == "application/json"

    def test_renamed(self, model: Lazy[Any]) -> None:
        """An argument that had to be renamed beside a parameter lands in its own field."""
        taken = operation(Body(model=model, renamed={"name_body": "name"}), Parameter("name", "name"))
        request = build_request(taken, {"name": "query", "name_body": "body"})
        assert request.query == (("name", "query"),)
        assert request.content == b'{"name":"body"}'

    def test_whole(self) -> None:
        """Without a model the one argument is the body, null included."""
        for value, content in (([1, "a"], b'[1,"a"]'), (None, b"null"), ({"a": ThingCreate(name="b")}, None)):
            request = build_request(operation(Body()), {"body": value})
            assert request.content == (content or b'{"a":{"name":"b"}}')

    def test_own_argument_name(self) -> None:
        """The argument of a whole body may have a name of its own, also in the message when it is missing."""
        taken = operation(Body(argument="ids"))
        assert build_request(taken, {"ids": [1]}).content == b"[1]"
        with pytest.raises(RequestError, match="argument 'ids' is required"):
            build_request(taken, {})

    def test_optional(self, model: Lazy[Any]) -> None:
        """An optional body that nobody gives is not sent at all; one that is required is sent, however empty."""
        assert build_request(operation(Body(required=False, model=model)), {}).content is None
        assert build_request(operation(Body(required=False)), {}).content is None
        with pytest.raises(RequestError, match=r"makeThing: .*name"):
            build_request(operation(Body(required=False, model=model)), {"note": "a"})

    def test_media_type(self) -> None:
        """The media type is the document's own."""
        request = build_request(operation(Body(content_type="application/vnd.a+json")), {"body": {}})
        assert request.content_type == "application/vnd.a+json"

    @pytest.mark.parametrize(
        ("value", "path"),
        [
            (float("nan"), "$"),
            ({"a": object()}, "$.a"),
            ({"a": [1, b"x"]}, "$.a[1]"),
            ({"a": {"b": [0.5, float("inf")]}}, "$.a.b[1]"),
            (ThingCreate(name="x", note=cast(Any, float("nan"))), "$.note"),
            ({"a": ["\ud800"]}, "$.a[0]"),
            ({"\ud800": 1}, r"$.\ud800"),
        ],
    )
    def test_not_json(self, value: Any, path: str) -> None:
        """What JSON cannot say is an error of the request that names the path, before anything is sent."""
        with pytest.raises(RequestError, match=rf"^makeThing: the body cannot be sent: {re.escape(path)}: "):
            build_request(operation(Body()), {"body": value})

    def test_bodies_without_an_end(self) -> None:
        """A body that holds itself is an error of the request."""
        body: list[Any] = []
        body.append(body)
        with pytest.raises(RequestError, match="nested too deeply"):
            build_request(operation(Body()), {"body": body})

    def test_long_integers(self) -> None:
        """Integers beyond 64 bits are sent with all their digits."""
        body = {"a": [2**70, -(10**30)]}
        assert build_request(operation(Body()), {"body": body}).content == b'{"a":[%d,%d]}' % (2**70, -(10**30))

    def test_unknown_argument(self, model: Lazy[Any]) -> None:
        """A misspelt field of the body is an error that names it."""
        for body in (Body(), Body(model=model)):
            with pytest.raises(RequestError, match="titel"):
                build_request(operation(body), {"titel": "a"})

    def test_no_body(self) -> None:
        """An operation without a body sends none, and takes none."""
        assert build_request(operation(None), {}).content is None
        with pytest.raises(RequestError, match="there is no argument 'body'"):
            build_request(operation(None), {"body": {}})

    def test_content_stays_out_of_the_repr(self) -> None:
        """The repr of a request does not show what it sends."""
        assert "hush" not in repr(build_request(operation(Body()), {"body": {"pin": "hush"}}))


class TestForm:
    body = Body(content_type="application/x-www-form-urlencoded", kind="form")

    def test_pairs(self) -> None:
        """A form is pairs: lists repeat their name, objects are JSON text, null is left out."""
        value = {"a": "x y", "b": [1, None, True], "c": {"d": 1}, "e": None}
        request = build_request(operation(self.body), {"body": value})
        assert request.form == (("a", "x y"), ("b", "1"), ("b", "true"), ("c", '{"d":1}'))
        assert request.content is None
        assert request.content_type == "application/x-www-form-urlencoded"

    def test_from_arguments(self, model: Lazy[Any]) -> None:
        """Keyword arguments become the fields."""
        body = Body(content_type="application/x-www-form-urlencoded", kind="form", model=model)
        assert build_request(operation(body), {"name": "a", "sizes": [1, 2]}).form == (
            ("name", "a"),
            ("sizes", "1"),
            ("sizes", "2"),
        )

    def test_no_mapping(self) -> None:
        """A form made of anything but a mapping is an error."""
        with pytest.raises(RequestError, match="a form takes a mapping, not list"):
            build_request(operation(self.body), {"body": [1]})


class TestMultipart:
    body = Body(content_type="multipart/form-data", kind="multipart", parts={"kind_": "kind"}, files=("file", "more"))

    def test_files_and_fields(self, tmp_path: Path) -> None:
        """Files stay files, in whatever form they were given; everything else becomes text under its wire name."""
        opened = io.BytesIO(b"c")
        upload = Upload(b"d", filename="d.txt")
        given = {"file": tmp_path, "more": [b"a", opened, upload], "kind_": "k", "meta": {"x": 1}, "sizes": [1, 2]}
        request = build_request(operation(self.body), given)
        assert request.files == (("file", tmp_path), ("more", b"a"), ("more", opened), ("more", upload))
        assert request.form == (("kind", "k"), ("meta", '{"x":1}'), ("sizes", "1"), ("sizes", "2"))
        assert request.content_type == "multipart/form-data"

    def test_tuples_and_none(self) -> None:
        """Several files may come as a tuple, and None is no part."""
        request = build_request(operation(self.body), {"more": (b"a", None, b"b"), "file": None, "kind_": None})
        assert request.files == (("more", b"a"), ("more", b"b"))
        assert request.form == ()

    def test_bytes_are_no_text(self) -> None:
        """Bytes in a part that is no file are an error, not Python's notation of them."""
        with pytest.raises(RequestError, match="field 'kind' cannot be bytes"):
            build_request(operation(self.body), {"kind_": b"k"})

    def test_whole(self) -> None:
        """A multipart body without known parts is one mapping, in which bytes, paths and uploads are files."""
        body = Body(content_type="multipart/form-data", kind="multipart")
        request = build_request(operation(body), {"body": {"file": b"a", "name": "b", "up": Upload(b"c")}})
        assert request.files == (("file", b"a"), ("up", Upload(b"c")))
        assert request.form == (("name", "b"),)
        with pytest.raises(RequestError, match="a multipart body takes a mapping, not str"):
            build_request(operation(body), {"body": "x"})

    def test_optional(self) -> None:
        """An optional multipart body that nobody gives is not sent."""
        body = Body(content_type="multipart/form-data", kind="multipart", required=False)
        assert build_request(operation(body), {}).content_type is None


class TestBytes:
    body = Body(content_type="application/pdf", kind="bytes")

    @pytest.mark.parametrize(("value", "content"), [(b"%PDF", b"%PDF"), ("é", "é".encode()), (bytearray(b"a"), b"a")])
    def test_raw(self, value: Any, content: bytes) -> None:
        """Bytes are sent as they are, text as UTF-8, under the document's media type."""
        request = build_request(operation(self.body), {"body": value})
        assert request.content == content
        assert request.content_type == "application/pdf"

    def test_no_bytes(self) -> None:
        """Anything else is an error."""
        with pytest.raises(RequestError, match=r"it takes bytes, text, a path .*, not dict"):
            build_request(operation(self.body), {"body": {}})
