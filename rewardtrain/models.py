"""What the reward lab keeps: runs, reward models and their evaluations."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import models

from curation.pairs import content_hash


class Run(models.Model):
    """One training: a recipe on a dataset version. Its state is its job's, its files lie in its folder."""

    version = models.ForeignKey("curation.DatasetVersion", models.PROTECT, related_name="runs")
    name = models.CharField(max_length=120)
    sweep = models.CharField(max_length=120, blank=True, help_text="Runs that were started together have one name.")
    recipe = models.JSONField(default=dict)
    job = models.OneToOneField("jobs.Job", models.SET_NULL, null=True, blank=True, related_name="run")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def project(self) -> Any:
        return self.version.dataset.project

    @property
    def has_model(self) -> bool:
        return hasattr(self, "model")

    @property
    def folder(self) -> Path:
        """run.json, progress.jsonl, checkpoints/, model/ and metrics.json."""
        return Path(settings.RUNS_DIR) / str(self.pk)


class RewardModel(models.Model):
    """A trained model with its card; it is also a rater, whose answers stand beside people's."""

    run = models.OneToOneField(Run, models.CASCADE, related_name="model")
    rater = models.OneToOneField("annotate.Rater", models.PROTECT, related_name="reward_model")
    card = models.JSONField(default=dict, help_text="Backbone, head, loss, scoring position, data: model/reward.json.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.run.name

    @property
    def folder(self) -> Path:
        return self.run.folder / "model"


class Evaluation(models.Model):
    """One suite on one model: figures with intervals, beside the trivial baselines."""

    model = models.ForeignKey(RewardModel, models.CASCADE, related_name="evaluations")
    suite = models.CharField(max_length=40)
    data = models.CharField(max_length=200, help_text="What it was evaluated on, e.g. the test split of a version.")
    figures = models.JSONField(help_text="See the suite.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["model", "suite", "data"], name="evaluation_once_a_suite_and_data")
        ]

    def __str__(self) -> str:
        return f"{self.suite} of {self.model}"

    @property
    def rows_path(self) -> Path:
        """What the model said of each row, where the suite has rows; see `rewardtrain.evaluation.pairs.rows`."""
        return self.model.run.folder / "evaluations" / f"{self.suite}-{content_hash(self.data)[:16]}.parquet"
