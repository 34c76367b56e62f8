"""Python names for what a document names."""

from __future__ import annotations

from typing import Any

import pytest

import accordant_runtime
from accordant_codegen.names import constant, identifier, pascal, singular, snake
from accordant_codegen.types.naming import RESERVED, Classes, attributes, member_names


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("listAppointments", "list_appointments"),
        ("FilterJob ID", "filter_job_id"),
        ("filter[status_in]", "status_in"),
        ("ids[]", "ids"),
        ("filter[ids][]", "ids"),
        ("X-API-Key", "x_api_key"),
        ("topX", "top_x"),
        ("HTTPServer2Go", "http_server2_go"),
        ("$", "value"),
        ("2fa", "n2fa"),
        ("class", "class_"),
        ("self", "self_"),
        ("options", "options_"),
        ("None", "none"),
        ("a__b--c", "a_b_c"),
        ("m²", "m"),
    ],
)
def test_snake(text: str, expected: str) -> None:
    """Any name becomes a snake_case identifier that hides nothing which methods need."""
    assert snake(text) == expected
    assert snake(text).isidentifier()


def test_other_forms() -> None:
    """Constants, classes and identifiers are the same words in another dress."""
    assert constant("listAppointments") == "LIST_APPOINTMENTS"
    assert pascal("survey_responses") == "SurveyResponses"
    assert pascal("a-b c") == "ABC"
    assert pascal("2fa") == "N2fa"
    assert identifier("import") == "import_"


@pytest.mark.parametrize(
    ("plural", "expected"),
    [
        ("jobs", "job"),
        ("companies", "company"),
        ("statuses", "status"),
        ("addresses", "address"),
        ("boxes", "box"),
        ("batches", "batch"),
        ("status", "status"),
        ("address", "address"),
        ("analysis", "analysis"),
        ("equipment", "equipment"),
        ("ties", "tie"),
    ],
)
def test_singular(plural: str, expected: str) -> None:
    """The singular of an English plural, by rule."""
    assert singular(plural) == expected


class TestClasses:
    def claimed(self, *wanted: str, enum: bool = False) -> tuple[list[str], list[str]]:
        losses: list[str] = []
        classes = Classes(losses)
        return [classes.claim(name, f"$.{name}", enum=enum) for name in wanted], losses

    def test_plain(self) -> None:
        """A good name is kept, in Python's spelling, and nothing is reported."""
        assert self.claimed("Job", "job_status", "a.b", "API") == (["Job", "JobStatus", "AB", "API"], [])

    @pytest.mark.parametrize("name", ["Model", "Notes", "Any", "Mapping", "Page", "UUID", "Resources", "Failure"])
    def test_reserved(self, name: str) -> None:
        """A name that the generated code needs for itself gets a suffix, and the report says so with the place."""
        assert self.claimed(name) == (
            [f"{name}Type"],
            [f"$.{name}: its class is called {name}Type, since {name} is taken"],
        )

    def test_runtime_is_reserved(self) -> None:
        """Every public name of the runtime is reserved."""
        assert set(accordant_runtime.__all__) <= RESERVED

    @pytest.mark.parametrize("name", ["None", "Exception", "True", "ValueError"])
    def test_builtins(self, name: str) -> None:
        """A class is never called like a builtin, nor with a trailing underscore."""
        assert self.claimed(name)[0] == [f"{name}Type"]

    def test_collisions(self) -> None:
        """Two schemas never share a class, nor a module, whatever their spelling."""
        names, losses = self.claimed("FooBar", "foo_bar", "Foo.Bar", "HTTPCode", "HttpCode")
        assert names == ["FooBar", "FooBarType", "FooBar2", "HTTPCode", "HttpCodeType"]
        assert len(losses) == 3

    def test_enum_input(self) -> None:
        """An enum also needs the name of what arguments take; whoever comes second gives way."""
        losses: list[str] = []
        classes = Classes(losses)
        assert classes.claim("ColorInput", "$.ColorInput") == "ColorInput"
        assert classes.claim("Color", "$.Color", enum=True) == "ColorType"
        assert classes.claim("Size", "$.Size", enum=True) == "Size"
        assert classes.claim("SizeInput", "$.SizeInput") == "SizeInputType"


class TestAttributes:
    def test_spelling(self) -> None:
        """Properties become snake_case attributes; Python's own words get an underscore."""
        assert attributes(dict.fromkeys(["firstName", "class", "type", "self", "uuid", "1x", "_id", "@type"])) == {
            "firstName": "first_name",
            "class": "class_",
            "type": "type_",
            "self": "self_",
            "uuid": "uuid",
            "1x": "field_1x",
            "_id": "field_id",
            "@type": "type_2",
        }

    def test_own_of_models(self) -> None:
        """What a model class defines itself is no attribute of a document."""
        names = ["decode", "from_dict", "to_dict", "additional_properties", "field"]
        assert list(attributes(dict.fromkeys(names)).values()) == [f"{name}_" for name in names]

    def test_collisions(self) -> None:
        """Namesakes are numbered, and the one that is spelt like the attribute keeps it."""
        assert attributes(dict.fromkeys(["Id", "ID", "id"])) == {"Id": "id_2", "ID": "id_3", "id": "id"}

    def test_stated(self) -> None:
        """`x-accordant-name` names the attribute."""
        nodes: dict[str, Any] = {"strName": {"x-accordant-name": "name"}, "name": {}}
        assert attributes(nodes) == {"strName": "name_2", "name": "name"}
        assert attributes({"strName": {"x-accordant-name": "name"}}) == {"strName": "name"}

    @pytest.mark.parametrize("names", [["", "$", "é"], ["a-b", "a.b", "a b", "a_b"]])
    def test_always_identifiers(self, names: list[str]) -> None:
        """Whatever the properties are called, their attributes are different identifiers."""
        found = list(attributes(dict.fromkeys(names)).values())
        assert len(set(found)) == len(names)
        assert all(name.isidentifier() and not name.startswith("_") for name in found)


class TestMemberNames:
    def test_documented(self) -> None:
        """The document's names are used, in Python's spelling; those of null and repeated values are left out."""
        assert member_names(["low", "Very High"], [1, 2], [1, 2]) == ["LOW", "VERY_HIGH"]
        assert member_names(["A", "NONE", "B"], ["a", None, "b"], ["a", "b"]) == ["A", "B"]

    def test_too_few(self) -> None:
        """Values that a vendor adds without names leave the others theirs."""
        assert member_names(["Planning", "Project"], [0, 1, 2], [0, 1, 2]) == ["PLANNING", "PROJECT", "VALUE_2"]
        assert member_names(["A"], ["x", "y z", None], ["x", "y z"]) == ["A", "Y_Z"]
        assert member_names(["A"], [1, -2], [1, -2]) == ["A", "VALUE_NEGATIVE_2"]

    @pytest.mark.parametrize("names", [None, [], ["A", "a"], ["A", "A"], ["A", "B", "C"], "AB"])
    def test_unusable(self, names: Any) -> None:
        """Names that are too many or that collide are not used."""
        assert member_names(names, [1, 2], [1, 2]) is None

    def test_collisions(self) -> None:
        """Of values whose names would be the same the first has it, the others are told apart by what they are."""
        values = ["ASC", "asc", "foo_bar", "foo-bar", "desc"]
        assert member_names(None, values, values) == ["ASC", "ASC_LOWER", "FOO_BAR", "FOO_BAR_LOWER", "DESC"]

    @pytest.mark.parametrize("values", [["<", "<=", "", "2fa"], ["asc", "ASC", "Asc", "a sc", "1", "-1", "+1"]])
    def test_growth(self, values: list[str]) -> None:
        """A value that joins an enum changes the name of none that was there before."""
        whole = member_names(None, values, values)
        assert whole is not None
        assert len(set(whole)) == len(values)
        for count in range(1, len(values)):
            some = member_names(None, values[:count], values[:count])
            assert some is None or some == whole[:count]

    def test_signs(self) -> None:
        """A text without letters and digits is spelt, and one that begins with a digit keeps it."""
        values = ["<=", "", "2fa"]
        assert member_names(None, values, values) == ["LESS_THAN_SIGN_EQUALS_SIGN", "EMPTY", "VALUE_2FA"]

    def test_plain(self) -> None:
        """Where the generator's own names are good there is nothing to say."""
        assert member_names(None, ["open", "closed"], ["open", "closed"]) is None
