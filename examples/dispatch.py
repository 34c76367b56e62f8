"""A working day with Dispatch: a job arrives, is planned, photographed and done.

Run it against the vendor's sandbox or a local one: ``python -m examples.dispatch`` reads the DISPATCH_* variables.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator

from accordant import Upload
from accordant.dispatch import Dispatch
from accordant.errors import AccordantError, NotFoundError


def session(api: Dispatch) -> Iterator[str]:
    """Play the day; yields one line for each step that worked."""
    organization = api.organizations.create(
        name="Demo Plumbing", email="office@demo-plumbing.example.com", phone_number="+16175550123"
    )
    yield f"organization {organization.id}: {organization.name}"
    job = api.jobs.create_with_related_records(
        title="Kitchen tap drips",
        status="unscheduled",
        address={"street_1": "1 Main Street", "city": "Boston", "state": "MA", "postal_code": "02110"},
        customer={"first_name": "Ada", "last_name": "Example", "email": "ada@example.com"},
        organization={"name": organization.name, "email": organization.email},
    )
    yield f"job {job.id}: {job.title!r} is {job.status}"

    monday = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
    visits = [
        api.appointments.create(job_id=job.id, status="scheduled", time=monday + datetime.timedelta(hours=hour))
        for hour in range(3)
    ]
    yield f"{len(visits)} appointments made; the job is {api.jobs.get(job.id).status} now"

    pages = api.appointments.list(job_id_eq=job.id, status_in=["scheduled", "enroute"], time_gt=monday, limit=1)
    found = pages.prefetch(2).collect()
    yield f"{len(found)} of {pages.total} later than nine, one page each"

    photo = api.datafiles.upload(file=Upload(b"not really a picture", filename="tap.jpg"))
    api.attachments.create(entity_type="Job", entity_id=job.id, description="before", file_token=photo.uid)
    yield f"photo {photo.filename}: {len(api.datafiles.download(photo.uid))} bytes came back"

    done = api.appointments.update(visits[0].id, status="complete")
    api.appointments.delete(visits[2].id)
    try:
        api.appointments.get(visits[2].id)
    except NotFoundError as error:
        yield f"appointment {done.id} is {done.status}; the deleted one answers {error.status}"


def main() -> None:
    """Play the session with the credentials of the environment."""
    try:
        with Dispatch.from_env() as api:
            for line in session(api):
                print(line)
    except AccordantError as error:
        sys.exit(f"dispatch: {error}")


if __name__ == "__main__":
    main()
