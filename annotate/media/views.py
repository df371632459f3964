"""Serve files to members of their organisation, in a way that no browser can run them."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from annotate.access.policy import permissions
from annotate.media.models import MediaFile


@login_required
def media(request: HttpRequest, organisation_id: int, digest: str, size: str = "full") -> HttpResponse:
    file = get_object_or_404(
        MediaFile.objects.select_related("organisation"), organisation=organisation_id, digest=digest
    )
    if not permissions(request.user, file.organisation):
        raise Http404
    thumbnail = size == "thumbnail"
    try:
        stream: Any = default_storage.open(file.thumbnail_path if thumbnail else file.path)
    except FileNotFoundError as error:
        raise Http404("The file is missing from storage.") from error
    response = FileResponse(stream, content_type="image/webp" if thumbnail else file.content_type)
    # The name is the content: it can be cached for ever, by this person's browser only.
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
