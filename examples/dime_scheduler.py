"""A back office hands its work to Dime.Scheduler: a job with tasks, planned, tidied up.

Run it against the vendor's sandbox or a local one: ``python -m examples.dime_scheduler`` reads the DIME_SCHEDULER_*
variables.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator

from accordant.dime_scheduler import DimeScheduler
from accordant.dime_scheduler.models import AppointmentWriteParam, CategoryWrite, UpsertJob, UpsertTask
from accordant.errors import AccordantError, APIStatusError


def session(api: DimeScheduler) -> Iterator[str]:
    """Hand over the work; yields one line for each step that worked."""
    api.categories.upsert([CategoryWrite(name="DEMO", display_name="Demonstration", color="#3366cc")])
    yield f"{len(api.categories.list())} categories, DEMO among them"

    outcome = api.imports.batch(
        UpsertJob(
            source_app="DEMO",
            source_type="ORDER",
            job_no="DEMO-1",
            short_description="Boiler check",
            description="Yearly check of the boiler",
        ),
        *(
            UpsertTask(
                source_app="DEMO",
                source_type="ORDER",
                job_no="DEMO-1",
                task_no=str(number),
                short_description=text,
                description=text,
            )
            for number, text in enumerate(("Diagnosis", "Repair", "Report"), start=1)
        ),
    )
    outcome.raise_for_failures()
    yield f"{len(outcome.items)} procedures imported: {', '.join(item.procedure for item in outcome.items)}"

    mine = [task for task in api.tasks.list() if task.job_no == "DEMO-1"]
    yield f"tasks of DEMO-1: {', '.join(str(task.short_description) for task in mine)}"

    start = datetime.datetime(2026, 3, 2, 9)
    appointment: AppointmentWriteParam = {
        "sourceApp": "DEMO",
        "sourceType": "ORDER",
        "jobNo": "DEMO-1",
        "taskNo": "1",
        "appointmentNo": "DEMO-A1",
        "subject": "Boiler check",
        "start": start,
        "end": start + datetime.timedelta(hours=2),
    }
    api.appointments.upsert(appointment)
    yield f"appointment {api.appointments.get('DEMO-A1').appointment_no} is planned"

    try:
        api.appointments.delete({"appointmentNo": "NO-SUCH"})
    except APIStatusError as error:
        yield f"a refused write answers HTTP 200 and raises all the same: {error.message}"
    api.appointments.delete({"appointmentNo": "DEMO-A1"})
    yield "the appointment is gone again"


def main() -> None:
    """Play the session with the credentials of the environment."""
    try:
        with DimeScheduler.from_env() as api:
            for line in session(api):
                print(line)
    except AccordantError as error:
        sys.exit(f"dime_scheduler: {error}")


if __name__ == "__main__":
    main()
