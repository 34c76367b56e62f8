"""Operations as data: which answer a status is, how its envelope opens, what a failure inside a success is."""

from __future__ import annotations

import datetime
import sys
from types import ModuleType
from typing import Any

import pytest

from accordant_runtime import (
    Answer,
    AsyncCaller,
    AsyncPages,
    Entity,
    Failure,
    ListOf,
    Notes,
    Operation,
    OperationDefaults,
    OperationTable,
    Page,
    Pages,
    Pagination,
    RawResponse,
    SyncCaller,
    integer,
    null,
)


def operation(*answers: Answer[Any], method: str = "GET") -> Operation[Any]:
    """An operation with these answers."""
    return Operation(
        id="x",
        method=method,
        path="/x",
        resource="things",
        name="get",
        entity=Entity("thing", "get"),
        answers=answers,
    )


class TestDefaults:
    MAKE = OperationDefaults(security=(("bearer",),), failure=Failure("ok", "why", equals=False))

    def test_what_is_common(self) -> None:
        """An operation has what all have in common, and its place and its request are taken apart."""
        made: Operation[Any] = self.MAKE("getThing", "things.get", "GET /things/{a b}", Entity("thing", "get"))
        assert (made.id, made.resource, made.name) == ("getThing", "things", "get")
        assert (made.method, made.path) == ("GET", "/things/{a b}")
        assert (made.security, made.failure) == (self.MAKE.security, self.MAKE.failure)

    def test_what_differs(self) -> None:
        """An operation says what differs, also that there is nothing of it."""
        made: Operation[Any] = self.MAKE(
            "getThing", "things.get", "GET /things", Entity("thing", "get"), security=(), failure=None, errors=("404",)
        )
        assert (made.security, made.failure, made.errors) == ((), None, ("404",))

    @pytest.mark.parametrize(
        ("method", "repeated"),
        [("GET", True), ("HEAD", True), ("PUT", True), ("DELETE", True), ("POST", False), ("PATCH", False)],
    )
    def test_repeated(self, method: str, repeated: bool) -> None:
        """An operation may be repeated where HTTP says so of its method, or where it says so itself."""
        entity = Entity("thing", "custom")
        made: Operation[Any] = self.MAKE("x", "things.x", f"{method} /x", entity)
        other: Operation[Any] = self.MAKE("x", "things.x", f"{method} /x", entity, idempotent=not repeated)
        assert (made.idempotent, other.idempotent) == (repeated, not repeated)


class TestAnswers:
    @pytest.mark.parametrize(
        ("status", "key"), [(200, "200"), (201, "2XX"), (299, "2XX"), (404, "default"), (302, "3xx")]
    )
    def test_most_exact(self, status: int, key: str) -> None:
        """An exact status wins over a range, and a range over `default`."""
        keys = ("default", "2XX", "200", "3xx")
        found = operation(*(Answer(name, null) for name in keys)).answer(status)
        assert found is not None
        assert found.status == key

    def test_undocumented(self) -> None:
        """A status that nothing documents has no answer."""
        assert operation(Answer("200", null)).answer(201) is None

    @pytest.mark.parametrize(
        ("document", "expected", "paths"),
        [
            ({"data": {"rows": [1, 2]}}, [1, 2], []),
            ([1, 2], [1, 2], ["$.data.rows"]),
            ({"data": {"rows": [1, "x"]}}, [1, "x"], ["$.data.rows[1]"]),
            ([1, "x"], [1, "x"], ["$.data.rows", "$[1]"]),
            ({"data": {"rows": None}}, None, ["$.data.rows"]),
            ({"data": {}}, {"data": {}}, ["$.data.rows", "$"]),
        ],
    )
    def test_envelope(self, document: Any, expected: Any, paths: list[str]) -> None:
        """An envelope is opened and its key is in the paths; an answer without it is read bare, and a deviation."""
        answer = Answer("200", ListOf(integer), envelope="data.rows")
        notes = Notes()
        assert answer.read(document, notes) == expected
        assert [item.path for item in notes.items] == paths
        assert answer.part(document) == expected

    def test_documented_bare(self) -> None:
        """Where the vendor documents the bare form too, it is no deviation."""
        notes = Notes()
        assert Answer("200", integer, envelope="data", bare=True).read(3, notes) == 3
        assert notes.items == []

    def test_without_envelope(self) -> None:
        """Without an envelope the answer is the document."""
        assert Answer("200", integer).part(3) == 3
        assert Answer("200", integer).read(3, Notes()) == 3


class TestFailure:
    def test_by_value(self) -> None:
        """An answer whose field has the failing value is a failure with the vendor's text."""
        failure = Failure("Ok", "Error.Text", equals=False)
        assert failure.found_in({"Ok": False, "Error": {"Text": "No."}})
        assert failure.text({"Ok": False, "Error": {"Text": "No."}}) == "No."
        assert not failure.found_in({"Ok": True})

    def test_by_range(self) -> None:
        """An answer whose inner status lies outside the good range is a failure."""
        failure = Failure("code", "text", success=(200, 299))
        assert failure.found_in({"code": 500})
        assert failure.found_in({"code": 199})
        assert not failure.found_in({"code": 200})
        assert not failure.found_in({"code": 299})

    @pytest.mark.parametrize("document", [{}, [], None, "x", {"code": "500"}, {"code": None}])
    def test_says_nothing(self, document: Any) -> None:
        """An answer that does not say so is no failure, and has no text."""
        failure = Failure("code", "text", success=(200, 299))
        assert not failure.found_in(document)
        assert failure.text(document) == ""


class TestOperation:
    @pytest.mark.parametrize(
        ("method", "safe"), [("GET", True), ("HEAD", True), ("OPTIONS", True), ("POST", False), ("DELETE", False)]
    )
    def test_safe(self, method: str, safe: bool) -> None:
        """Safe is what HTTP calls safe."""
        assert operation(method=method).safe is safe

    def test_is_a_value(self) -> None:
        """Operations are immutable and compare by value."""
        assert operation() == operation()
        changed: Any = operation()
        with pytest.raises(AttributeError):
            changed.path = "/y"

    def test_pagination_defaults(self) -> None:
        """Pages count from one unless told otherwise, and nothing is known of limits that the vendor does not state."""
        pagination = Pagination("page", "rows")
        assert pagination.start == 1
        assert pagination.max_limit is None
        assert dict(pagination.extra) == {}


class TestOperationTable:
    def test_lazy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A table lists its operations without importing anything, and imports a module when one of its is read."""
        table = OperationTable("accordant_table_example", {"getThing": ("things", "GET_THING"), "a": ("gone", "A")})
        assert list(table) == ["getThing", "a"]
        assert len(table) == 2
        assert "getThing" in dict.fromkeys(table)
        package, module = ModuleType("accordant_table_example"), ModuleType("accordant_table_example.things")
        module.__dict__["GET_THING"] = operation()
        monkeypatch.setitem(sys.modules, "accordant_table_example", package)
        monkeypatch.setitem(sys.modules, "accordant_table_example.things", module)
        assert table["getThing"] == operation()
        with pytest.raises(ModuleNotFoundError):
            table["a"]
        with pytest.raises(KeyError):
            table["unknown"]


class TestSeam:
    def test_raw_response(self) -> None:
        """A raw response decodes when asked, and its repr shows neither headers nor body."""
        raw: RawResponse[int] = RawResponse(
            status=200,
            headers={"X-Key": "hush"},
            content=b'"hush"',
            request_id="r1",
            elapsed=datetime.timedelta(seconds=1),
            attempts=1,
            parse=lambda: 7,
        )
        assert raw.parse() == 7
        assert "hush" not in repr(raw)
        assert "r1" in repr(raw)

    def test_page(self) -> None:
        """A page is a value: rows, total and the token of the next."""
        assert Page([1], 3, "t") == Page(items=[1], total=3, token="t")

    def test_protocols(self) -> None:
        """The synchronous and the asynchronous seam have the same members."""

        def members(kind: type[object]) -> set[str]:
            return {name for name in vars(kind) if not name.startswith("_")}

        assert members(SyncCaller) == members(AsyncCaller) == {"call", "paginate", "stream"}
        assert members(Pages) == members(AsyncPages) == {"collect", "first", "pages", "prefetch", "resume", "total"}
