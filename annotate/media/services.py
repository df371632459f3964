"""Take files in: by content type, within limits, once per content."""

import hashlib
import io
import warnings

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from annotate.access.models import Organisation
from annotate.media.models import MediaFile

# Pillow's format -> the type we serve it as. SVG is not among them: it can carry scripts.
IMAGE_TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
THUMBNAIL_PIXELS = 320


def store_image(*, organisation: Organisation, content: bytes, name: str = "image") -> MediaFile:
    """Inspect and keep one image; the same content twice is one file.

    Raises
    ------
    ValidationError
        If it is too large, or not an image of a type in `IMAGE_TYPES`, judged by its content.
    """
    digest = hashlib.sha256(content).hexdigest()
    known = MediaFile.objects.filter(organisation=organisation, digest=digest).first()
    if known is not None:
        return known
    content_type, width, height, thumbnail = _inspect(content, name)
    file = MediaFile(
        organisation=organisation,
        digest=digest,
        content_type=content_type,
        size=len(content),
        width=width,
        height=height,
    )
    # The bytes first: a row always has its file. A file without a row is taken up when its content comes again.
    for path, data in ((file.path, content), (file.thumbnail_path, thumbnail)):
        if not default_storage.exists(path):
            default_storage.save(path, ContentFile(data))
    MediaFile.objects.bulk_create([file], ignore_conflicts=True)
    return MediaFile.objects.get(organisation=organisation, digest=digest)


def _inspect(content: bytes, name: str) -> tuple[str, int, int, bytes]:
    from PIL import Image, ImageOps

    if len(content) > settings.MEDIA_MAX_BYTES:
        limit = settings.MEDIA_MAX_BYTES // 1024**2
        raise ValidationError(f"{name}: {len(content) / 1024**2:.1f} MB, the limit is {limit} MB.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns of a moderately large bomb; here the size is judged before a pixel is decoded.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=tuple(IMAGE_TYPES))
            width, height = image.size
            if width * height > settings.MEDIA_MAX_PIXELS:
                raise ValidationError(
                    f"{name}: {width} x {height} pixels, the limit is {settings.MEDIA_MAX_PIXELS // 10**6} megapixels."
                )
            # As browsers show it: turned the way the camera was held.
            upright = ImageOps.exif_transpose(image)
            width, height = upright.size
            thumbnail = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
            thumbnail.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    except ValidationError:
        raise
    except Exception as error:  # Pillow's decoders fail in a dozen ways, all of which mean the same here.
        types = ", ".join(IMAGE_TYPES)
        raise ValidationError(f"{name}: not a readable image. Accepted by content: {types}.") from error
    buffer = io.BytesIO()
    thumbnail.save(buffer, "WEBP", quality=80)
    return IMAGE_TYPES[image.format or ""], width, height, buffer.getvalue()
