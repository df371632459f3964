"""Enqueue, run, cancel and reap jobs."""

import logging
import mmap
import threading
import time
import traceback
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import close_old_connections, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from annotate.access.models import Organisation, User
from annotate.jobs.models import Job, State
from annotate.jobs.registry import HANDLERS, Cancelled, Handler, Interrupted, JobError

log = logging.getLogger(__name__)

# One byte that a worker shares with the processes that it forks: not 0 once the worker is to end.
_ending = mmap.mmap(-1, 1)


def enqueue(
    handler: Handler,
    *,
    organisation: Organisation,
    title: str,
    project: Any = None,
    user: User | None = None,
    **params: Any,
) -> Job:
    """A new job, sent to the broker once the surrounding transaction has committed."""
    job = Job.objects.create(
        handler=handler.name,
        queue=handler.queue,
        organisation=organisation,
        project=project,
        title=title[:200],
        params=params,
        created_by=user,
    )
    transaction.on_commit(lambda: send(job))
    return job


def send(job: Job) -> None:
    """Hand the job's id to the broker. A broker that is away is no error: the reaper sends it again."""
    from annotate.jobs.tasks import run_job

    Job.objects.filter(pk=job.pk).update(sent_at=timezone.now())
    try:
        run_job.apply_async(args=[str(job.pk)], queue=job.queue, retry=False)
    except Exception as error:
        Job.objects.filter(pk=job.pk).update(sent_at=None)
        log.warning("the broker did not take job %s (%s); the reaper will send it again", job.pk, error)


def request_cancel(*, job: Job) -> None:
    """Cancel at once what waits; ask what runs to stop at its next report."""
    now = timezone.now()
    waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED)
    if not waiting.update(state=State.CANCELLED, cancel_requested=True, finished_at=now, message="Cancelled."):
        Job.objects.filter(pk=job.pk, state=State.RUNNING).update(cancel_requested=True)


def run(job_id: UUID | str) -> None:
    """Do one job, if it still waits: the claim is a single statement, so a job sent twice runs once."""
    now = timezone.now()
    claimed = Job.objects.filter(pk=job_id, state=State.QUEUED).update(
        state=State.RUNNING,
        attempts=F("attempts") + 1,
        started_at=now,
        heartbeat_at=now,
        message="",
        error="",
    )
    if not claimed:
        return
    job = Job.objects.select_related("organisation", "project", "created_by").get(pk=job_id)
    handler = HANDLERS.get(job.handler)
    heartbeat = Heartbeat(job)
    try:
        if handler is None:
            raise JobError(f"This worker knows no job called {job.handler!r}; is it of the same version as the web?")
        with heartbeat:
            result = handler.run(job, heartbeat.report, **job.params)
        _finish(job, State.DONE, result=dict(result or {}), message="")
    except Cancelled:
        _finish(job, State.CANCELLED, message="Cancelled.")
    except Interrupted:
        _put_back(job)
    except JobError as error:
        _finish(job, State.FAILED, error=str(error))
    except Exception as error:
        log.exception("job %s (%s) failed", job.pk, job.handler)
        _finish(
            job,
            State.FAILED,
            error=f"{type(error).__name__}: {error}",
            result={"traceback": traceback.format_exc(limit=-8)},
        )


def _finish(job: Job, state: State, **values: Any) -> None:
    now = timezone.now()
    fence = Job.objects.filter(pk=job.pk, attempts=job.attempts, state=State.RUNNING)
    fence.update(state=state, finished_at=now, heartbeat_at=now, **values)


def interrupt() -> None:
    """Let the jobs of this worker go back to the queue at their next report, because the worker is to end."""
    _ending[0] = 1


def _put_back(job: Job) -> None:
    """Back to the queue, unpunished: the reaper sends it again as soon as a worker can be expected."""
    fence = Job.objects.filter(pk=job.pk, attempts=job.attempts, state=State.RUNNING)
    fence.update(
        state=State.QUEUED,
        attempts=job.attempts - 1,
        sent_at=None,
        message="Its worker was stopped; it goes on with the next one.",
    )


class Heartbeat:
    """Shows that a job is alive, also while its handler is deep in a library, and carries its reports."""

    def __init__(self, job: Job) -> None:
        self._rows = Job.objects.filter(pk=job.pk, attempts=job.attempts, state=State.RUNNING)
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name=f"heartbeat-{job.pk}")
        self._reported = 0.0
        self._last = (0, None, "")

    def __enter__(self) -> "Heartbeat":
        # A thread has a connection of its own; an in-memory database exists in one connection only.
        if not (connection.vendor == "sqlite" and connection.is_in_memory_db()):
            self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _beat(self) -> None:
        while not self._stop.wait(settings.JOB_HEARTBEAT_SECONDS):
            try:
                close_old_connections()
                self._touch()
            except Exception:
                log.exception("heartbeat failed")
        connection.close()

    def _touch(self, **values: Any) -> None:
        self._rows.update(heartbeat_at=timezone.now(), **values)
        row = self._rows.values_list("cancel_requested", flat=True).first()
        if row is None or row:  # somebody else has the job now, or it is to stop
            self._lost.set()

    def report(self, done: int, total: int | None = None, message: str = "") -> None:
        """Write progress, four times a second at most; raises when the job is to stop (see `Progress`)."""
        now = time.monotonic()
        if now - self._reported >= 0.25 or message != self._last[2] or done == total:
            self._reported, self._last = now, (done, total, message)
            self._touch(done=done, total=total, message=message[:300])
        if self._lost.is_set():
            raise Cancelled
        if _ending[0]:
            raise Interrupted


def reap() -> int:
    """Give jobs whose worker died to another, and send again what the broker lost; returns how many."""
    now = timezone.now()
    stale = Job.objects.filter(
        state=State.RUNNING, heartbeat_at__lt=now - timedelta(seconds=settings.JOB_STALE_SECONDS)
    )
    stale.filter(cancel_requested=True).update(state=State.CANCELLED, finished_at=now, message="Cancelled.")
    stale.filter(attempts__gte=settings.JOB_MAX_ATTEMPTS).update(
        state=State.FAILED,
        finished_at=now,
        error=f"The worker died {settings.JOB_MAX_ATTEMPTS} times while doing this; its log says why "
        "(most often: out of memory).",
    )
    stale.update(state=State.QUEUED, sent_at=None, message="Its worker died; starting again.")
    lost = Job.objects.filter(state=State.QUEUED).filter(
        Q(sent_at=None, created_at__lt=now - timedelta(seconds=2)) | Q(sent_at__lt=now - timedelta(seconds=120))
    )
    jobs = list(lost)
    for job in jobs:
        send(job)
    return len(jobs)
