"""Datasets and their immutable versions."""

from typing import Any

from django.conf import settings
from django.db import models


class Dataset(models.Model):
    """A line of versions of one curated dataset."""

    project = models.ForeignKey("annotate.Project", models.CASCADE, related_name="datasets")
    name = models.CharField(max_length=120)
    current = models.ForeignKey(
        "DatasetVersion",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="The version to use: the last one made, or an older one that was restored.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="dataset_name_once_a_project")]

    def __str__(self) -> str:
        return self.name

    @property
    def used(self) -> "DatasetVersion | None":
        """The version to use."""
        return self.current or self.versions.first()


class DatasetVersion(models.Model):
    """An immutable, content-addressed set of pairs; its files lie in a folder named by its hash."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)
    pipeline = models.TextField(help_text="YAML, as it was run.")
    manifest = models.JSONField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="version_number_once_a_dataset"),
            models.UniqueConstraint(fields=["dataset", "hash"], name="version_hash_once_a_dataset"),
        ]

    def __str__(self) -> str:
        return f"{self.dataset} v{self.number}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk is not None:
            raise TypeError("A dataset version is never changed; make another.")
        super().save(*args, **kwargs)

    @property
    def path(self) -> Any:
        """Folder of its files: manifest.json, README.md, data/ and trace/."""
        return settings.DATASETS_DIR / self.hash
