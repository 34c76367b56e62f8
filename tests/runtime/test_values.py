"""Absent and null, JSON text, files, and the errors that need no network."""

from __future__ import annotations

import collections
import copy
import datetime
import json
import pickle
import subprocess
import sys
import uuid
from enum import Enum
from pathlib import Path
from typing import Any

import pytest

import accordant_runtime
from accordant_runtime import (
    UNSET,
    AccordantError,
    CallOptions,
    DecodeError,
    Deviation,
    Redirect,
    RequestError,
    Unset,
    Upload,
    dumps,
    is_array,
    is_object,
    loads,
    to_text,
    to_wire,
)

RUNTIME = Path(__file__).parents[2] / "runtime"


class Color(Enum):
    RED = "red"


class TestUnset:
    def test_falsy_and_not_none(self) -> None:
        """UNSET is falsy, is not None, and names itself."""
        assert not UNSET
        assert UNSET is not None
        assert repr(UNSET) == "UNSET"
        assert isinstance(UNSET, Unset)

    def test_one_of_a_kind(self) -> None:
        """Copies and pickles of UNSET are UNSET itself, so that `is UNSET` always works."""
        assert copy.deepcopy(UNSET) is UNSET
        assert pickle.loads(pickle.dumps(UNSET)) is UNSET


class TestJson:
    def test_round_trip(self) -> None:
        """What is written is read back, as UTF-8 without blanks."""
        value = {"é": [1, 2.5, None, True, "x"]}
        assert dumps(value) == '{"é":[1,2.5,null,true,"x"]}'.encode()
        assert loads(dumps(value)) == value

    @pytest.mark.parametrize("text", [b"", b"{", b"nope", b"[NaN]", b"[Infinity]", b"\xff", b"{'a': 1}"])
    def test_not_json(self, text: bytes) -> None:
        """Anything that is not JSON is a ValueError, NaN and Infinity included."""
        with pytest.raises(ValueError, match=r".+"):
            loads(text)

    def test_without_orjson(self) -> None:
        """Without orjson the standard library writes and reads the same."""
        code = """
import sys
sys.modules["orjson"] = None
from accordant_runtime import dumps, loads
assert dumps({"é": [1, None]}) == '{"é":[1,null]}'.encode(), dumps({"é": [1, None]})
assert loads(b'{"a": 1.5}') == {"a": 1.5}
for text in (b"[NaN]", b"[Infinity]", b"{", b"", b"[" * 100_000 + b"]" * 100_000):
    try:
        loads(text)
    except ValueError:
        continue
    raise AssertionError(text)
"""
        done = subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(RUNTIME)!r})\n{code}"],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr

    def test_kinds(self) -> None:
        """Objects and arrays are exactly what JSON gives: dict and list."""
        assert is_object({})
        assert not is_object([])
        assert is_array([])
        assert not is_array(())
        assert not is_array("a")


class TestToWire:
    @pytest.mark.parametrize(
        ("value", "wire"),
        [
            (None, None),
            (True, True),
            (1.5, 1.5),
            ("a", "a"),
            (Color.RED, "red"),
            (datetime.date(2026, 3, 1), "2026-03-01"),
            (datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.UTC), "2026-03-01T09:00:00Z"),
            (datetime.datetime(2026, 3, 1, 9), "2026-03-01T09:00:00"),
            (
                datetime.datetime(2026, 3, 1, 9, tzinfo=datetime.timezone(datetime.timedelta(hours=-5))),
                "2026-03-01T09:00:00-05:00",
            ),
            (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
            ({"a": Color.RED, 1: (1, 2)}, {"a": "red", "1": [1, 2]}),
            ([{Color.RED}], [["red"]]),
        ],
    )
    def test_forms(self, value: object, wire: Any) -> None:
        """Every value has one JSON form: RFC 3339 times (Z for UTC), enum values, UUID text, lists for sequences."""
        assert to_wire(value) == wire
        json.dumps(to_wire(value))

    def test_unset_stays(self) -> None:
        """UNSET passes through: whoever writes the object leaves it out."""
        assert to_wire(UNSET) is UNSET

    @pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
    def test_not_a_number(self, number: float) -> None:
        """NaN and infinities are refused with their path, wherever they stand, and have no text in a URL either."""
        with pytest.raises(TypeError, match=r"^\$\.a\[0\]: (nan|-?inf) has no JSON form$"):
            dumps(to_wire({"a": [number]}))
        with pytest.raises(ValueError, match="cannot be"):
            to_text(number)

    def test_subclasses(self) -> None:
        """A subclass is written as its base is, and a class that knows its JSON form says it itself."""

        class Number(float):
            pass

        class When(datetime.datetime):
            pass

        class Knowing(dict[str, int]):
            def to_dict(self) -> dict[str, int]:
                return {"known": 1}

        for _ in range(2):  # met for the first time, and known
            assert to_wire(When(2026, 3, 1, tzinfo=datetime.UTC)) == "2026-03-01T00:00:00Z"
            assert to_wire(collections.UserDict[str, object](a=(Number(1.5),))) == {"a": [1.5]}
            assert type(to_wire(Number(1.5))) is float
            assert to_wire(Knowing(a=2)) == {"known": 1}
            assert to_wire(iter([1, Color.RED])) == [1, "red"]

    @pytest.mark.parametrize("year", [1, 999, 1000, 2026, 9999])
    @pytest.mark.parametrize("microsecond", [0, 5, 120000])
    @pytest.mark.parametrize("hours", [None, 0, 2, -3.5])
    def test_instants(self, year: int, microsecond: int, hours: float | None) -> None:
        """A datetime has the text that Python gives it, but for Z in the place of +00:00."""
        zone = None if hours is None else datetime.timezone(datetime.timedelta(hours=hours))
        moment = datetime.datetime(year, 2, 3, 4, 5, 6, microsecond, tzinfo=zone)
        assert to_wire(moment) == moment.isoformat().replace("+00:00", "Z")


class TestToText:
    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (True, "true"),
            (False, "false"),
            (7, "7"),
            (1.5, "1.5"),
            ("a b", "a b"),
            (Color.RED, "red"),
            (datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC), "2026-03-01T00:00:00Z"),
        ],
    )
    def test_texts(self, value: object, text: str) -> None:
        """Values in URLs are JSON's words: true and false, RFC 3339 times, enum values."""
        assert to_text(value) == text

    def test_bytes(self) -> None:
        """Bytes are refused rather than sent as Python's notation of them."""
        with pytest.raises(TypeError, match="bytes"):
            to_text(b"a")

    @pytest.mark.parametrize("value", [None, [1], {"a": 1}, "\ud800"])
    def test_no_text(self, value: object) -> None:
        """Null, lists, objects and lone surrogates are refused rather than sent as Python's notation of them."""
        with pytest.raises((TypeError, ValueError), match=r"no text"):
            to_text(value)


class TestFiles:
    def test_upload_hides_its_content(self) -> None:
        """The repr of an upload shows its name and type, never its content."""
        shown = repr(Upload(b"top secret", filename="a.txt", content_type="text/plain"))
        assert "a.txt" in shown
        assert "secret" not in shown

    def test_redirect(self) -> None:
        """A redirect is a value with the status and the place."""
        assert Redirect(302, "/b") == Redirect(302, "/b")
        assert Redirect(302, "/b").location == "/b"


class TestErrors:
    def test_tree(self) -> None:
        """Both errors are AccordantErrors, and ValueErrors for who catches those."""
        for error in (RequestError("a"), DecodeError("a")):
            assert isinstance(error, AccordantError)
            assert isinstance(error, ValueError)

    def test_decode_error(self) -> None:
        """A decode error knows every place, the first path, and the body; it survives pickling."""
        places = (Deviation("$.a", "null", "string", "null"), Deviation("$.b", "missing", "integer", "nothing"))
        error = pickle.loads(pickle.dumps(DecodeError("Job: no", deviations=places, body=b"{}")))
        assert str(error) == "Job: no"
        assert error.path == "$.a"
        assert error.deviations == places
        assert error.body == b"{}"
        assert DecodeError("a").path is None

    def test_options_keep_secrets(self) -> None:
        """The repr of call options shows neither headers nor body."""
        shown = repr(CallOptions(headers={"X-Key": "hush"}, body={"pin": "hush"}, timeout=3.0))
        assert "hush" not in shown
        assert "timeout=3.0" in shown


class TestPackage:
    def test_all_is_exact(self) -> None:
        """Every public name exists and is in `__all__`, in order."""
        public = {
            name
            for name, value in vars(accordant_runtime).items()
            if not name.startswith("_") and (getattr(value, "__module__", None) or "").startswith("accordant_runtime.")
        }
        assert public <= set(accordant_runtime.__all__)
        ordered = sorted(accordant_runtime.__all__, key=lambda name: (not name.isupper(), name))
        assert accordant_runtime.__all__ == ordered
        assert all(hasattr(accordant_runtime, name) for name in accordant_runtime.__all__)
