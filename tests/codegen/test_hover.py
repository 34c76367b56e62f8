"""What an editor shows: a language server is asked for the hover of generated names, and what it finds wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.client import wrong_dicts
from tests.codegen.language_server import Editor, opened
from tests.codegen.type_checks import configure_pyright

Hover = Callable[..., str]
ROOT = Path(__file__).parents[2]
PROGRAM = """\
import accordant.errors
from accordant.dispatch import AsyncDispatch, Dispatch
from accordant_generated.dime_scheduler.models import Job
from accordant_generated.dispatch.models import Appointment


def shown(api: Dispatch, appointment: Appointment, job: Job) -> None:
    job.customer_no
    appointment.duration
    appointment.created_at
    api.appointments.create
    api.appointments
    accordant.errors.NotFoundError


async def shown_too(api: AsyncDispatch) -> None:
    api.appointments.create
"""


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor in which a program is open, and one that gives wrong dicts; it checks strictly."""
    folder = tmp_path_factory.mktemp("editor").resolve()
    configure_pyright(folder, *(ROOT / name for name in ("runtime", "generated", "overlays")))
    with opened(folder, {"program.py": PROGRAM, "dicts.py": wrong_dicts.PROGRAM}) as editor:
        yield editor


@pytest.fixture(scope="module")
def hover(editor: Editor) -> Hover:
    """Asks for the hover of the last name in the first line with a text."""

    def ask(text: str, *, last: bool = False) -> str:
        lines = PROGRAM.splitlines()
        found = [number for number, line in enumerate(lines) if line.strip() == text]
        number = found[-1 if last else 0]
        return editor.hover("program.py", number, len(lines[number]) - 2)

    return ask


def test_fields(hover: Hover) -> None:
    """The hover of a field shows its type and what the document says of it."""
    assert "duration: int" in hover("appointment.duration")
    assert "Length of the visit in seconds." in hover("appointment.duration")
    assert "Time of creation" in hover("appointment.created_at")


def test_fields_with_another_name_on_the_wire(hover: Hover) -> None:
    """Such a field shows its type as any other does."""
    assert "customer_no: str | Unset | None" in hover("job.customer_no").replace("None | Unset", "Unset | None")
    assert "Number of the customer in the back office." in hover("job.customer_no")


@pytest.mark.parametrize("last", [False, True], ids=["blocking", "asynchronous"])
def test_methods(hover: Hover, last: bool) -> None:
    """The hover of a method shows its arguments, what it does, and which errors it raises beside those of all."""
    text = hover("api.appointments.create", last=last)
    assert "status: AppointmentStatusInput" in text
    assert "Create an appointment for a job." in text
    assert "duration: Length of the visit in seconds" in text.replace("**", "").replace("`", "").replace("\\", "")
    assert "Also raises an APIStatusError for 400, 422." in text


def test_resources(hover: Hover) -> None:
    """The hover of a resource says what its records are."""
    assert "Visits at which a technician works on a job." in hover("api.appointments")


def test_errors(hover: Hover) -> None:
    """The hover of an error class says what happened."""
    assert "404" in hover("accordant.errors.NotFoundError")


def test_a_wrong_dict_is_an_error(editor: Editor) -> None:
    """basedpyright strict reports a misspelt key, a wrong value, a missing key and a plain dict for a model, and
    accepts what is right; a single step among many kinds is checked as well."""
    assert {line for line, _ in editor.errors("dicts.py")} == wrong_dicts.WRONG
