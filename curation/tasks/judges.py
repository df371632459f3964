"""Jobs of AI judges."""

from typing import Any

from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, job
from curation.judging import services
from curation.models import JudgeRun
from curation.tasks._links import link


@job("judge_project", links=lambda job: [link("The run", "judge_run", job.project_id, job.params["run"])])
def judge_project(job: Job, progress: Progress, *, run: int) -> dict[str, Any]:
    found = JudgeRun.objects.select_related("judge__organisation", "judge__rater", "project__organisation").get(pk=run)
    services.run_judge(run=found, progress=progress)
    return {"run": run, "end": found.end, "reason": found.reason, "spent": found.spent, **found.counts}
