"""Take files in: of any type, judged by content, within limits and quota, once per content; and make their previews."""

import hashlib
import logging

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from annotate.access.models import Organisation
from annotate.media import apart, selectors, types
from annotate.media.models import MediaFile
from annotate.media.types import Inspected, Limits, Refused

log = logging.getLogger(__name__)


def store(*, organisation: Organisation, content: bytes, name: str = "file") -> MediaFile:
    """Inspect and keep one file; the same content twice is one file.

    What is kept can be less than what came: descriptions are taken out (see annotate/media/types/). The digest is of
    what is kept.

    Raises
    ------
    ValidationError
        If it is too large, of no accepted type, damaged, or beyond what the organisation may keep.
    """
    check_size(len(content), name)
    known = _known(organisation, content)
    if known is not None:
        return known
    try:
        type, found = _inspected(content)
    except Refused as error:
        raise ValidationError(f"{name}: {error}") from error
    known = _known(organisation, found.content)
    if known is not None:
        return known
    received, digest = (hashlib.sha256(data).hexdigest() for data in (content, found.content))
    file = MediaFile(
        organisation=organisation,
        digest=digest,
        received=received if received != digest else "",
        type=type,
        content_type=found.content_type,
        size=len(found.content),
        width=found.width,
        height=found.height,
        duration=found.duration,
        pages=found.pages,
    )
    _check_quota(organisation, file.size, name)
    # The bytes first: a row always has its file. A file without a row is taken up when its content comes again.
    _keep(file.path, found.content)
    if found.thumbnail is not None:
        _keep(file.preview_path("thumbnail"), found.thumbnail)
    MediaFile.objects.bulk_create([file], ignore_conflicts=True)
    file = MediaFile.objects.get(organisation=organisation, digest=file.digest)
    if types.get(type).PREVIEWS:
        transaction.on_commit(lambda: _send(file))
    return file


def check_size(size: int, name: str) -> None:
    """Raises ValidationError for more bytes than are taken in; to be asked before a file is read."""
    if size > settings.MEDIA_MAX_BYTES:
        limit = settings.MEDIA_MAX_BYTES / 1024**2
        said = _("%(name)s: %(size)s MB, the limit is %(limit)s MB.")
        raise ValidationError(said % {"name": name, "size": f"{size / 1024**2:.1f}", "limit": f"{limit:g}"})


def preview(file: MediaFile, name: str) -> str:
    """Where in storage a preview lies, "thumbnail", "peaks" or "page-<n>"; it is made where it does not exist yet.

    Raises
    ------
    Refused
        If this file has no such preview.
    FileNotFoundError
        If the file is missing from storage.
    """
    path = file.preview_path(name)
    if not default_storage.exists(path):
        medium = types.get(file.type)
        page = name.removeprefix("page-")
        if name not in medium.PREVIEWS and not (page.isdecimal() and 0 < int(page) <= (file.pages or 0)):
            raise Refused("There is no such preview.")
        with default_storage.open(file.path) as stored:
            content = bytes(stored.read())
        made = apart.preview(content, file.type, name) if medium.APART else medium.preview(content, name)
        _keep(path, made)
    return path


def limits() -> Limits:
    return Limits(
        pixels=settings.MEDIA_MAX_PIXELS,
        frame_pixels=settings.MEDIA_MAX_FRAME_PIXELS,
        seconds=settings.MEDIA_MAX_SECONDS,
        pages=settings.MEDIA_MAX_PAGES,
    )


def _inspected(content: bytes) -> tuple[str, Inspected]:
    names = types.candidates(content)
    if any(types.get(name).APART for name in names):
        return apart.inspect(content, names, limits())
    return types.judge(content, names, limits())


def _known(organisation: Organisation, content: bytes) -> MediaFile | None:
    digest = hashlib.sha256(content).hexdigest()
    return MediaFile.objects.filter(Q(digest=digest) | Q(received=digest), organisation=organisation).first()


def _check_quota(organisation: Organisation, size: int, name: str) -> None:
    quota = settings.MEDIA_QUOTA_BYTES
    used = selectors.usage(organisation.pk)["bytes"] if quota else 0
    if quota and used + size > quota:
        said = _(
            "%(name)s: %(organisation)s keeps %(used)s MB of files and may keep %(quota)s MB; this one has %(size)s "
            "MB. Whoever runs the server sets the quota."
        )
        sizes = {"used": used, "quota": quota, "size": size}
        shown = {key: f"{count / 1024**2:,.1f}" for key, count in sizes.items()}
        raise ValidationError(said % {"name": name, "organisation": organisation.name, **shown})


def _keep(path: str, content: bytes) -> None:
    if default_storage.exists(path):
        return
    kept = default_storage.save(path, ContentFile(content))
    if kept != path:  # somebody else was quicker, with the same bytes
        default_storage.delete(kept)


def _send(file: MediaFile) -> None:
    """Let a worker make the previews. A broker that is away is no error: a page that shows the file makes them."""
    from annotate.media.tasks import make_previews

    try:
        make_previews.apply_async(args=[file.pk], retry=False)
    except Exception as error:
        log.warning("the broker did not take the previews of %s (%s)", file.digest[:12], error)
