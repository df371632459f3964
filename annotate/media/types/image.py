"""Images that browsers show: PNG, JPEG, WebP and GIF, without what does not belong to the picture.

What is kept is the picture with its colour profile. Everything else (EXIF with place and camera, comments, XMP,
previews, bytes after the end) is cut out without decoding, so the pixels stay bit for bit (`_pixels_only`). A picture
that EXIF says to turn is turned and encoded anew: JPEG at quality 95, the others without loss.

Sizes and numbers of frames are judged before a pixel is decoded. SVG is refused: it can carry scripts.
"""

import io
import warnings
from typing import Any

from annotate.media.types import THUMBNAIL_PIXELS, Inspected, Limits, Refused, _pixels_only, webp

TITLE = "Image"
ACCEPTED = "PNG, JPEG, WebP, GIF"
APART = False  # Pillow has held for years, and a process for each of a million pictures would cost days
PREVIEWS: dict[str, str] = {}
EXTENSIONS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp", "image/gif": "gif"}
INLINE = True
ICON = False

# Pillow's format -> the type that we serve it as.
TYPES = {"PNG": "image/png", "JPEG": "image/jpeg", "WEBP": "image/webp", "GIF": "image/gif"}
ANIMATION = 10  # times as many pixels may all frames have
ORIENTATION = 0x0112  # of EXIF


def recognises(head: bytes) -> bool:
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) or (
        head[:4] == b"RIFF" and head[8:12] == b"WEBP"
    )


def inspect(content: bytes, limits: Limits) -> Inspected:
    from PIL import Image, ImageOps

    with warnings.catch_warnings():
        # Of a moderately large bomb, which is judged here before a pixel is decoded, and of damaged EXIF, which goes.
        warnings.simplefilter("ignore")
        try:
            image = Image.open(io.BytesIO(content), formats=tuple(TYPES))
        except Image.DecompressionBombError as error:
            raise Refused(f"Image: too many pixels, the limit is {limits.pixels // 10**6} megapixels.") from error
        format = "JPEG" if image.format == "MPO" else str(image.format)  # a phone's JPEG with more pictures behind it
        _check_pixels(image.size, 1, limits)
        kept, frames = _pixels_only.STRIP[format](content)
        _check_pixels(image.size, frames, limits)
        if kept != content and image.getexif().get(ORIENTATION, 1) in range(2, 9):
            if frames > 1:
                raise Refused("Image: an animation with an EXIF orientation; save it without.")
            kept = _encoded(ImageOps.exif_transpose(image), format, b"VP8L" in content[:64])
        shown = Image.open(io.BytesIO(kept), formats=(format,))
        shown.load()
        return Inspected(TYPES[format], kept, *shown.size, thumbnail=webp(shown, THUMBNAIL_PIXELS))


def preview(content: bytes, name: str) -> bytes:
    raise Refused("An image has its thumbnail from the start.")


def _check_pixels(size: tuple[int, int], frames: int, limits: Limits) -> None:
    width, height = size
    if width * height > limits.pixels:
        raise Refused(f"Image: {width} x {height} pixels, the limit is {limits.pixels // 10**6} megapixels.")
    if width * height * frames > limits.pixels * ANIMATION:
        most = limits.pixels * ANIMATION // 10**6
        raise Refused(f"Image: {frames} frames of {width} x {height} pixels, the limit is {most} megapixels in all.")


def _encoded(image: Any, format: str, lossless: bool) -> bytes:
    buffer = io.BytesIO()
    options: dict[str, dict[str, Any]] = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"lossless": True} if lossless else {"quality": 95},
    }
    profile = image.info.get("icc_profile")
    image.info = {}  # else Pillow writes comments and texts again
    image.save(buffer, format, icc_profile=profile, exif=b"", **options.get(format, {}))
    return _pixels_only.STRIP[format](buffer.getvalue())[0]
