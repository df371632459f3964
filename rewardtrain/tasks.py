"""Jobs of the reward lab; the supervised subprocess does the work."""

from pathlib import Path
from typing import Any

from annotate.jobs.models import Job
from annotate.jobs.registry import Progress, job
from annotate.models import Project
from rewardtrain import services
from rewardtrain.models import RewardModel, Run


@job("train_reward", queue="gpu")
def train_reward(job: Job, progress: Progress, *, run: int) -> dict[str, Any]:
    """Train, then evaluate on the version's test split."""
    model = services.train(run=Run.objects.get(pk=run), progress=progress)
    evaluation = services.evaluate(model=model, progress=progress)
    return {"model": model.pk, "evaluation": evaluation.pk}


@job("evaluate_reward", queue="gpu")
def evaluate_reward(
    job: Job, progress: Progress, *, model: int, suite: str, data: str = "", split: str = "test"
) -> dict[str, Any]:
    evaluation = services.evaluate(
        model=RewardModel.objects.get(pk=model),
        suite=suite,
        data=Path(data) if data else None,
        split=split,
        progress=progress,
    )
    return {"evaluation": evaluation.pk}


@job("score_project", queue="gpu")
def score_project(job: Job, progress: Progress, *, model: int, project: int) -> dict[str, Any]:
    return services.score_project(
        model=RewardModel.objects.get(pk=model), project=Project.objects.get(pk=project), progress=progress
    )
