"""Jobs of pools, and the one Celery task that does a part of a pass."""

from dataclasses import asdict
from typing import Any

from celery import shared_task
from django.conf import settings

from annotate.jobs.models import Job
from annotate.jobs.registry import JobError, Progress, job
from curation import reading
from curation.downloads import used_up
from curation.models import Pool, PoolPass
from curation.pools import services, sharing
from curation.tasks._links import import_warning, link, rejected


@shared_task(name="curation.pool_part", acks_late=False)
def pool_part(pass_id: int, phase: int, number: int) -> None:
    sharing.help_with(pass_id=pass_id, phase=phase, number=number)


def _imported(job: Job) -> list[dict[str, Any]]:
    return [link("The pool", "pool", job.project_id, job.params["pool"]), *rejected(job)]


@job("import_pool", links=_imported, warning=import_warning)
def import_pool(
    job: Job, progress: Progress, *, pool: int, source: str, format: str, group_by: str = "", name: str = ""
) -> dict[str, Any]:
    try:
        with used_up(source):
            result = services.import_pool(
                pool=Pool.objects.get(pk=pool),
                source=source,
                format=format,
                group_by=group_by,
                name=name,
                rejected_path=settings.EXPORTS_DIR / str(job.pk) / "rejected.csv",
                job=job.pk,
                progress=progress,
            )
    except (reading.UnsupportedSource, LookupError) as error:
        raise JobError(str(error)) from error
    return asdict(result)


@job("pool_pass", links=lambda job: [link("Open the version", "version", job.project_id, job.result["version"])])
def pool_pass(job: Job, progress: Progress, *, over: int) -> dict[str, Any]:
    found = PoolPass.objects.select_related("pool__project", "dataset__project").get(pk=over)
    version = services.run_pass(over=found, progress=progress)
    return {"version": version.pk, "hash": version.hash}
