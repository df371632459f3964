"""Mappings of imported files that an organisation keeps under a name."""

from django.conf import settings
from django.db import models


class ImportMapping(models.Model):
    """What the columns of some file mean, in YAML (see `curation.mapping`)."""

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="import_mappings")
    name = models.CharField(max_length=80)
    text = models.TextField(help_text="YAML.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="mapping_once_an_organisation")]

    def __str__(self) -> str:
        return self.name
