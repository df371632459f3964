"""Files named by what is in them (SHA-256), each belonging to one organisation."""

from django.db import models


class MediaFile(models.Model):
    """One inspected file; its bytes lie in storage under its digest, shared by whoever has the same."""

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="media")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, hexadecimal.")
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField(null=True, blank=True)
    height = models.PositiveIntegerField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "digest"], name="one_media_row_a_content"),
        ]

    def __str__(self) -> str:
        return f"{self.content_type} {self.digest[:12]}"

    @property
    def path(self) -> str:
        return f"{self.digest[:2]}/{self.digest}"

    @property
    def thumbnail_path(self) -> str:
        return f"{self.path}.thumbnail.webp"

    @property
    def ref(self) -> str:
        """How records and exports name the file."""
        return f"sha256:{self.digest}"
