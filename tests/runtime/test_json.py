"""JSON with values that are none: what is kept, what is noted, and that both readers agree."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from accordant_runtime import Notes, TooDeepError, dumps, loads
from accordant_runtime._json import key_as_read

RUNTIME = Path(__file__).parents[2] / "runtime"

LONG = "123456789012345678901234567890"
NAN, INFINITY = float("nan"), float("inf")

ODD: list[tuple[str, bytes, Any, list[str]]] = [
    ("NaN", b'{"a": [1, NaN]}', {"a": [1, NAN]}, ["bad_value $.a[1]: expected a JSON value, found NaN"]),
    ("-Infinity", b"-Infinity", -INFINITY, ["bad_value $: expected a JSON value, found -Infinity"]),
    (
        "a number beyond floats",
        b'{"a": 1e400}',
        {"a": INFINITY},
        ["bad_value $.a: expected a number that fits into a float, found 1e400"],
    ),
    (
        "an integer without an end",
        b'{"a": -' + b"1" * 5000 + b"}",
        {"a": -INFINITY},
        ["bad_value $.a: expected a number of some thousand digits at most, found 5001 digits"],
    ),
    (
        "an escaped lone surrogate",
        rb'{"a": "x\ud800", "b": "\ud83d\ude00"}',
        {"a": "x\ud800", "b": "\U0001f600"},
        [r"bad_value $.a: expected Unicode text, found 'x\ud800'"],
    ),
    (
        "an escaped lone low surrogate",
        rb'["\ude00", "\\ud800"]',
        ["\ude00", r"\ud800"],
        [r"bad_value $[0]: expected Unicode text, found '\ude00'"],
    ),
    (
        "invalid UTF-8 in one field",
        b'{"a": {"b": "x\xff"}, "c": "\xc3\xbc"}',
        {"a": {"b": "x\udcff"}, "c": "\xfc"},
        [r"bad_value $.a.b: expected Unicode text, found 'x\udcff'"],
    ),
    (
        "invalid UTF-8 in a key",
        b'{"\xff": 1}',
        {"\udcff": 1},
        [r"bad_value $.\udcff: expected a Unicode key, found '\udcff'"],
    ),
    (
        "repeated keys",
        b'[{"a": 1, "b": {"c": ":", "c": 2, "c": 3}, "a": 4}]',
        [{"a": 4, "b": {"c": 3}}],
        [
            "duplicate $[0].a: expected one value, found 2 values, the last one kept",
            "duplicate $[0].b.c: expected one value, found 3 values, the last one kept",
        ],
    ),
    ("repeated keys, spaced", b'{"a" : 1, "a" : 1}', {"a": 1}, ["duplicate $.a: expected one value, found 2 values,"]),
    (
        "a repeated key beside an escaped colon",
        rb'{"a":"\u003a","a":"\u003A"}',
        {"a": ":"},
        ["duplicate $.a: expected one value, found 2 values,"],
    ),
    (
        "digits that a float drops",
        b"[0.12345678901234567890123]",
        [0.12345678901234568],
        ["precision $[0]: expected a number that fits into a float, found 0.12345678901234567890123"],
    ),
    (
        "digits that the second of two long floats drops",
        b"[0.0012345678901234567,0.12345678901234567890123]",
        [0.0012345678901234567, 0.12345678901234568],
        ["precision $[1]: expected a number that fits into a float, found 0.12345678901234567890123"],
    ),
    (
        "digits on both sides of the point",
        b'{"a": 1234567890.1234567891, "b": [-123456789.1234567891e2]}',
        {"a": 1234567890.1234567, "b": [-12345678912.345678]},
        [
            "precision $.a: expected a number that fits into a float, found 1234567890.1234567891",
            "precision $.b[0]: expected a number that fits into a float, found -123456789.1234567891e2",
        ],
    ),
    (
        "a long number after long texts",
        b'["12345678901234567890", "0.12345678901234567890", 0.12345678901234567891]',
        ["12345678901234567890", "0.12345678901234567890", 0.12345678901234568],
        ["precision $[2]: expected a number that fits into a float, found 0.12345678901234567891"],
    ),
    (
        "long floats in full",
        rb'{"a\u0020":[0.0012345678901234567, -0.00012345678901234567]}',
        {"a ": [0.0012345678901234567, -0.00012345678901234567]},
        [],
    ),
    ("a long float in a text", rb'["\u0020, 0.0012.5678901234567890123, b"]', [" , 0.0012.5678901234567890123, b"], []),
    ("a long integer", b'{"a": [-%s]}' % LONG.encode(), {"a": [-int(LONG)]}, []),
    ("beyond 64 bits", b"[18446744073709551616,-9223372036854775809]", [2**64, -(2**63) - 1], []),
    ("digits in a text", f'["{LONG}", "a: {LONG}, b"]'.encode(), [LONG, f"a: {LONG}, b"], []),
    ("a float in full", b"[0.1000000000000000055511151231257827021181583404541015625]", [0.1], []),
    ("a byte order mark", b'\xef\xbb\xbf{"a": 1}', {"a": 1}, []),
    ("UTF-16", '{"a": "ü"}'.encode("utf-16-le"), {"a": "ü"}, ["encoding $: expected UTF-8, found utf-16-le"]),
    ("UTF-16 with its mark", '{"a": "ü"}'.encode("utf-16"), {"a": "ü"}, ["encoding $: expected UTF-8, found utf-16"]),
    ("UTF-32", '{"a": "ü"}'.encode("utf-32-be"), {"a": "ü"}, ["encoding $: expected UTF-8, found utf-32-be"]),
    ("escapes", rb'{"a": "\u003cb\u003e \"c\":1 \u0022d\u0022:2", "e": 1.50}', {"a": '<b> "c":1 "d":2', "e": 1.5}, []),
]

BROKEN = [
    b"",
    b"{",
    b"nope",
    b"{'a': 1}",
    b"[01]",
    b"[1,]",
    b"\xff",
    b"\xff\xfe\x00",
    b'["\n"]',
    b"[1] 2",
    b"[" * 100_000,
    b'{"a":' * 100_000,
]


@pytest.mark.parametrize(("data", "value", "said"), [case[1:] for case in ODD], ids=[case[0] for case in ODD])
def test_odd_values(data: bytes, value: Any, said: list[str]) -> None:
    """A value that JSON does not have costs neither the document nor its text: it is kept, and noted with its path."""
    notes = Notes()
    assert repr(loads(data, notes)) == repr(value)
    assert len(notes.items) == len(said)
    for item, start in zip(notes.items, said, strict=True):
        assert f"{item.kind} {item}".startswith(start)


@pytest.mark.parametrize("data", BROKEN, ids=range(len(BROKEN)))
def test_broken(data: bytes) -> None:
    """What is no JSON at all is a ValueError, with notes as without, however deep it is nested."""
    for notes in (None, Notes()):
        with pytest.raises(ValueError, match=r".+"):
            loads(data, notes)


@pytest.mark.parametrize("start", [b"[", b'{"a":'], ids=["lists", "objects"])
def test_the_deepest(start: bytes) -> None:
    """254 levels are read, as many as can be sent; one more is a TooDeepError that names the place, with any reader."""

    def nested(levels: int) -> bytes:
        return b'{"key": [' + start * (levels - 2) + b"1" + {b"[": b"]"}.get(start, b"}") * (levels - 2) + b"]}"

    assert loads(dumps(loads(nested(254)))) == loads(nested(254))
    for notes in (None, Notes()):
        with pytest.raises(TooDeepError, match=r"more than 254 levels deep below \$\.key\[0\]"):
            loads(nested(255), notes)
    with pytest.raises(TooDeepError, match="more than 254 levels deep at character 255"):
        loads(b"[" * 100_000)
    assert loads(b'["' + b"[" * 1000 + b'"' + b",[]" * 1000 + b"]", Notes())[1000] == []


def test_without_notes() -> None:
    """Where nobody takes notes, a value that JSON does not have is a ValueError that names its path."""
    for _, data, value, said in ODD:
        if said and said[0].startswith("bad_value"):
            with pytest.raises(ValueError, match=r"^\$.*: expected "):
                loads(data)
        else:
            assert loads(data) == value


def test_written_back() -> None:
    """What was kept is the value that came: written and read by Python's own reader, it is what that reads at once."""
    for name, data, _, said in ODD:
        if "UTF" not in name and not any(
            item.startswith(("precision", "bad_value $.a: expected a num")) for item in said
        ):
            came = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
            assert repr(json.loads(json.dumps(loads(data, Notes())))) == repr(came)


def test_both_readers_agree() -> None:
    """With orjson and without it the same bodies give the same values, the same notes and errors of the same type."""
    code = """
import sys
if sys.argv[1] == "plain":
    sys.modules["orjson"] = None
from accordant_runtime import Notes, RequestError, dumps, loads
for line in sys.stdin:
    data = bytes.fromhex(line)
    notes = Notes()
    for given in (notes, None):
        try:
            print(repr(loads(data, given)), [(item.kind, item.path, item.found) for item in notes.items])
        except Exception as error:
            print(type(error).__mro__[-4:])
for value in (2**70, float("nan"), [0.5, {"a": "\\ud800"}], b"x", object(), {"\\udfff": 1}, None, [None, 1.5], {1: 2}):
    try:
        print(dumps(value))
    except TypeError as error:
        print(str(error).partition(" object at")[0])
"""
    deep = [b"[" * count + b"]" * count for count in (254, 255, 900, 1200, 30_000)]
    deep += [b'{"a":' * count + b"1" + b"}" * count for count in (254, 255, 300)]
    lines = "\n".join(data.hex() for data in (*(case[1] for case in ODD), *BROKEN[1:], *deep))
    results = [
        subprocess.run(
            [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(RUNTIME)!r})\n{code}", reader],
            input=lines,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for reader in ("fast", "plain")
    ]
    assert results[0] == results[1]
    assert len(results[0].splitlines()) == 2 * (len(ODD) + len(BROKEN) + 7) + 9


@pytest.mark.parametrize("name", ["", "Uid", "a\0b", "\ud800", "é" * 40, "__proto__"])
def test_keys_as_read(name: str) -> None:
    """Models look for a key that equals the one of their table, half characters and all."""
    assert key_as_read(name) == name


def test_a_key_is_read_into_the_same_object_again() -> None:
    """orjson gives a key that it has read once more as the same object: that is why models look for that one."""
    key = key_as_read("TheKeyOfThisTest")
    (read,) = loads(b'{"TheKeyOfThisTest": 1}')
    assert read is key
