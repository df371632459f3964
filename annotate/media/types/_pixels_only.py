"""Cut out of an encoded image all that is not the picture, without decoding it.

Each function takes a file and gives what is kept, and how many frames it has. A file that is not built as its format
says, or that ends early, raises ValueError (or IndexError, where a part ends early). What stands after the picture's
end is left out: that is where a second file hides.

Sources: PNG 3rd edition (w3.org/TR/png-3), ITU-T T.81 annex B (JPEG), the GIF89a specification, RFC 9649 (WebP).
"""

import re
import zlib
from collections.abc import Callable

# PNG: the picture, its colours, its size in print, and animation.
_PNG = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP", b"bKGD", b"pHYs",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_WEBP = {b"VP8 ", b"VP8L", b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"ICCP"}
_GIF_LOOPS = {b"NETSCAPE2.0", b"ANIMEXTS1.0"}
_WEBP_METADATA = 0x0C  # the flags of VP8X that announce EXIF and XMP

# Within a JPEG's scan: any marker but a stuffed zero, a restart and a fill byte.
_JPEG_MARKER = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])")


def png(content: bytes) -> tuple[bytes, int]:
    kept, frames, at = [content[:8]], 1, 8
    while True:
        length = int.from_bytes(content[at : at + 4])
        kind, end = content[at + 4 : at + 8], at + 12 + length
        if end > len(content):
            raise ValueError("cut off")
        if zlib.crc32(content[at + 4 : end - 4]) != int.from_bytes(content[end - 4 : end]):
            raise ValueError("a chunk is damaged")
        if kind in _PNG:
            kept.append(content[at:end])
        if kind == b"acTL":
            frames = max(1, int.from_bytes(content[at + 8 : at + 12]))
        if kind == b"IEND":
            return b"".join(kept), frames
        at = end


def jpeg(content: bytes) -> tuple[bytes, int]:
    kept, at = [content[:2]], 2
    while True:
        if content[at] != 0xFF:
            raise ValueError("a marker is expected")
        while content[at] == 0xFF:
            at += 1
        marker = content[at]
        at += 1
        if marker == 0xD9:
            kept.append(b"\xff\xd9")
            return b"".join(kept), 1
        end = at + int.from_bytes(content[at : at + 2])
        if end < at + 2 or end > len(content):
            raise ValueError("cut off")
        body = _jpeg_segment(marker, content[at + 2 : end])
        if body is not None:
            kept.append(bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body)
        at = end
        if marker == 0xDA:
            found = _JPEG_MARKER.search(content, at)
            if found is None or found.end() == len(content):
                raise ValueError("cut off")
            kept.append(content[at : found.start()])
            at = found.start()


def _jpeg_segment(marker: int, body: bytes) -> bytes | None:
    """What is kept of a segment: of applications' own only what colours and sizes need."""
    if marker == 0xE0:
        return body[:12] + b"\0\0" if body.startswith(b"JFIF\0") and len(body) >= 14 else None  # without its preview
    if marker == 0xEE:
        return body[:12] if body.startswith(b"Adobe") else None
    if marker == 0xE2:
        return body if body.startswith(b"ICC_PROFILE\0") else None
    return None if marker in range(0xE1, 0xF0) or marker == 0xFE else body


def gif(content: bytes) -> tuple[bytes, int]:
    at = 13 + _gif_table(content[10])
    kept, frames = [content[:at]], 0
    while True:
        start, block = at, content[at]
        if block == 0x3B:
            return b"".join([*kept, b";"]), max(frames, 1)
        if block == 0x2C:
            frames += 1
            at = _gif_blocks(content, at + 11 + _gif_table(content[at + 9]))
            keep = True
        elif block == 0x21:
            label, first = content[at + 1], content[at + 3 : at + 3 + content[at + 2]]
            at = _gif_blocks(content, at + 2)
            keep = label == 0xF9 or (label == 0xFF and first in _GIF_LOOPS)
        else:
            raise ValueError("a block is expected")
        if keep:
            kept.append(content[start:at])


def _gif_table(flags: int) -> int:
    """Bytes of a colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks(content: bytes, at: int) -> int:
    """The place after a chain of sub-blocks."""
    while content[at]:
        at += content[at] + 1
    return at + 1


def webp(content: bytes) -> tuple[bytes, int]:
    end = int.from_bytes(content[4:8], "little") + 8
    if end > len(content):
        raise ValueError("cut off")
    kept, frames, at = [], 0, 12
    while at < end:
        kind, length = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        after = at + 8 + length
        if after > end:
            raise ValueError("cut off")
        frames += kind == b"ANMF"
        if kind == b"VP8X":
            kept.append(content[at : at + 8] + bytes((content[at + 8] & ~_WEBP_METADATA,)) + content[at + 9 : after])
        elif kind in _WEBP:
            kept.append(content[at:after])
        if kind in _WEBP and length % 2:
            kept.append(b"\0")
        at = after + length % 2
    body = b"".join(kept)
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body, max(frames, 1)


STRIP: dict[str, Callable[[bytes], tuple[bytes, int]]] = {"PNG": png, "JPEG": jpeg, "GIF": gif, "WEBP": webp}
