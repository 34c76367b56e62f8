"""Dispatch appointments become appointments in Dime.Scheduler."""

from __future__ import annotations

from datetime import timedelta

from accordant.dime_scheduler import DimeScheduler
from accordant.dispatch import Dispatch
from accordant_generated.dime_scheduler.models import AppointmentWrite, UpsertJob, UpsertTask
from accordant_generated.dispatch.models import Appointment, Job

SOURCE_APP = "DISPATCH"
SOURCE_TYPE = "VISIT"  # at most 10 characters


def copy_appointments(dispatch: Dispatch, dime: DimeScheduler) -> int:
    """Copy every appointment that is planned and has a time; returns how many. A second run changes nothing.

    ``dime`` needs its ``time_zone``: Dispatch names moments, Dime.Scheduler the tenant's wall clock.
    Dime.Scheduler plans tasks of jobs, so both are handed over first, in one batch.
    """
    planned = [each for each in dispatch.appointments.list(status_in=["scheduled", "enroute"]) if each.time is not None]
    if not planned:
        return 0
    jobs = {job_id: dispatch.jobs.get(job_id) for job_id in sorted({each.job_id for each in planned})}
    handed_over = dime.imports.batch(
        *(_job(job) for job in jobs.values()), *(_task(jobs[each.job_id], each) for each in planned)
    )
    handed_over.raise_for_failures()
    dime.appointments.upsert([_appointment(jobs[each.job_id], each) for each in planned])
    return len(planned)


def _job(job: Job) -> UpsertJob:
    return UpsertJob(
        source_app=SOURCE_APP,
        source_type=SOURCE_TYPE,
        job_no=str(job.id),
        short_description=job.title,
        description=job.description or job.title,
    )


def _task(job: Job, appointment: Appointment) -> UpsertTask:
    return UpsertTask(
        source_app=SOURCE_APP,
        source_type=SOURCE_TYPE,
        job_no=str(job.id),
        task_no=str(appointment.id),
        short_description=job.title,
        description=job.title,
    )


def _appointment(job: Job, appointment: Appointment) -> AppointmentWrite:
    assert appointment.time is not None
    return AppointmentWrite(
        source_app=SOURCE_APP,
        source_type=SOURCE_TYPE,
        job_no=str(job.id),
        task_no=str(appointment.id),
        appointment_no=f"{SOURCE_APP}-{appointment.id}",
        subject=job.title,
        start=appointment.time,
        end=appointment.time + timedelta(seconds=appointment.duration),
    )
