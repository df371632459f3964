"""Types of media that are taken in: one file each, found by discovery; a file's type is judged by its content alone.

The contract (tests/annotate/media/types/test_contract.py holds it). A module defines:

    TITLE : str                       what people call the type
    ACCEPTED : str                    what of it is taken in, in words; stands in messages and documents
    APART : bool                      its decoder runs in a process of its own (annotate/media/apart.py)
    PREVIEWS : dict[str, str]         what is made of a stored file later, name -> content type; page-<n> besides
    EXTENSIONS : dict[str, str]       content types that it gives -> how a file's name ends
    INLINE : bool                     a browser may show the file itself; else it is only offered as a download
    ICON : bool                       it has no picture of its own; pages show static/annotate/media/<type>.svg
    recognises(head) -> bool          whether the first `HEAD` bytes look like this type, accepted or not
    inspect(content, limits)          -> Inspected; raises Refused with a message for people,
                                      NotMine where another type that recognises the file should try
    preview(content, name) -> bytes   what PREVIEWS promises; raises Refused

What any other exception in ``inspect`` means is always the same: the file is damaged. Pure: knows no Django.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Any, Protocol, cast

from annotate import discovery

HEAD = 4096


@dataclass(frozen=True)
class Limits:
    """How large what is in a file may be."""

    pixels: int  # of a picture; all frames of an animation together may have ten times as many
    frame_pixels: int  # of one frame of a video
    seconds: float  # of video and audio
    pages: int  # of a document


@dataclass(frozen=True)
class Inspected:
    """What a file is: ``content`` is what is kept of it, ``thumbnail`` a small WebP where it costs nothing more."""

    content_type: str
    content: bytes
    width: int | None = None  # pixels, as shown
    height: int | None = None
    duration: float | None = None  # seconds
    pages: int | None = None
    thumbnail: bytes | None = None


class Refused(Exception):
    """The file is not taken in; the message says why, and what to do, without the file's name."""


class NotMine(Exception):
    """The container fits, but what is in it belongs to another type: an MP4 with sound alone."""


class Medium(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    ACCEPTED: str
    APART: bool
    PREVIEWS: dict[str, str]
    EXTENSIONS: dict[str, str]
    INLINE: bool
    ICON: bool

    def recognises(self, head: bytes) -> bool: ...
    def inspect(self, content: bytes, limits: Limits) -> Inspected: ...
    def preview(self, content: bytes, name: str) -> bytes: ...


# What people try most often and is not taken in: how it begins, and what to say.
_KNOWN = (
    (rb"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->|<!DOCTYPE svg[^>]*>|\s)*<svg[\s>]",
     "SVG is not accepted, for it can carry scripts: convert it to PNG."),
    (rb"\s*<(!DOCTYPE|html|head|body|script|\?php)", "This is a web page, not a medium."),
    (rb"PK\x03\x04|PK\x05\x06", "This is a ZIP archive: unpack it."),
    (rb"Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ", "This is a packed archive: unpack it."),
    (rb"BM|II\*\0|MM\0\*|\0\0\x01\0|8BPS", "BMP, TIFF, ICO and PSD are not accepted: convert it to PNG."),
    (rb"....ftyp(heic|heix|hevc|mif1|msf1|avif|avis)",
     "HEIC and AVIF are not accepted: convert it to JPEG, PNG or WebP."),
    (rb"RIFF....AVI |\x30\x26\xb2\x75|FLV\x01|\0\0\x01[\xb3\xba]|G.{187}G",
     "Only MP4 and WebM play in every browser: convert it, e.g. with ffmpeg -i in.avi out.mp4."),
    (rb"FORM....AIF|\#!AMR|caff|\xff[\xf0\xf1\xf8\xf9]",
     "AIFF, AMR, CAF and bare AAC are not accepted: convert it to WAV, MP3, FLAC or Ogg."),
    (rb"ply\r?\n|solid |(\#[^\n]*\n|\s)*(mtllib |o \w|v -?\d)",
     "Only glTF is accepted of 3D models: convert it to .glb."),
)  # fmt: skip


def media() -> dict[str, Medium]:
    """All types, by name."""
    return cast(dict[str, Medium], discovery.load_all(__name__))


def get(name: str) -> Medium:
    """One type; raises `annotate.discovery.UnknownPlugin`."""
    return cast(Medium, discovery.load(__name__, name))


def candidates(content: bytes) -> list[str]:
    """Names of the types that the beginning of the file looks like.

    Raises
    ------
    Refused
        If there is none; the message says what is accepted, or what to convert it to.
    """
    head = content[:HEAD]
    found = [name for name, medium in media().items() if medium.recognises(head)]
    if found:
        return found
    for pattern, message in _KNOWN:
        if re.match(pattern, head, re.DOTALL | re.IGNORECASE):
            raise Refused(message)
    accepted = "; ".join(medium.ACCEPTED for medium in media().values())
    raise Refused(
        f"{'The file is empty' if not content else 'Its content is of no accepted type'}. Accepted: {accepted}."
    )


def judge(content: bytes, names: list[str], limits: Limits) -> tuple[str, Inspected]:
    """The type among ``names`` that the file is of, and what is in it; raises Refused."""
    titles = " or ".join(get(name).TITLE for name in names)
    accepted = ", ".join(get(name).ACCEPTED for name in names)
    for name in names:
        medium = get(name)
        try:
            found = medium.inspect(content, limits)
        except NotMine:
            continue
        except Refused:
            raise
        except (MemoryError, RecursionError) as error:
            raise Refused(f"{medium.TITLE}: it needs more memory to read than is given to one file.") from error
        except Exception as error:  # decoders fail in a hundred ways, all of which mean the same here
            raise Refused(f"{titles}: not readable; it is damaged or cut off. Accepted: {accepted}.") from error
        if zipfile.is_zipfile(io.BytesIO(found.content)):
            raise Refused(f"{medium.TITLE}: it is a ZIP archive as well; save it anew.")
        return name, found
    raise Refused(f"{titles}: it holds neither picture nor sound.")


def webp(image: Any, side: int) -> bytes:
    """A Pillow image, reduced to at most ``side`` pixels a side, as WebP."""
    small = image.convert("RGBA" if image.has_transparency_data else "RGB")
    small.thumbnail((side, side))
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=80)
    return buffer.getvalue()


THUMBNAIL_PIXELS = 320
