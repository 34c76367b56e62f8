"""From parsed JSON to typed values: what fits passes, what does not is kept and noted with its path."""

from __future__ import annotations

import datetime
import sys
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from accordant_runtime import (
    UNSET,
    DecodeError,
    Deviation,
    GrowingIntEnum,
    Lazy,
    ListOf,
    MapOf,
    Notes,
    OneOf,
    OpenIntEnum,
    OpenStrEnum,
    Tagged,
    boolean,
    day,
    descend,
    exactly,
    identifier,
    instant,
    integer,
    null,
    nullable,
    number,
    string,
    untyped,
)

Decoder = Callable[[Any, Notes], Any]


class Size(OpenIntEnum):
    LARGE = 3


class GrowingSize(GrowingIntEnum):
    LARGE = 3


def decoded(decode: Decoder, value: Any) -> tuple[Any, list[str]]:
    """What a decoder makes of a value, and its notes as text."""
    notes = Notes()
    result = decode(value, notes)
    return result, [f"{item.kind} {item}" for item in notes.items]


@pytest.mark.parametrize(
    ("decode", "value"),
    [
        (string, "a"),
        (integer, 3),
        (number, 3),
        (number, 3.5),
        (boolean, False),
        (null, None),
        (untyped, {"a": [1]}),
        (exactly("a"), "a"),
        (exactly(3), 3),
        (exactly(True), True),
        (nullable(string), None),
        (nullable(string), "a"),
    ],
)
def test_what_fits_passes(decode: Decoder, value: Any) -> None:
    """A value of the documented type is that value, with nothing to note."""
    assert decoded(decode, value) == (value, [])


@pytest.mark.parametrize(
    ("decode", "value", "note"),
    [
        (string, 3, "wrong_type $: expected string, found integer"),
        (string, None, "null $: expected string, found null"),
        (string, UNSET, "missing $: expected string, found nothing"),
        (integer, 3.5, "wrong_type $: expected integer, found number"),
        (integer, 1e29, "wrong_type $: expected integer, found number"),
        (integer, True, "wrong_type $: expected integer, found boolean"),
        (number, "3", "wrong_type $: expected number, found string"),
        (number, True, "wrong_type $: expected number, found boolean"),
        (boolean, 0, "wrong_type $: expected boolean, found integer"),
        (null, 0, "wrong_type $: expected null, found integer"),
        (instant, 1700000000, "wrong_type $: expected date-time, found integer"),
        (instant, "soon", "bad_value $: expected date-time, found 'soon'"),
        (day, "2026-13-01", "bad_value $: expected date, found '2026-13-01'"),
        (day, None, "null $: expected date, found null"),
        (identifier, "x", "bad_value $: expected uuid, found 'x'"),
        (identifier, 1, "wrong_type $: expected uuid, found integer"),
        (exactly("a"), "b", "bad_value $: expected 'a', found 'b'"),
        (exactly("a"), 1, "wrong_type $: expected 'a', found integer"),
        (exactly(1), True, "wrong_type $: expected 1, found boolean"),
        (exactly(True), 1, "wrong_type $: expected True, found integer"),
        (nullable(integer), "a", "wrong_type $: expected integer, found string"),
        (ListOf(string), {}, "wrong_type $: expected array, found object"),
        (MapOf(string), [], "wrong_type $: expected object, found array"),
        (instant, "x" * 50, f"bad_value $: expected date-time, found {'x' * 40!r}..."),
    ],
)
def test_what_does_not_fit_is_kept(decode: Decoder, value: Any, note: str) -> None:
    """A value of another type is kept as it came, and the note says what was promised and what came."""
    result, notes = decoded(decode, value)
    assert result is value or result == value
    assert notes == [note]


@pytest.mark.parametrize(
    "decode", [integer, nullable(integer), OneOf(string, integer), exactly(3), Size.decode, GrowingSize.decode]
)
def test_whole_floats_are_integers(decode: Decoder) -> None:
    """3.0 is an integer, as JSON Schema has it since draft 6: it becomes the int 3, with nothing to note."""
    result, notes = decoded(decode, 3.0)
    assert (result, notes) == (3, [])
    assert isinstance(result, int)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T09:00:00Z", datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC)),
        ("2026-03-01T09:00:00.125Z", datetime.datetime(2026, 3, 1, 9, 0, 0, 125000, tzinfo=datetime.UTC)),
        ("2026-03-01T09:00:00", datetime.datetime(2026, 3, 1, 9)),
        (
            "2026-03-01T09:00:00+05:30",
            datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30))),
        ),
    ],
)
def test_instants(text: str, expected: datetime.datetime) -> None:
    """RFC 3339 date-times keep their offset; one without an offset stays naive."""
    assert decoded(instant, text) == (expected, [])


def test_days_and_identifiers() -> None:
    """Dates and UUIDs become Python's own."""
    assert decoded(day, "2026-03-01") == (datetime.date(2026, 3, 1), [])
    assert decoded(identifier, "00000000-0000-0000-0000-000000000001") == (uuid.UUID(int=1), [])


def test_paths_through_containers() -> None:
    """A note deep inside says the whole JSON path: indexes of arrays, keys of maps."""
    decode = MapOf(ListOf(nullable(ListOf(integer))))
    result, notes = decoded(decode, {"a": [None, [1, "x"]], "b": [[2], [3, None]], "c": "no"})
    assert result == {"a": [None, [1, "x"]], "b": [[2], [3, None]], "c": "no"}
    assert notes == [
        "wrong_type $.a[1][1]: expected integer, found string",
        "null $.b[1][1]: expected integer, found null",
        "wrong_type $.c: expected array, found string",
    ]


def test_lists_in_place() -> None:
    """A list that nobody else needs holds what was read from it afterwards, with the same notes; any other is left as
    it was."""
    came: list[Any] = [["2b1f3c9e-0000-4000-8000-000000000001"], ["x"], 3]
    decode = ListOf(ListOf(identifier))
    result, told = decoded(decode, came)
    assert result == [[uuid.UUID(came[0][0])], ["x"], 3]
    assert came == [["2b1f3c9e-0000-4000-8000-000000000001"], ["x"], 3]
    notes = Notes()
    assert decode.in_place(came, notes) is came
    assert came == result
    assert [f"{item.kind} {item}" for item in notes.items] == told
    assert told == [
        "bad_value $[1][0]: expected uuid, found 'x'",
        "wrong_type $[2]: expected array, found integer",
    ]


def test_notes_of_fields() -> None:
    """The slow paths of generated decoders put field names into the path."""
    notes = Notes()
    kept: list[Any] = [notes.mismatch("x", "id", "integer"), notes.mismatch(None, "name", "string")]
    assert kept == ["x", None]
    notes.add("envelope", "data", "nothing", ".meta")
    assert [str(item) for item in notes.items] == [
        "$.id: expected integer, found string",
        "$.name: expected string, found null",
        "$.meta: expected data, found nothing",
    ]


def test_deviation_from_one_level_up() -> None:
    """A deviation seen from one level up has the segment in front."""
    assert Deviation("$[0]", "null", "string", "null").below(".rows").path == "$.rows[0]"


def test_raise_any() -> None:
    """Notes raise one error that names the first place, counts the others and carries them all."""
    notes = Notes()
    notes.raise_any("Job")
    notes.mismatch(1, "a", "string")
    with pytest.raises(DecodeError, match=r"^Job: \$\.a: expected string, found integer$"):
        notes.raise_any("Job")
    notes.mismatch(2, "b", "string")
    with pytest.raises(DecodeError) as caught:
        notes.raise_any("Job", body=b"{}")
    assert str(caught.value) == "Job: $.a: expected string, found integer (and 1 more)"
    assert [item.path for item in caught.value.deviations] == ["$.a", "$.b"]
    assert caught.value.body == b"{}"


class TestOneOf:
    def test_first_that_fits(self) -> None:
        """The first alternative with nothing to note decodes the value."""
        decode: OneOf[Any] = OneOf(integer, instant, string)
        assert decoded(decode, 3) == (3, [])
        assert decoded(decode, "2026-03-01T00:00:00Z")[0] == datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC)
        assert decoded(decode, "plain") == ("plain", [])

    def test_nearest_when_none_fits(self) -> None:
        """When none fits, the alternative with the fewest notes is used, and its notes alone are kept."""
        decode: OneOf[Any] = OneOf(ListOf(integer), ListOf(string))
        result, notes = decoded(decode, [1, 2, "x"])
        assert result == [1, 2, "x"]
        assert notes == ["wrong_type $[2]: expected integer, found string"]

    def test_nothing_is_shown_that_is_masked(self) -> None:
        """Texts of the response are made fit to be shown, whichever alternative notes them."""
        notes = Notes(shown=lambda text: text.replace("hush", "***"))
        decode: OneOf[Any] = OneOf(exactly("a"), instant)
        decode("hush", notes)
        assert [item.found for item in notes.items] == ["'***'"]


class TestTagged:
    decode: Tagged[Any] = Tagged("kind", {"a": exactly("never"), "b": untyped}, untyped)

    def test_chosen_by_the_tag(self) -> None:
        """The property decides, even where another alternative would fit better."""
        assert decoded(self.decode, {"kind": "b", "x": 1}) == ({"kind": "b", "x": 1}, [])
        assert decoded(self.decode, {"kind": "a"})[1] == ["wrong_type $: expected 'never', found object"]

    @pytest.mark.parametrize("value", [{"kind": "c"}, {}, {"kind": None}, {"kind": ["b"]}, "b", None])
    def test_without_a_known_tag(self, value: Any) -> None:
        """A tag that is unknown, absent or no text leaves the choice to the rest."""
        assert decoded(self.decode, value) == (value, [])


class TestLazy:
    def test_imported_when_used(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The module of a lazy decoder is imported at its first use, not before."""

        class Status(OpenStrEnum):
            OPEN = "open"

        decode: Lazy[Status] = Lazy("accordant_lazy_example", "Status")
        with pytest.raises(ModuleNotFoundError):
            decode("open", Notes())
        module = ModuleType("accordant_lazy_example")
        module.__dict__["Status"] = Status
        monkeypatch.setitem(sys.modules, "accordant_lazy_example", module)
        assert decode.target is Status
        assert decode("open", Notes()) is Status.OPEN
        monkeypatch.delitem(sys.modules, "accordant_lazy_example")
        assert decode("open", Notes()) is Status.OPEN


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("", {"meta": {"total": 3, "none": None}}),
        ("meta.total", 3),
        ("meta.none", None),
        ("meta.count", UNSET),
        ("total", UNSET),
        ("meta.total.x", UNSET),
    ],
)
def test_descend(path: str, expected: Any) -> None:
    """A dotted path leads to a value; null is a value, and only what is not there is UNSET."""
    found = descend({"meta": {"total": 3, "none": None}}, path)
    assert found is expected or found == expected
