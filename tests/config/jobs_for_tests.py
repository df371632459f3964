"""A job whose every start and end leaves a line, for workers that are started with `--include jobs_for_tests`."""

import os
import time
from pathlib import Path

from annotate.access.models import Organisation
from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, job
from annotate.jobs.services import enqueue


def _work(job: Job, progress: Progress, *, trace: str, seconds: float) -> dict[str, int]:
    _note(trace, f"start {job.attempts}")
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        progress(int(seconds - (end - time.monotonic())), int(seconds))
        time.sleep(0.05)
    _note(trace, f"end {job.attempts}")
    return {"worker": os.getpid()}


def _note(trace: str, line: str) -> None:
    with Path(trace).open("a") as file:
        file.write(f"{line}\n")


HANDLERS = {"worker": job("test_work")(_work), "gpu": job("test_work_gpu", queue="gpu")(_work)}


def send(process: str, trace: str, seconds: float = 0.0) -> str:
    """A new job for one of the two worker processes; returns its id."""
    organisation, _ = Organisation.objects.get_or_create(name="Test")
    return str(enqueue(HANDLERS[process], organisation=organisation, title="test", trace=trace, seconds=seconds).pk)
