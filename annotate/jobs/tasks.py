"""The one Celery task: it carries a job's id and nothing else."""

from typing import Any

from celery import shared_task
from celery.signals import worker_shutting_down

from annotate.jobs import services


@shared_task(name="jobs.run", acks_late=False)
def run_job(job_id: str) -> None:
    services.run(job_id)


@worker_shutting_down.connect
def interrupt(**_: Any) -> None:
    services.interrupt()
