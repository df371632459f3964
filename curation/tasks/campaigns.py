"""The job of campaigns."""

from typing import Any

from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, job
from curation.campaigning import services
from curation.models import Campaign
from curation.tasks._links import link


def _links(job: Job) -> list[dict[str, Any]]:
    found = [link("The campaign", "campaign", job.project_id, job.params["campaign"])]
    if "version" in job.result:
        found.append(link("Open the version", "version", job.project_id, job.result["version"]))
    return found


@job("campaign_step", links=_links)
def campaign_step(job: Job, progress: Progress, *, campaign: int) -> dict[str, Any]:
    rows = Campaign.objects.select_related("project__organisation", "dataset", "source_version", "source_pool", "purse")
    return dict(services.step(campaign=rows.get(pk=campaign), progress=progress))
