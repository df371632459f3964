"""Reads of the reward lab."""

from typing import Any

from django.db.models import QuerySet

from annotate.models import Project
from rewardtrain.models import Evaluation, Run
from rewardtrain.supervision import events


def project_runs(project: Project) -> QuerySet[Run]:
    """Runs on versions of a project's datasets, newest first."""
    return Run.objects.filter(version__dataset__project=project).select_related(
        "version__dataset__project", "job", "model"
    )


def log(run: Run) -> list[dict[str, Any]]:
    """Every event of a run's log, as far as it is written."""
    return events(run.folder / "progress.jsonl")


def headline(run: Run) -> Evaluation | None:
    """The evaluation on the version's own test split."""
    return run.model.evaluations.filter(suite="pairs").order_by("pk").first() if hasattr(run, "model") else None


def data_report(run: Run) -> dict[str, Any]:
    """Rows, distinct sequences and truncation by split, as the run's log tells; empty before it began."""
    found = [event for event in log(run) if event["kind"] == "data"]
    return found[-1]["splits"] if found else {}
