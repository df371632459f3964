"""Serve files and their previews to members, or to whoever has a signed address, so that no browser can run them."""

import io
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404
from django.utils.http import parse_etags
from django.views.decorators.http import require_safe

from annotate.access.policy import permissions
from annotate.media import selectors, services, signing, types
from annotate.media.models import MediaFile
from annotate.media.ranges import Unsatisfiable, wanted
from annotate.media.types import Refused

CHUNK = 64 * 1024


@login_required
@require_safe
def media(request: HttpRequest, organisation_id: int, digest: str) -> HttpResponse:
    return _whole(request, _visible(request, organisation_id, digest))


@login_required
@require_safe
def preview(request: HttpRequest, organisation_id: int, digest: str, name: str, page: str = "") -> HttpResponse:
    """A thumbnail, the peaks of a waveform, or one page as a picture; made now if no worker has made it yet."""
    file = _visible(request, organisation_id, digest)
    name = f"{name}-{int(page)}" if page else name
    try:
        path = services.preview(file, name)
    except (Refused, FileNotFoundError) as error:
        if name == "thumbnail":
            # Not kept: the decoder may have been short of memory only.
            return HttpResponseRedirect(selectors.icon(file), headers={"Cache-Control": "no-store"})
        raise Http404("There is no such preview.") from error
    return _answer(
        request, path, file.preview_type(name), f"{digest}-{name}", f"{digest[:12]}-{name}.{path.rpartition('.')[2]}"
    )


@require_safe
def signed(request: HttpRequest, token: str) -> HttpResponse:
    """A file for whoever holds an address that was signed for it and has not run out."""
    named = signing.read(token)
    if named is None:
        raise Http404("This address has run out, or was never signed.")
    return _whole(request, get_object_or_404(MediaFile, organisation=named[0], digest=named[1]))


def _visible(request: HttpRequest, organisation_id: int, digest: str) -> MediaFile:
    """A file of an organisation that whoever asks is a member of."""
    rows = MediaFile.objects.select_related("organisation")
    file = get_object_or_404(rows, organisation=organisation_id, digest=digest)
    if not permissions(request.user, file.organisation):
        raise Http404
    return file


def _whole(request: HttpRequest, file: MediaFile) -> HttpResponse:
    medium = types.get(file.type)
    name = f"{file.digest[:12]}.{medium.EXTENSIONS.get(file.content_type, 'bin')}"
    disposition = "inline" if medium.INLINE else "attachment"
    return _answer(request, file.path, file.content_type, file.digest, name, disposition)


def _answer(
    request: HttpRequest, path: str, content_type: str, tag: str, name: str, disposition: str = "inline"
) -> HttpResponse:
    """All of a stored file, or the part that was asked for (RFC 9110, section 14; several parts are answered whole)."""
    etag = f'"{tag}"'
    headers = {
        "ETag": etag,
        # The name is the content: it can be kept for ever, by this person's browser only.
        "Cache-Control": "private, max-age=31536000, immutable",
        "Accept-Ranges": "bytes",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Content-Disposition": f'{disposition}; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
    }
    asked = parse_etags(request.headers.get("If-None-Match", ""))
    if etag in {entry.removeprefix("W/") for entry in asked} or "*" in asked:
        return HttpResponseNotModified(headers=headers)
    try:
        stored: Any = default_storage.open(path)
    except FileNotFoundError as error:
        raise Http404("The file is missing from storage.") from error
    size = stored.size
    is_current = request.headers.get("If-Range", etag) == etag
    try:
        part = wanted(request.headers.get("Range", ""), size) if is_current else None
    except Unsatisfiable:
        stored.close()
        return HttpResponse(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    start, stop = part or (0, size)
    if part:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    headers["Content-Length"] = str(stop - start)
    return StreamingHttpResponse(
        Section(stored, start, stop), status=206 if part else 200, content_type=content_type, headers=headers
    )


class Section:
    """The bytes from ``start`` to ``stop`` of a stored file, in chunks; Django closes it with the response."""

    def __init__(self, stored: Any, start: int, stop: int) -> None:
        self.stored, self.start, self.stop = stored, start, stop

    def __iter__(self) -> Iterator[bytes]:
        left = self.stop - self.start
        source = self._source()
        while left > 0 and (chunk := source.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def _source(self) -> Any:
        remote = getattr(self.stored, "obj", None)  # an object in S3, of which only this part is to be fetched
        if remote is None:
            self.stored.seek(self.start)
            return self.stored
        if self.start == self.stop:
            return io.BytesIO()
        return remote.get(Range=f"bytes={self.start}-{self.stop - 1}")["Body"]

    def close(self) -> None:
        self.stored.close()
