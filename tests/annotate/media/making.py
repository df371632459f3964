"""Small media for tests, sound and spoiled, and what Touchstone says of them."""

import io
import struct
import tempfile
import zipfile
import zlib
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from annotate.demo.gallery import _making
from annotate.media import apart, types
from annotate.media.types import Limits, Refused


@cache
def clip(suffix=".webm", size=(64, 48), frames=15):
    """One second that turns from black to grey."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = [Image.new("RGB", size, (8 * number,) * 3) for number in range(frames)]
        return (Path(folder) / _making.clip(Path(folder), f"clip{suffix}", pictures)).read_bytes()


@cache
def glb():
    with tempfile.TemporaryDirectory() as folder:
        return (Path(folder) / _making.glb(Path(folder), "box.glb", [_making.box(1, 1, 1, (1, 0, 0))])).read_bytes()


LIMITS = Limits(pixels=50_000_000, frame_pixels=4096 * 2304, seconds=3600, pages=500)


def taken(content, limits=LIMITS):
    """(type, Inspected) as `annotate.media.services.store` has it; raises Refused."""
    names = types.candidates(content)
    decide = apart.inspect if any(types.get(name).APART for name in names) else types.judge
    return decide(content, names, limits)


def kept(content):
    return taken(content)[1].content


def refusal(content, limits=LIMITS):
    with pytest.raises(Refused) as caught:
        taken(content, limits)
    return str(caught.value)


def encoded(format, size=(8, 6), mode="RGB", **more):
    buffer = io.BytesIO()
    Image.new(mode, size, None).save(buffer, format, **more)
    return buffer.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_says(width, height, *more):
    """A PNG that says it is huge and holds next to nothing."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = [chunk(b"IHDR", head), *more, chunk(b"IDAT", zlib.compress(b"\0" * 1000)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def zipped(words=b"x" * 100):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", words)
    return buffer.getvalue()
