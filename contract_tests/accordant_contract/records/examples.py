"""Valid values from schemas, from one seeded source, no two texts alike.

A value is found in this order: the vendor's word for that name, a reference to a record, the schema's own example,
its enum, then whatever its type, format and limits ask for.
"""

from __future__ import annotations

import datetime
import random
import re
import uuid
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attrs import evolve, field, frozen

from accordant_runtime import is_object

from ..document.schemas import Schemas, types_of, undescribed
from ..document.values import ABSENT, Part
from .texts import Kind, special

Refer = Callable[[str], Any]
"""The id of a record of a kind, or ``ABSENT`` where there is none."""

MOST = 400
"""Properties of a body after which those inside of its objects are left out that need not be there."""
REFERENCE = "x-accordant-reference"
_DEEPEST = 6
_WORDS = ("amber", "birch", "cedar", "dune", "elm", "fjord", "grove", "heath", "isle", "juniper", "kelp", "larch")
_EXTRA = "é ß 中 🔧"
_PLACES = 6  # more decimals than money has, and more than four bytes hold


@frozen
class Recipe:
    """How to fill one object.

    ``full`` takes every property, else only the required ones; ``variant`` turns through enum values and null;
    ``fixed`` gives properties outright, ``required`` are some that are filled in any case, both by their name at the
    top of the object. ``unicode`` adds letters beyond ASCII, and shows instants with an offset. ``text`` is the kind
    of text that fills what takes any text, but for the properties that are ``plain``, at any depth.
    """

    full: bool = True
    variant: int = 0
    fixed: Mapping[str, Any] = field(factory=dict[str, Any])
    required: frozenset[str] = frozenset()
    unicode: bool = False
    text: Kind = ""
    plain: frozenset[str] = frozenset()


class Examples:
    """Makes values. ``hints`` are a vendor's values by property name; ``now`` is the target's time.

    ``salt`` makes the texts of this run differ from those of another one with the same seed: a target that outlives
    the run would take them for duplicates.
    """

    def __init__(
        self,
        schemas: Schemas,
        refer: Refer,
        hints: Mapping[str, Callable[[int], Any]],
        seed: int,
        now: datetime.datetime,
        salt: int = 0,
        mark: str = "",
    ) -> None:
        self._schemas = schemas
        self._refer = refer
        self._hints = hints
        self._random = random.Random(f"{seed}/{salt}" if salt else seed)
        self._now = now.replace(microsecond=0)
        self._count = salt
        self._mark = f"{mark} " if mark else ""
        self._room = MOST
        self.spell: Callable[[str, str], Any] = lambda _kind, _format: ABSENT
        """The field of a record that has a format, where its key has another one."""
        self.inventing = False
        """Whether an id is made up where no record has one."""

    def body(self, schema: Mapping[str, Any], recipe: Recipe) -> Any:
        """A body that the schema allows; ``ABSENT`` when a required reference cannot be filled."""
        self._room = MOST
        plain = self._schemas.schema(schema)
        if "object" in types_of(plain) or "properties" in plain:
            return self._object(plain, recipe, 0, top=True)
        return self.value("", plain, recipe)

    def value(self, name: str, schema: Mapping[str, Any], recipe: Recipe, depth: int = 0) -> Any:
        """A value for one property or parameter of that name."""
        plain = self._schemas.schema(schema)
        if plain.get("x-accordant-reference"):
            found = self._reference(plain)
            if found is ABSENT and self.inventing:
                return self.value(name, {key: each for key, each in plain.items() if key != REFERENCE}, recipe, depth)
            if found is not ABSENT or "null" not in types_of(plain):
                return found
            return None
        if name in self._hints:
            return self._hints[name](self.next())
        if "const" in plain:
            return plain["const"]
        if "enum" in plain:
            choices = [each for each in plain["enum"] if each is not None]
            return choices[recipe.variant % len(choices)]
        choices = [*plain.get("oneOf", ()), *plain.get("anyOf", ())]
        if choices:
            chosen = choices[recipe.variant % len(choices)]
            made, told = self.value(name, chosen, recipe, depth), self._schemas.told(plain, chosen)
            return {**made, **told} if told and is_object(made) else made
        return self._typed(name, plain, recipe, depth)

    def next(self) -> int:
        """A number that was not given before."""
        self._count += 1
        return self._count

    def text(self) -> str:
        """A short text that nobody else has."""
        words = f"{self._random.choice(_WORDS)} {self._random.choice(_WORDS)} {self._random.randrange(16**6):06x}"
        return f"{self._mark}{words}"

    def _reference(self, schema: Mapping[str, Any]) -> Any:
        kind = str(schema["x-accordant-reference"])
        found, form = self._refer(kind), schema.get("format")
        if form and isinstance(found, str) and not self._schemas.has_format(str(form), found):
            found = self.spell(kind, str(form))
        return [found] if found is not ABSENT and "array" in types_of(schema) else found

    def _object(self, schema: Mapping[str, Any], recipe: Recipe, depth: int, *, top: bool = False) -> Any:
        required = schema.get("required", ())
        result: dict[str, Any] = {}
        for name, part in schema.get("properties", {}).items():
            if top and name in recipe.fixed:
                result[name] = recipe.fixed[name]
                continue
            plain = self._schemas.schema(part)
            needed = name in required and not plain.get("readOnly")  # of responses alone then
            wanted = needed or (top and name in recipe.required)
            if not wanted and (not recipe.full or _vendor_sets(plain) or _is_id(name, plain) or depth > _DEEPEST):
                continue
            self._room -= 1
            if not wanted and self._room < 0 and depth:
                continue
            value = self.value(name, plain, recipe, depth + 1)
            if value is ABSENT and wanted:
                return ABSENT
            if value is not ABSENT:
                result[name] = value
        for name in undescribed(schema):
            if not (top and name in recipe.fixed):
                more = schema.get("additionalProperties")
                result[name] = self.value(name, more if is_object(more) else {}, recipe, depth + 1)
        spare = (name for name in schema.get("properties", {}) if name not in result)
        while len(result) < int(schema.get("minProperties", 0)) and (name := next(spare, None)) is not None:
            result[name] = self.value(name, schema["properties"][name], recipe, depth + 1)
        extra = {name: value for name, value in recipe.fixed.items() if top and name not in result}
        return {name: value for name, value in {**result, **extra}.items() if value is not ABSENT}

    def _typed(self, name: str, schema: Mapping[str, Any], recipe: Recipe, depth: int) -> Any:
        kind = next((each for each in types_of(schema) if each != "null"), "")
        if kind == "object" or "properties" in schema:
            return self._object(schema, recipe, depth)
        if kind == "array":
            return self._array(name, schema, recipe, depth)
        if kind in ("integer", "number"):
            return self._number(schema, whole=kind == "integer")
        if kind == "boolean":
            return recipe.variant % 2 == 0
        if kind == "string":
            return self._string(name, schema, recipe)
        return self.text() if "null" not in types_of(schema) else None

    def _array(self, name: str, schema: Mapping[str, Any], recipe: Recipe, depth: int) -> Any:
        least = max(int(schema.get("minItems", 0)), 1 if depth <= _DEEPEST else 0)
        size = max(least, min(2, int(schema.get("maxItems", 2)))) if depth <= 2 else least
        # Each item one variant further: several enum values, and of two booleans only one is true.
        turns = [evolve(recipe, variant=recipe.variant + index) for index in range(size)]
        items = [self.value(name, schema.get("items", {}), turn, depth + 1) for turn in turns]
        if any(item is ABSENT for item in items):
            return ABSENT
        if schema.get("uniqueItems") or "enum" in self._schemas.schema(schema.get("items", {})):
            items = [item for index, item in enumerate(items) if item not in items[:index]]
        return items

    def _number(self, schema: Mapping[str, Any], *, whole: bool) -> Any:
        low, high = _limits(schema)
        step = schema.get("multipleOf")
        if whole or (step and float(step).is_integer()):
            unit = int(step or 1)
            return -(-int(low) // unit) * unit + unit * self._random.randrange(max(1, (int(high) - int(low)) // unit))
        return round(self._random.uniform(low, min(high, low + 900)), 2 if step else _PLACES)

    def _string(self, name: str, schema: Mapping[str, Any], recipe: Recipe) -> Any:
        kind = schema.get("format", "")
        self._count += 1
        if kind == "binary":
            return Part(f"{self._random.randrange(16**6):06x}.txt", "text/plain", self.text().encode())
        made = self._formatted(kind, elsewhere=recipe.unicode or self._count % 3 == 0)
        if made is not None:
            return made
        if "pattern" in schema:
            return from_pattern(str(schema["pattern"]), self._random)
        if recipe.text and name not in recipe.plain and not name.endswith(("url", "uri")):
            token, longest = f"{self._mark}tx{self._random.randrange(16**6):06x}", schema.get("maxLength")
            if longest is None or int(longest) > len(token) + 1:
                return special(recipe.text, token, None if longest is None else int(longest), self._count)
        plain = self.text() + (f" {_EXTRA}" if recipe.unicode else "")
        if name.endswith(("url", "uri")):
            plain = f"https://example.com/{plain.replace(' ', '-')}"
        longest = int(schema.get("maxLength", len(plain)))
        return plain[-longest:].strip().ljust(min(int(schema.get("minLength", 0)), longest), "x")

    def _formatted(self, kind: str, *, elsewhere: bool) -> str | None:
        minutes = self._random.randrange(600)
        if not kind:
            return None
        later = datetime.timedelta(days=1 + self._count % 50, minutes=minutes)
        moment = self._now + later + datetime.timedelta(seconds=1 + self._count % 58)  # so that lost seconds show
        makers: dict[str, Callable[[], str]] = {
            "date-time": lambda: _instant(moment, elsewhere=elsewhere),
            "local-date-time": lambda: f"{moment:%Y-%m-%dT%H:%M:%S}",
            "date": lambda: f"{moment:%Y-%m-%d}",
            "time": lambda: f"{moment:%H:%M:%S}Z",
            "uuid": lambda: str(uuid.UUID(int=self._random.getrandbits(128), version=4)),
            "email": lambda: f"{self._random.choice(_WORDS).title()}.{self._random.randrange(16**8):08x}@example.com",
            "uri": lambda: f"https://example.com/{self._random.randrange(16**8):08x}",
            "hostname": lambda: f"{self._random.randrange(16**8):08x}.example.com",
            "ipv4": lambda: f"192.0.2.{self._random.randrange(1, 255)}",
            "duration": lambda: f"PT{self._random.randrange(1, 300)}M",
            "byte": lambda: "dHJlYXR5",
        }
        maker = makers.get(kind)
        return maker() if maker else None


def _instant(moment: datetime.datetime, *, elsewhere: bool) -> str:
    """An instant in UTC, or as clocks east of it show it."""
    if elsewhere:
        return f"{moment + datetime.timedelta(hours=5, minutes=30):%Y-%m-%dT%H:%M:%S}+05:30"
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def from_pattern(pattern: str, source: random.Random) -> str:
    """A text for a pattern of classes, ``\\d``, ``\\w`` and counts; for any other the shortest that fits."""
    made = _simple(pattern, source)
    try:
        return made if re.search(pattern, made) else _shortest(pattern)
    except re.error:
        return made  # a pattern of another dialect


@cache
def _shortest(pattern: str) -> str:
    from hypothesis import HealthCheck, find, settings  # heavy, and seldom needed
    from hypothesis.errors import HypothesisException
    from hypothesis.strategies import from_regex

    quietly = settings(
        database=None,
        derandomize=True,
        max_examples=200,
        suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
    )
    try:
        return find(from_regex(pattern), bool, settings=quietly)
    except HypothesisException:
        return ""


def _simple(pattern: str, source: random.Random) -> str:
    made = ""
    body = pattern.removeprefix("^").removesuffix("$")
    for atom, low, high, sign in re.findall(r"(\[[^]]+\]|\\.|\(.*?\)|[^\\[(])(?:\{(\d+)(?:,(\d*))?\}|([*+?]))?", body):
        least = int(low) if low else {"+": 3, "*": 6, "?": 0}.get(sign, 1)
        made += "".join(_one_of(atom, source) for _ in range(least if least or not high else 1))
    return made


def _one_of(atom: str, source: random.Random) -> str:
    if atom == "\\d":
        return str(source.randrange(1, 10))
    if atom == "\\w":
        return source.choice("abcdef")
    if atom.startswith("["):
        return source.choice([letter for letter in _letters(atom[1:-1]) if letter != "0"] or ["0"])
    if atom.startswith("("):
        return _simple(atom[1:-1].removeprefix("?:").split("|")[0], source)
    return atom.removeprefix("\\")


def _letters(inside: str) -> str:
    """The letters of a class; one behind a backslash begins no range."""
    shorthands = {"d": "0-9", "w": "a-zA-Z0-9_", "s": " "}
    plain = re.sub(r"\\([dws])", lambda found: shorthands[found[1]], inside)
    return re.sub(
        r"\\(.)|([^\\])-([^\\])",
        lambda found: found[1] or "".join(map(chr, range(ord(found[2]), ord(found[3]) + 1))),
        plain,
    )


def _vendor_sets(schema: Mapping[str, Any]) -> bool:
    return bool(schema.get("readOnly") or schema.get("x-accordant-read-only"))


def _is_id(name: str, schema: Mapping[str, Any]) -> bool:
    """Whether it is the record's own id, which the vendor gives to what is new."""
    return name.lower() == "id" and not schema.get("x-accordant-reference")


def _limits(schema: Mapping[str, Any]) -> tuple[float, float]:
    low = float(schema.get("minimum", schema.get("exclusiveMinimum", 0) + ("exclusiveMinimum" in schema)))
    high = float(schema.get("maximum", schema.get("exclusiveMaximum", low + 5000)))
    return low, max(low, high)
