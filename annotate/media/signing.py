"""Addresses that open one file without signing in, for a limited time: for judges, models and API clients."""

import time

from django.conf import settings
from django.core import signing
from django.urls import reverse

from annotate.media.models import MediaFile

SALT = "annotate.media"


def path(file: MediaFile, *, seconds: int | None = None) -> tuple[str, int]:
    """The address, and when it runs out in seconds since 1970; ``seconds``: how long it lasts."""
    ends = int(time.time()) + (settings.MEDIA_SIGNED_SECONDS if seconds is None else seconds)
    token = signing.dumps([file.organisation_id, file.digest, ends], salt=SALT)
    return reverse("signed_media", args=[token]), ends


def read(token: str) -> tuple[int, str] | None:
    """(organisation's id, digest) of a token that we signed and that has not run out, else None."""
    try:
        organisation_id, digest, ends = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    return (organisation_id, digest) if ends > time.time() else None
