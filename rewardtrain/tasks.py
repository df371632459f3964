"""Jobs of the reward lab; the supervised subprocess does the work."""

from pathlib import Path
from typing import Any

from django.urls import reverse

from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, job
from curation.downloads import used_up
from rewardtrain import services
from rewardtrain.models import RewardModel, Run


def _run_link(job: Job) -> list[dict[str, Any]]:
    run = job.params.get("run") or RewardModel.objects.values_list("run", flat=True).get(pk=job.params["model"])
    return [{"title": "Open the run", "url": reverse("run", args=[job.project_id, run])}]


@job("train_reward", queue="gpu", links=_run_link)
def train_reward(job: Job, progress: Progress, *, run: int) -> dict[str, Any]:
    """Train, then evaluate on the version's test split, where it has one."""
    found = Run.objects.select_related("version").get(pk=run)
    model = services.train(run=found, progress=progress)
    if not found.version.manifest["rows"].get("test"):
        return {"model": model.pk}
    evaluation = services.evaluate(model=model, progress=progress)
    return {"model": model.pk, "evaluation": evaluation.pk}


@job("evaluate_reward", queue="gpu", links=_run_link)
def evaluate_reward(
    job: Job, progress: Progress, *, model: int, suite: str, data: str = "", name: str = "", split: str = "test"
) -> dict[str, Any]:
    with used_up(data):
        evaluation = services.evaluate(
            model=RewardModel.objects.get(pk=model),
            suite=suite,
            data=Path(data) if data else None,
            name=name,
            split=split,
            progress=progress,
        )
    return {"evaluation": evaluation.pk}


@job("score_project", queue="gpu", links=_run_link)
def score_project(job: Job, progress: Progress, *, model: int) -> dict[str, Any]:
    return services.score_project(model=RewardModel.objects.get(pk=model), project=job.project, progress=progress)


@job("nearest_pairs", queue="gpu", links=_run_link)
def nearest_pairs(job: Job, progress: Progress, *, model: int, prompt: str, responses: list[str]) -> dict[str, Any]:
    found = services.nearest_pairs(
        model=RewardModel.objects.get(pk=model), prompt=prompt, responses=responses, progress=progress
    )
    return {"pairs": found}
