"""Files named by what is in them (SHA-256), each belonging to one organisation."""

from django.db import models

from annotate.media import types


class MediaFile(models.Model):
    """One inspected file; its bytes lie in storage under its digest, shared by whoever has the same."""

    organisation = models.ForeignKey("access.Organisation", models.CASCADE, related_name="media")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, hexadecimal.")
    received = models.CharField(
        max_length=64, blank=True, db_index=True, help_text="SHA-256 of the file as it first came, where that was more."
    )
    type = models.CharField(max_length=20, default="image", help_text="Name of a module of annotate/media/types/.")
    content_type = models.CharField(max_length=60)
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="Pixels, as shown.")
    height = models.PositiveIntegerField(null=True, blank=True)
    duration = models.FloatField(null=True, blank=True, help_text="Seconds.")
    pages = models.PositiveIntegerField(null=True, blank=True)
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

    def preview_path(self, name: str) -> str:
        """Where "thumbnail", "page-<n>" or "peaks" lies, once it is made."""
        return f"{self.path}.{name}.{self.preview_type(name).rpartition('/')[2]}"

    def preview_type(self, name: str) -> str:
        """The content type of a preview; what its medium does not name are pages, as pictures."""
        return types.get(self.type).PREVIEWS.get(name, "image/webp")

    @property
    def ref(self) -> str:
        """How records and exports name the file."""
        return f"sha256:{self.digest}"
