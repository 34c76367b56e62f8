"""From arguments to a request: OpenAPI's styles, and what is refused rather than guessed."""

from __future__ import annotations

import datetime
import uuid
from typing import Any

import pytest

from accordant_runtime import (
    UNSET,
    Entity,
    OpenStrEnum,
    Operation,
    Parameter,
    Request,
    RequestError,
    build_request,
)


class Color(OpenStrEnum):
    RED = "red"


def operation(*parameters: Parameter, path: str = "/things") -> Operation[Any]:
    """An operation that takes these parameters."""
    return Operation(
        id="getThing",
        method="GET",
        path=path,
        resource="things",
        name="get",
        entity=Entity("thing", "get"),
        parameters=parameters,
    )


def query(value: Any, **style: Any) -> list[tuple[str, str]]:
    """The pairs that one query argument becomes."""
    return list(build_request(operation(Parameter("a", "a", **style)), {"a": value}).query)


def path(value: Any, **style: Any) -> str:
    """What becomes of ``/x/{a}``."""
    wanted: dict[str, Any] = {"style": "simple", "explode": False, **style}
    return build_request(operation(Parameter("a", "a", "path", **wanted), path="/x/{a}"), {"a": value}).path


def header(value: Any, **style: Any) -> str:
    """The text of one header argument."""
    wanted: dict[str, Any] = {"style": "simple", "explode": False, **style}
    return build_request(operation(Parameter("X-A", "a", "header", **wanted)), {"a": value}).headers[0][1]


class TestQuery:
    @pytest.mark.parametrize(
        ("value", "style", "pairs"),
        [
            ("b c", {}, [("a", "b c")]),
            (True, {}, [("a", "true")]),
            (Color.RED, {}, [("a", "red")]),
            (Color("new"), {}, [("a", "new")]),
            (datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC), {}, [("a", "2026-03-01T00:00:00Z")]),
            (uuid.UUID(int=1), {}, [("a", "00000000-0000-0000-0000-000000000001")]),
            ("", {}, [("a", "")]),
            (0, {}, [("a", "0")]),
            (["x", 2], {}, [("a", "x"), ("a", "2")]),
            (("x", "y"), {}, [("a", "x"), ("a", "y")]),
            ([], {}, []),
            (["x", 2], {"explode": False}, [("a", "x,2")]),
            (["x", "y"], {"style": "spaceDelimited", "explode": False}, [("a", "x y")]),
            (["x", "y"], {"style": "pipeDelimited", "explode": False}, [("a", "x|y")]),
            (["x", "y"], {"style": "pipeDelimited"}, [("a", "x"), ("a", "y")]),
            ({"min": 1, "max": 2}, {}, [("min", "1"), ("max", "2")]),
            ({"min": 1, "max": 2}, {"explode": False}, [("a", "min,1,max,2")]),
            ({"min": 1, "max": 2}, {"style": "pipeDelimited", "explode": False}, [("a", "min|1|max|2")]),
            ({"min": 1, "max": Color.RED}, {"style": "deepObject"}, [("a[min]", "1"), ("a[max]", "red")]),
            ({"x": {"y": 1}, "z": []}, {"style": "deepObject"}, [("a[x][y]", "1")]),
            ({"x": [1, 2]}, {"style": "deepObject"}, [("a[x][]", "1"), ("a[x][]", "2")]),
            ({"x": [{"y": 1}, {"y": 2}]}, {"style": "deepObject"}, [("a[x][0][y]", "1"), ("a[x][1][y]", "2")]),
            ({"min": [1]}, {"json": True}, [("a", '{"min":[1]}')]),
            ([{"x": None}], {"json": True}, [("a", '[{"x":null}]')]),
        ],
    )
    def test_styles(self, value: Any, style: dict[str, Any], pairs: list[tuple[str, str]]) -> None:
        """Scalars, arrays and objects travel in the style that the document says."""
        assert query(value, **style) == pairs

    @pytest.mark.parametrize(
        ("value", "style"),
        [
            ([None], {}),
            ([[1]], {}),
            ([{"x": 1}], {"explode": False}),
            ({"x": {"y": None}}, {"style": "deepObject"}),
            ({"x": [1, None]}, {"style": "deepObject"}),
            ({"x": None}, {}),
            (b"x", {}),
            (float("nan"), {}),
        ],
    )
    def test_no_guesses(self, value: Any, style: dict[str, Any]) -> None:
        """What a style has no text for is an error that names the operation and the argument."""
        with pytest.raises(RequestError, match=r"^getThing: argument 'a' "):
            query(value, **style)

    def test_order_and_wire_names(self) -> None:
        """Pairs stand in the order of the document, under the names of the wire."""
        taken = operation(Parameter("filter[status_in]", "status_in", explode=False), Parameter("limit", "limit"))
        request = build_request(taken, {"limit": 5, "status_in": ["a", "b"]})
        assert request.query == (("filter[status_in]", "a,b"), ("limit", "5"))

    def test_absent_and_none(self) -> None:
        """UNSET is left out, and so is None: a query has no null."""
        taken = operation(Parameter("a", "a"), Parameter("b", "b"))
        assert build_request(taken, {"a": UNSET, "b": None}).query == ()


class TestPath:
    @pytest.mark.parametrize(
        ("value", "style", "expected"),
        [
            (7, {}, "/x/7"),
            ("a/b?c#d", {}, "/x/a%2Fb%3Fc%23d"),
            ("é ñ", {}, "/x/%C3%A9%20%C3%B1"),
            ("..a", {}, "/x/..a"),
            ("%2e%2e", {}, "/x/%252e%252e"),
            ("{a}", {}, "/x/%7Ba%7D"),
            (["p/q", 2], {}, "/x/p%2Fq,2"),
            ({"k": 1, "l": 2}, {}, "/x/k,1,l,2"),
            ({"k": 1, "l": 2}, {"explode": True}, "/x/k=1,l=2"),
            (["p", 2], {"style": "label"}, "/x/.p,2"),
            (["p", 2], {"style": "label", "explode": True}, "/x/.p.2"),
            (5, {"style": "matrix"}, "/x/;a=5"),
            (["p", 2], {"style": "matrix"}, "/x/;a=p,2"),
            (["p", 2], {"style": "matrix", "explode": True}, "/x/;a=p;a=2"),
            ({"k": 1}, {"style": "matrix", "explode": True}, "/x/;k=1"),
            ({"k": 1}, {"json": True}, "/x/%7B%22k%22%3A1%7D"),
        ],
    )
    def test_styles(self, value: Any, style: dict[str, Any], expected: str) -> None:
        """A path argument is percent-encoded in its style, so that it stays within its segment."""
        assert path(value, **style) == expected

    @pytest.mark.parametrize("value", ["", ".", "..", []])
    def test_injection(self, value: Any) -> None:
        """A value that would leave its segment is refused: empty, `.` and `..`."""
        with pytest.raises(RequestError, match=r"argument 'a' cannot be .*: it is a path segment"):
            path(value)

    @pytest.mark.parametrize("arguments", [{}, {"a": None}, {"a": UNSET}])
    def test_required(self, arguments: dict[str, Any]) -> None:
        """A path argument is always required; None is no id."""
        taken = operation(Parameter("a", "a", "path"), path="/x/{a}")
        with pytest.raises(RequestError, match="argument 'a' is required"):
            build_request(taken, arguments)

    def test_one_value_never_fills_another(self) -> None:
        """A value that looks like a variable is a value."""
        taken = operation(Parameter("a", "a", "path"), Parameter("b", "b", "path"), path="/x/{a}/{b}/{a}")
        assert build_request(taken, {"a": "{b}", "b": "2"}).path == "/x/%7Bb%7D/2/%7Bb%7D"


class TestHeadersAndCookies:
    @pytest.mark.parametrize(
        ("value", "style", "text"),
        [
            ("plain", {}, "plain"),
            (datetime.date(2026, 3, 1), {}, "2026-03-01"),
            (["a", 1], {}, "a,1"),
            ({"k": 1}, {}, "k,1"),
            ({"k": 1}, {"explode": True}, "k=1"),
            ({"k": 1}, {"json": True}, '{"k":1}'),
        ],
    )
    def test_headers(self, value: Any, style: dict[str, Any], text: str) -> None:
        """A header argument is text in the simple style."""
        assert header(value, **style) == text

    @pytest.mark.parametrize("value", ["a\r\nX-Admin: 1", "a\nb", "a\0", ["ok", "b\rc"]])
    def test_header_injection(self, value: Any) -> None:
        """A header argument cannot start another header."""
        with pytest.raises(RequestError, match="argument 'a' cannot hold line breaks"):
            header(value)

    def test_cookies(self) -> None:
        """Cookie arguments share one Cookie header."""
        taken = operation(Parameter("sid", "sid", "cookie"), Parameter("tags", "tags", "cookie", explode=False))
        request = build_request(taken, {"sid": "abc", "tags": ["x", "y"]})
        assert request.headers == (("Cookie", "sid=abc; tags=x,y"),)

    @pytest.mark.parametrize("value", ["a; admin=1", "a,b", "a b", 'a"', "a\\", "a\r\n", "é"])
    def test_cookie_injection(self, value: str) -> None:
        """A cookie argument cannot start another cookie."""
        taken = operation(Parameter("sid", "sid", "cookie"))
        with pytest.raises(RequestError, match="argument 'sid' cannot be sent") as caught:
            build_request(taken, {"sid": value})
        assert repr(value) not in str(caught.value)


class TestRequest:
    def test_required(self) -> None:
        """A required argument that is absent or None is an error that names it."""
        for given in ({}, {"a": UNSET}, {"a": None}):
            with pytest.raises(RequestError, match=r"^getThing: argument 'a' is required$"):
                build_request(operation(Parameter("a", "a", required=True)), given)

    def test_unknown_argument(self) -> None:
        """An argument that the operation does not have is an error, not silently dropped."""
        with pytest.raises(RequestError, match=r"^getThing: there is no argument 'b'$"):
            build_request(operation(Parameter("a", "a")), {"b": 1})

    def test_value(self) -> None:
        """A request is an immutable value that can be compared, and knows its method."""
        taken = operation(Parameter("a", "a"))
        request = build_request(taken, {"a": 1})
        assert request == Request(operation=taken, path="/things", query=(("a", "1"),))
        assert request.method == "GET"
        changed: Any = request
        with pytest.raises(AttributeError):
            changed.path = "/other"
