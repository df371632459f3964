"""What pages need to show stored files."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from annotate.media.models import MediaFile

PREFIX = "sha256:"


def images(organisation_id: int, refs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By reference (``sha256:…``): ref, url, thumbnail, width and height; unknown references are left out."""
    digests = {ref.removeprefix(PREFIX) for ref in refs}
    if not digests:
        return {}
    files = MediaFile.objects.filter(organisation=organisation_id, digest__in=digests)
    return {
        file.ref: {
            "ref": file.ref,
            "url": reverse("media", args=[organisation_id, file.digest]),
            "thumbnail": reverse("thumbnail", args=[organisation_id, file.digest]),
            "width": file.width,
            "height": file.height,
        }
        for file in files
    }
