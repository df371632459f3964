"""A set of hostile files, made here: each gets a clear no or loses its sting, and the process that asks lives."""

import io
import json
import os
import struct
import zipfile

import pytest
from PIL import Image

from annotate.demo.gallery import _making
from annotate.media.types import Limits, Refused
from tests.annotate.media.making import chunk, clip, encoded, glb, kept, png_that_says, refusal, zipped
from tests.world import pdf, tone


def gltf(**changes):
    """The description of a small model, changed."""
    content = glb()
    described = json.loads(content[20 : 20 + int.from_bytes(content[12:16], "little")])
    return described | changes, content[28 + int.from_bytes(content[12:16], "little") :]


def packed(**changes):
    return _making.packed(*gltf(**changes))


@pytest.mark.parametrize("size", [(30_000, 30_000), (100_000, 100_000), (2**31 - 1, 1)])
def test_a_picture_bomb_is_refused_before_a_pixel_is_decoded(size):
    assert "megapixels" in refusal(png_that_says(*size))


def test_an_animation_bomb():
    many = png_that_says(5000, 5000, chunk(b"acTL", struct.pack(">II", 2**20, 0)))
    assert "frames" in refusal(many)
    small = Limits(pixels=600, frame_pixels=1, seconds=1, pages=1)
    for format in ("GIF", "WEBP"):
        frames = [Image.new("RGB", (20, 20), (8 * number, 255 * (number % 2), 0)) for number in range(30)]
        buffer = io.BytesIO()
        frames[0].save(buffer, format, save_all=True, append_images=frames[1:])
        assert "30 frames of 20 x 20 pixels" in refusal(buffer.getvalue(), small)


HOSTILE = {
    "empty": (lambda: b"", "empty"),
    "text": (lambda: b"hello", "no accepted type"),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>', "SVG is not accepted"),
    "svg after a prologue": (
        lambda: b'<?xml version="1.0"?>\n<!-- a -->\n<!DOCTYPE svg PUBLIC "x" "y">\n<svg><script/></svg>',
        "SVG is not accepted",
    ),
    "html named .png": (lambda: b"<html><script>alert(1)</script></html>", "web page"),
    "zip bomb": (lambda: zipped(b"\0" * 10**7), "ZIP"),
    "gzip": (lambda: b"\x1f\x8b" + b"\0" * 20, "packed"),
    "bmp": (lambda: encoded("BMP"), "convert it to PNG"),
    "tiff": (lambda: encoded("TIFF"), "convert it to PNG"),
    "avif": (lambda: encoded("AVIF"), "HEIC and AVIF"),
    "avi": (lambda: b"RIFF\0\0\0\0AVI LIST", "MP4 and WebM"),
    "obj": (lambda: b"# cube\nv 0 0 0\n", "glTF"),
    "broken gif": (lambda: b"GIF89a" + b"\0" * 20, "not readable"),
    "truncated png": (lambda: encoded("PNG")[:40], "not readable"),
    "truncated jpeg": (lambda: encoded("JPEG", size=(200, 200))[:-100], "not readable"),
    "jpeg without an end": (lambda: encoded("JPEG", size=(200, 200))[:-2], "not readable"),
    "png with a zip in its last chunk": (
        # A chunk that stays, and an end of archive whose comment is the rest of the picture.
        lambda: png_that_says(8, 6, chunk(b"bKGD", b"PK\5\6" + b"\0" * 16 + (1057).to_bytes(2, "little"))),
        "",
    ),
    "webm that is none": (lambda: b"\x1a\x45\xdf\xa3" + b"webm" * 500, "not readable"),
    "mp4 that is none": (lambda: b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom" + os.urandom(5000), "MP4"),
    "mp4 without frames": (lambda: clip(".mp4")[:300], "MP4"),
    "mp4 with a page after it": (lambda: clip(".mp4") + b"<html><script>alert(1)</script></html>", "something else"),
    "mp4 with a zip after it": (lambda: clip(".mp4") + zipped(), "something else"),
    "webm with a zip after it": (lambda: clip(".webm") + zipped(), "ZIP"),
    "mp4 of ten hours": (lambda: of_ten_hours(), "limit is 60"),
    "quicktime": (lambda: clip(".mp4").replace(b"ftypisom", b"ftypqt  "), "QuickTime"),
    "matroska": (lambda: clip(".webm").replace(b"webm", b"mkvs", 1), "WebM"),
    "wav of four gigabytes": (lambda: b"RIFF\xff\xff\xff\xff" + tone()[8:], "made up"),
    "wav with a part of four gigabytes": (lambda: tone()[:40] + b"\xff\xff\xff\xff" + tone()[44:], "made up"),
    "wav of no bits": (lambda: tone()[:34] + b"\0\0" + tone()[36:], ""),
    "mp3 of noise": (lambda: b"ID3\4\0\0\0\0\0\0" + bytes(5000), ""),
    "glb with another file": (lambda: packed(images=[{"uri": "http://127.0.0.1/x.png"}]), "refers to another file"),
    "glb with a local file": (lambda: packed(buffers=[{"uri": "../secret", "byteLength": 8}]), "another file"),
    "glb with a file in an extension": (lambda: packed(extensions={"X": [{"uri": "file:///etc"}]}), "another file"),
    "glb with a page": (lambda: packed(images=[{"uri": "data:text/html;base64,PGI+"}]), "of a kind"),
    "glb of wrong length": (lambda: glb() + b"\0\0\0\0", "its header says"),
    "glb with a long part": (lambda: glb()[:12] + b"\xff\xff\xff\x7f" + glb()[16:], "longer than the file"),
    "glb of version 1": (lambda: b"glTF\1\0\0\0" + glb()[8:], "version 1"),
    "glb with a view too long": (
        lambda: packed(bufferViews=[{"buffer": 0, "byteLength": 10**9}]), "beyond its buffer",
    ),
    "glb with an accessor too long": (
        lambda: packed(accessors=[{"bufferView": 0, "componentType": 5126, "count": 10**6, "type": "VEC3"}]),
        "beyond its data",
    ),
    "glb with a billion elements": (
        lambda: packed(accessors=[{"componentType": 5126, "count": 10**9, "type": "VEC3"}]), "million elements",
    ),
    "glb in a circle": (
        lambda: packed(nodes=[{"children": [1]}, {"children": [2]}, {"children": [1]}]), "a tree",
    ),
    "glb in itself": (lambda: packed(nodes=[{"children": [0]}]), "circle"),
    "glb with draco": (lambda: packed(extensionsRequired=["KHR_draco_mesh_compression"]), "without compression"),
    "glb with a texture bomb": (lambda: with_texture(png_that_says(30_000, 30_000)), "megapixels"),
    "glb with an svg texture": (lambda: with_texture(b"<svg onload='alert(1)'/>"), "texture"),
    "glb with broken numbers": (lambda: packed(buffers=[{"byteLength": "x"}]), "not readable"),
    "json that is no model": (lambda: b'{"a": 1}', "glTF"),
    "deep json": (lambda: b'{"a":' + b"[" * 100_000, "3D model"),
    "pdf of nothing": (lambda: b"%PDF-1.7\n", "not readable"),
    "pdf of noise": (lambda: b"%PDF-1.7\n" + os.urandom(5000), "not readable"),
    "pdf with an absurd page": (lambda: with_page("[0 0 1000000 1000000]"), "limit is 14400"),
    "pdf with a huge page": (lambda: with_page("[0 0 99999 10]"), "limit is 14400"),
    "pdf with a zip after it": (lambda: pdf() + zipped(), "ZIP"),
}  # fmt: skip


def of_ten_hours():
    """A clip whose header claims to last 36,000 seconds."""
    content = clip(".mp4")
    scale = int.from_bytes(content[content.index(b"mdhd") + 16 :][:4])
    at = content.index(b"stts") + 16  # how long a frame is shown
    return content[:at] + (36_000 * scale // 15).to_bytes(4) + content[at + 4 :]


def with_texture(picture):
    described, body = gltf()
    view = {"buffer": 0, "byteOffset": len(body), "byteLength": len(picture)}
    described["images"] = [{"bufferView": len(described["bufferViews"]), "mimeType": "image/png"}]
    described["bufferViews"] = [*described["bufferViews"], view]
    described["buffers"] = [{"byteLength": len(body) + len(picture)}]
    return _making.packed(described, body + picture)


def with_page(box):
    page = f"<< /Type /Page /Parent 2 0 R /MediaBox {box} >>"
    return (
        "%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 "
        f">>\nendobj\n3 0 obj\n{page}\nendobj\ntrailer << /Root 1 0 R >>\n"
    ).encode()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_gets_a_clear_no(name):
    make, says = HOSTILE[name]
    message = refusal(make())
    assert says in message
    assert "Error" not in message
    assert "Traceback" not in message


@pytest.mark.parametrize("make", [lambda: b"GIF89a/*" + encoded("GIF")[8:] + b"*/=1;alert(1);//", None])
def test_a_picture_that_is_a_program_too(make):
    """GIFAR and its kin: what makes a file a second thing stands behind its end, or in its comments."""
    content = make() if make else encoded("GIF", size=(9, 9)) + zipped(b"class")
    try:
        clean = kept(content)
    except Refused:
        return
    assert b"alert" not in clean
    assert not zipfile.is_zipfile(io.BytesIO(clean))
