"""Jobs of the judge lab and the budget planner."""

from typing import Any
from urllib.parse import urlencode

from annotate.jobs.models import Job
from annotate.jobs.registry import JobError, Progress, job
from curation.judging import lab, planning, trials
from curation.models import Trial
from curation.tasks._links import link


def _back(title: str, url: str, job: Job) -> list[dict[str, Any]]:
    wanted = {name: job.params[name] for name in ("question", "dimension") if job.params.get(name)}
    found = link(title, url, job.project_id)
    return [{**found, "url": f"{found['url']}?{urlencode(wanted)}"}]


@job("judge_lab", links=lambda job: _back("Judge lab", "judge_lab", job))
def judge_lab(job: Job, progress: Progress, *, question: str) -> dict[str, Any]:
    try:
        return {"report": lab.compute(project=job.project, question=question, progress=progress).pk}
    except LookupError as error:
        raise JobError(str(error)) from error


@job("cascade", links=lambda job: _back("Budget planner", "budget_planner", job))
def cascade(job: Job, progress: Progress, *, question: str, **settings: Any) -> dict[str, Any]:
    try:
        return {"study": planning.study(project=job.project, question=question, progress=progress, **settings).pk}
    except LookupError as error:
        raise JobError(str(error)) from error


@job("try_judge", links=lambda job: [link("The trial", "trial", job.project_id, job.params["trial"])])
def try_judge(job: Job, progress: Progress, *, trial: int) -> dict[str, Any]:
    found = Trial.objects.select_related("judge__organisation", "run__judge__organisation", "project").get(pk=trial)
    trials.run_trial(trial=found, progress=progress)
    return {"verdict": found.verdict, "spent": found.run.spent}
