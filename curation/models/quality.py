"""Stored figures of the data-quality dashboard."""

from pathlib import Path

from django.conf import settings
from django.db import models


class QualityReport(models.Model):
    """The plots of the data-quality page for one question and dimension, computed by a job; the newest is shown.

    The rows behind each part of a plot lie beside it, in a Parquet file of ``plot``, ``cell`` and the pair's names.
    """

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="quality_reports")
    question = models.CharField(max_length=40)
    dimension = models.CharField(max_length=40, blank=True)
    source = models.CharField(max_length=64, help_text="Names the answers and versions that it was computed from.")
    figures = models.JSONField(help_text='By plot: its figures, or {"nothing": why there are none}.')
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-pk"]
        get_latest_by = "pk"

    def __str__(self) -> str:
        return f"quality of {self.question} {self.dimension}".strip()

    @property
    def path(self) -> Path:
        """The file of the rows behind the plots."""
        return Path(settings.QUALITY_DIR) / f"{self.pk}.parquet"
