"""The error tree: drawn as it is, fit to travel, readable."""

from __future__ import annotations

import copy
import inspect
import pickle
import re

import pytest

from accordant import errors
from accordant.errors import AccordantError, APIStatusError, TransportError, error_for_status

CLASSES = [item for name in errors.__all__ if inspect.isclass(item := getattr(errors, name))]


def drawn() -> dict[str, str]:
    """Child to parent, as the module's docstring draws it."""
    parents: dict[str, str] = {}
    stack: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"^ {4}([│ ├└─]*)(\w+Error)\b", line)
        if not found:
            continue
        depth, name = len(found.group(1)), found.group(2)
        while stack and stack[-1][0] >= depth:
            stack.pop()
        if stack:
            parents[name] = stack[-1][1]
        stack.append((depth, name))
    return parents


def test_the_drawing_is_the_tree() -> None:
    """The tree in the docstring is the real one, without one class missing."""
    real = {}
    for kind in CLASSES:
        bases = [base for base in kind.__bases__ if issubclass(base, AccordantError)]
        if bases:
            real[kind.__name__] = bases[0].__name__
    assert drawn() == real


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)
def test_errors_travel(kind: type[AccordantError]) -> None:
    """Every error can be pickled and copied, with all that it knows."""
    parameters = inspect.signature(kind.__init__).parameters
    samples = {
        "status": 418,
        "code": "teapot",
        "sent": False,
        "operation": "brew",
        "attempts": 3,
        "request_id": "r-1",
        "retry_after": 2.0,
        "body": b"short",
        "details": ["and stout"],
        "may_have_been_applied": True,
        "headers": {"a": "b"},
        "token": "t",
        "content_type": "text/tea",
    }
    error = kind("words", **{name: value for name, value in samples.items() if name in parameters})
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(twin) is kind
        assert str(twin) == str(error)
        assert vars(twin) == vars(error)


@pytest.mark.parametrize("status", range(300, 600))
def test_every_status_has_its_class(status: int) -> None:
    """Every status is an error of its class, 4xx and 5xx never mixed."""
    kind = error_for_status(status)
    expected = {3: errors.RedirectStatusError, 4: errors.ClientStatusError, 5: errors.ServerStatusError}
    assert issubclass(kind, expected[status // 100])


def test_strange_statuses() -> None:
    """A status beyond HTTP's is an APIStatusError, and can be shown."""
    assert error_for_status(700) is APIStatusError
    assert str(APIStatusError("words", status=799, operation="brew")) == "brew: 799: words"


def test_texts() -> None:
    """An error's text says which operation it was, what happened and how often it was tried."""
    assert str(TransportError("broke", operation="getThing", attempts=3)) == "getThing: broke (after 3 attempts)"
    assert str(TransportError("broke")) == "broke"
    error = APIStatusError("no", status=404, operation="getThing", code="no", request_id="r")
    assert str(error) == "getThing: 404 Not Found: no (request id r)"
    applied = APIStatusError(status=500, operation="make", may_have_been_applied=True)
    assert str(applied) == "make: 500 Internal Server Error (the write may have been applied)"


@pytest.mark.parametrize(
    ("status", "name"),
    [(413, "Content Too Large"), (414, "URI Too Long"), (416, "Range Not Satisfiable"), (422, "Unprocessable Content")],
)
def test_a_status_has_one_name_on_every_python(status: int, name: str) -> None:
    """A status is called what RFC 9110 calls it, on every Python: before 3.13 Python has older names for these."""
    assert str(APIStatusError(status=status, operation="make")) == f"make: {status} {name}"


@pytest.mark.parametrize("kind", CLASSES)
def test_errors_are_named_as_they_are_imported(kind: type[Exception]) -> None:
    """A traceback names every error as ``accordant.errors.X``, and a pickle finds it there."""
    assert f"{kind.__module__}.{kind.__qualname__}" == f"accordant.errors.{kind.__name__}"
    assert pickle.loads(pickle.dumps(kind)) is kind
