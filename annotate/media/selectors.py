"""What pages need to show stored files."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum
from django.templatetags.static import static
from django.urls import reverse

from annotate.media import types
from annotate.media.models import MediaFile

PREFIX = "sha256:"


def shown(organisation_id: int, refs: Iterable[str]) -> dict[str, dict[str, Any]]:
    """By reference (``sha256:…``), what a page needs to show a file; unknown references are left out.

    ``ref``, ``type`` ("image", "video", "audio", "model" or "document"), ``content_type``, ``size`` in bytes, ``url``,
    ``thumbnail`` (a picture's address; an icon's for audio and 3D), ``width`` and ``height`` in pixels, ``duration`` in
    seconds, ``pages`` (each None where the type has none), and for a document ``page_url`` (of page 1; it ends in the
    number). The peaks of audio are at its ``url`` + "/peaks".
    """
    digests = {ref.removeprefix(PREFIX) for ref in refs}
    if not digests:
        return {}
    files = MediaFile.objects.filter(organisation=organisation_id, digest__in=digests)
    return {file.ref: _described(file) for file in files}


def durations(organisation_id: int, refs: Iterable[str]) -> dict[str, float | None]:
    """By reference, how many seconds a file lasts; None where it has no duration."""
    digests = {ref.removeprefix(PREFIX) for ref in refs}
    files = MediaFile.objects.filter(organisation=organisation_id, digest__in=digests) if digests else ()
    return {file.ref: file.duration for file in files}


def usage(organisation_id: int) -> dict[str, int]:
    """``files`` and ``bytes`` that an organisation keeps, and its ``quota`` in bytes (0: none)."""
    found = MediaFile.objects.filter(organisation=organisation_id).aggregate(files=Count("pk"), bytes=Sum("size"))
    return {"files": found["files"], "bytes": found["bytes"] or 0, "quota": settings.MEDIA_QUOTA_BYTES}


def _described(file: MediaFile) -> dict[str, Any]:
    own = [file.organisation_id, file.digest]
    found = {
        "ref": file.ref,
        "type": file.type,
        "content_type": file.content_type,
        "size": file.size,
        "url": reverse("media", args=own),
        "thumbnail": icon(file) if types.get(file.type).ICON else reverse("thumbnail", args=own),
        "width": file.width,
        "height": file.height,
        "duration": file.duration,
        "pages": file.pages,
    }
    if file.pages:
        found["page_url"] = reverse("media_page", args=[*own, 1])
    return found


def icon(file: MediaFile) -> str:
    """The address of a picture that stands for the type."""
    return static(f"annotate/media/{file.type}.svg")
