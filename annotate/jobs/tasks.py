"""The one Celery task: it carries a job's id and nothing else."""

from celery import shared_task

from annotate.jobs import services


@shared_task(name="jobs.run", acks_late=False)
def run_job(job_id: str) -> None:
    services.run(job_id)
