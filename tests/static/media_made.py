"""Tiny media for tests, made here: a film, a tone, a textured triangle, pages, pictures."""

import io
import json
import math
import struct
import wave
from typing import Any

from PIL import Image, ImageDraw

FRAMES, RATE = 50, 25


def picture(words: str = "", colour: str = "steelblue", size: tuple[int, int] = (160, 120)) -> bytes:
    image = Image.new("RGB", size, colour)
    ImageDraw.Draw(image).text((8, 8), words, fill="white")
    return _bytes(image)


def mask(size: tuple[int, int] = (160, 120)) -> bytes:
    """White on the left, black on the right."""
    image = Image.new("L", size, 0)
    image.paste(255, (0, 0, size[0] // 2, size[1]))
    return _bytes(image)


def film(frames: int = FRAMES) -> bytes:
    """WebM (VP8), 25 frames a second; each frame is a shade of its own."""
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="webm") as container:
        stream: Any = container.add_stream("libvpx", rate=RATE)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for number in range(frames):
            shade = number * 255 // frames
            container.mux(
                stream.encode(av.VideoFrame.from_image(Image.new("RGB", (160, 90), (shade, 60, 255 - shade))))
            )
        container.mux(stream.encode(None))
    return buffer.getvalue()


def tone(seconds: float = 2.0, pitch: float = 220.0) -> bytes:
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        samples = (int(9000 * math.sin(2 * math.pi * pitch * n / 8000)) for n in range(int(8000 * seconds)))
        file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
    return buffer.getvalue()


def triangle() -> bytes:
    """Binary glTF: one triangle with a texture of its own inside the file."""
    corners = struct.pack("<9f", 0, 0, 0, 1, 0, 0, 0, 1, 0)
    texture_places = struct.pack("<6f", 0, 0, 1, 0, 0, 1)
    order = struct.pack("<3H", 0, 1, 2) + b"\0\0"
    texture = picture(size=(4, 4))
    texture += b"\0" * (-len(texture) % 4)
    blob = corners + texture_places + order + texture
    document = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
        "materials": [{"doubleSided": True, "pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "textures": [{"source": 0}],
        "images": [{"bufferView": 3, "mimeType": "image/png"}],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3", "min": [0, 0, 0], "max": [1, 1, 0]},
            {"bufferView": 1, "componentType": 5126, "count": 3, "type": "VEC2"},
            {"bufferView": 2, "componentType": 5123, "count": 3, "type": "SCALAR"},
        ],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 36},
            {"buffer": 0, "byteOffset": 36, "byteLength": 24},
            {"buffer": 0, "byteOffset": 60, "byteLength": 6},
            {"buffer": 0, "byteOffset": 68, "byteLength": len(texture)},
        ],
        "buffers": [{"byteLength": len(blob)}],
    }
    text = json.dumps(document).encode()
    text += b" " * (-len(text) % 4)
    head = struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + len(blob))
    return head + struct.pack("<I4s", len(text), b"JSON") + text + struct.pack("<I4s", len(blob), b"BIN\0") + blob


def _bytes(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
