"""The names that users import: models of a vendor, and texts beside enums where a list is filtered."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest

from accordant._cli.methods import vendor_names
from accordant.dispatch import Dispatch, models
from accordant.dispatch.models import Appointment, AppointmentStatus
from accordant.testing import Script


@pytest.mark.parametrize("vendor", vendor_names())
def test_models_of_every_vendor(vendor: str) -> None:
    """`accordant.<vendor>.models` has every model of the vendor, each the very class that methods take and return."""
    public = import_module(f"accordant.{vendor}.models")
    generated = import_module(f"accordant_generated.{vendor}.models")
    assert dir(public) == sorted(public.__all__) == sorted(generated.__all__)
    assert len(public.__all__) > 50
    for name in public.__all__:
        assert getattr(public, name) is getattr(generated, name)
    with pytest.raises(AttributeError, match=f"module 'accordant.{vendor}.models' has no attribute 'Appointmnt'"):
        public.Appointmnt  # noqa: B018 - asking for it is what fails


def test_models_are_imported_when_used() -> None:
    """To import the models of a vendor loads none of them: the first use of a name does."""
    code = (
        "import sys; from accordant.dispatch import models; made = 'accordant_generated.dispatch.models.';"
        "print(len([name for name in sys.modules if name.startswith(made)]), models.TimeWindow.__name__)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "0 TimeWindow\n"


def test_texts_filter_a_list() -> None:
    """A `list[str]`, read from a file or a form, filters a list as the enum does; a type checker agrees."""
    script = Script(*[(200, {"appointments": [{"id": 7}], "meta": {"total": 1}})] * 2)
    texts: list[str] = [str(word) for word in ("scheduled", "enroute")]
    members = [AppointmentStatus.SCHEDULED, AppointmentStatus.ENROUTE]
    with Dispatch(token="invented", transport=script) as api:
        found: Appointment | None = api.appointments.list(status_in=texts).first()
        assert isinstance(found, models.Appointment)
        api.appointments.list(status_in=members).first()
    assert script.requests[0].query == script.requests[1].query
    assert ("filter[status_in]", "scheduled,enroute") in script.requests[0].query
