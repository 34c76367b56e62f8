"""Jobs that can be waited for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from accordant_generated.dispatch import jobs as generated
from accordant_generated.dispatch.aio import jobs as generated_aio
from accordant_runtime import CallOptions, Lazy

from ..clients import DEADLINE, INTERVAL, States, own_async_caller, own_caller, reached

if TYPE_CHECKING:
    from accordant_generated.dispatch.models.job import Job
    from accordant_generated.dispatch.models.job_status import JobStatus, JobStatusInput

_STATUS: Final[Lazy[JobStatus]] = Lazy("accordant_generated.dispatch.models.job_status", "JobStatus")
_STATES: Final[States[Job]] = States(generated.GET_JOB, "id", "job", _STATUS)


class Jobs(generated.Jobs):
    """Pieces of work, with their contacts and suggested times."""

    def wait_until(
        self,
        id: int,
        *,
        status: JobStatusInput | Sequence[JobStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> Job:
        """Wait until a job has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            id: Id of the job.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the job as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return caller.io.run(reached(session, defaults, _STATES, id, status, deadline, interval, options))


class AsyncJobs(generated_aio.AsyncJobs):
    """Pieces of work, with their contacts and suggested times."""

    async def wait_until(
        self,
        id: int,
        *,
        status: JobStatusInput | Sequence[JobStatusInput],
        deadline: float | None = DEADLINE,
        interval: float = INTERVAL,
        options: CallOptions | None = None,
    ) -> Job:
        """Wait until a job has a status, and return it as it is then.

        Looks at once, after ``interval`` seconds, and then at growing intervals of at most 15 seconds.

        Args:
            id: Id of the job.
            status: The status to wait for, or several of which one is enough.
            deadline: Seconds to wait at most; ``None`` is no limit.
            interval: Seconds before the second look.

        Raises a WaitTimeoutError with the job as it was seen last when ``deadline`` is over, a
        RequestError for a status that is not documented, and what ``get`` raises.
        """
        caller = own_async_caller(self._caller)
        session, defaults = caller.session, caller.defaults
        return await caller.io.run(reached(session, defaults, _STATES, id, status, deadline, interval, options))
