"""Judges held against people, and cascades studied; computed by jobs, with the pairs behind every figure."""

from pathlib import Path

from django.conf import settings
from django.db import models


class StandingReport(models.Model):
    """How the judges of one question stand to people, in every dimension; the newest is shown.

    What each judge and people said of each pair lies beside it in a Parquet file (`curation.judging.lab.PAIRS`).
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="standing_reports")
    question = models.CharField(max_length=40)
    source = models.CharField(max_length=64, help_text="Names the answers that it was computed from.")
    figures = models.JSONField(help_text='{"dimensions": [{"dimension", ... `curation.judging.standing.report`}]}')
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"standing of the judges on {self.question}"

    @property
    def path(self) -> Path:
        """The file of the pairs."""
        return Path(settings.QUALITY_DIR) / f"standing-{self.pk}.parquet"


class CascadeStudy(models.Model):
    """What a cascade of judges would leave to people, for every promise that may be made; the newest is shown.

    How sure the judges are of each pair lies beside it in a Parquet file (`curation.judging.planning.PAIRS`).
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="cascade_studies")
    question = models.CharField(max_length=40)
    dimension = models.CharField(max_length=40, blank=True)
    judges = models.JSONField(help_text="Names of raters, from cheap to dear.")
    delta = models.FloatField(help_text="Chance that the labels mislead into a promise that is not kept.")
    people_cost = models.FloatField(help_text="Of one answer by people.")
    source = models.CharField(max_length=64)
    figures = models.JSONField(help_text='{"pairs", "known", "prompts", "people", "judges", "plans"}')
    applied = models.JSONField(default=dict, blank=True, help_text="The plan made of it: promise, budget, tasks, at.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        get_latest_by = "pk"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(delta__gt=0, delta__lt=1, people_cost__gte=0), name="cascade_settings_in_range"
            ),
        ]

    def __str__(self) -> str:
        return f"cascade on {self.question} {self.dimension}".strip()

    @property
    def path(self) -> Path:
        """The file of the pairs."""
        return Path(settings.QUALITY_DIR) / f"cascade-{self.pk}.parquet"
