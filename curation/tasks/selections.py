"""Jobs that choose what people are asked next."""

from typing import Any

from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, job
from curation.asking import services
from curation.asking.services import Wanted
from curation.tasks._links import link


@job("preview_selection", links=lambda job: [link("The preview", "selection_preview", job.project_id, job.pk)])
def preview_selection(job: Job, progress: Progress, *, wanted: dict[str, Any]) -> dict[str, Any]:
    return services.preview(services.plan(project=job.project, wanted=Wanted(**wanted), progress=progress))


@job("select", links=lambda job: [link("The selection", "selection", job.project_id, job.result["selection"])])
def select(job: Job, progress: Progress, *, wanted: dict[str, Any]) -> dict[str, Any]:
    made = services.select(
        project=job.project, wanted=Wanted(**wanted), job=job, user=job.created_by, progress=progress
    )
    return {"selection": made.pk, "size": made.size}
