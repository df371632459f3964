"""Every type of media keeps the contract; what is not picture or sound is taken out; hostile files get a clear no.

The hostile set is made here. Whatever a file holds, `taken` gives an answer, and the process that asks lives.
"""

import io
import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from annotate.demo.gallery import _making
from annotate.media import apart, types
from annotate.media.types import Limits, Refused
from annotate.media.types.image import TYPES
from tests.annotate.media.making import clip, glb
from tests.world import pdf, png, tone

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


def gltf(**changes):
    """The description of a small model, changed."""
    content = glb()
    described = json.loads(content[20 : 20 + int.from_bytes(content[12:16], "little")])
    return described | changes, content[28 + int.from_bytes(content[12:16], "little") :]


def packed(**changes):
    return _making.packed(*gltf(**changes))


# ---- the contract ----


@pytest.mark.parametrize("name", types.media())
def test_a_type_keeps_the_contract(name):
    medium = types.get(name)
    assert medium.__doc__
    assert medium.TITLE
    assert medium.ACCEPTED
    assert medium.APART in (True, False)
    assert medium.recognises(b"") is False
    assert medium.recognises(os.urandom(3) * 2000) in (True, False)
    assert set(medium.PREVIEWS.values()) <= {"image/webp", "application/json"}
    if medium.ICON:
        from django.contrib.staticfiles import finders

        assert finders.find(f"annotate/media/{name}.svg")
    content = {"image": png, "video": clip, "audio": tone, "model": glb, "document": pdf}[name]()
    assert taken(content)[0] == name
    for preview in medium.PREVIEWS:
        assert apart.preview(content, name, preview)
    with pytest.raises(Refused):
        medium.preview(content, "no-such-preview")


@pytest.mark.parametrize("suffix", [".webm", ".mp4"])
def test_clips(suffix):
    name, found = taken(clip(suffix))
    assert (name, found.content_type, found.width, found.height) == ("video", f"video/{suffix[1:]}", 64, 48)
    assert found.duration == pytest.approx(1, abs=0.1)
    assert Image.open(io.BytesIO(apart.preview(found.content, "video", "thumbnail"))).size == (64, 48)


def sound(suffix, codec):
    import av
    import numpy as np

    buffer = io.BytesIO()
    with av.open(buffer, "w", format={"m4a": "ipod"}.get(suffix, suffix)) as container:
        container.metadata["artist"] = "SECRET"
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 48_000), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for part in av.AudioResampler(stream.codec_context.format, "mono", 48_000, stream.frame_size or None).resample(
            frame
        ):
            container.mux(stream.encode(part))
        container.mux(stream.encode())
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("suffix", "codec", "content_type"),
    [
        ("mp3", "libmp3lame", "audio/mpeg"),
        ("flac", "flac", "audio/flac"),
        ("ogg", "libopus", "audio/ogg"),
        ("webm", "libopus", "audio/webm"),
        ("m4a", "aac", "audio/mp4"),
        ("wav", "pcm_s16le", "audio/wav"),
    ],
)
def test_recordings_lose_their_tags(suffix, codec, content_type):
    content = sound(suffix, codec)
    name, found = taken(content)
    assert (name, found.content_type) == ("audio", content_type)
    assert found.duration == pytest.approx(1, abs=0.15)
    assert b"SECRET" in content
    assert (b"SECRET" in found.content) == (suffix in ("ogg", "webm"))  # as the documents say
    assert json.loads(apart.preview(found.content, "audio", "peaks"))["duration"] == pytest.approx(1, abs=0.15)


# ---- images: nothing but the picture ----


@pytest.mark.parametrize("format", TYPES)
def test_a_clean_picture_is_kept_as_it_came(format):
    content = encoded(format, size=(900, 300))
    _, found = taken(content)
    assert (found.content_type, found.width, found.height, found.content) == (TYPES[format], 900, 300, content)
    with Image.open(io.BytesIO(found.thumbnail)) as thumbnail:
        assert (thumbnail.format, max(thumbnail.size)) == ("WEBP", types.THUMBNAIL_PIXELS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16", "CMYK"])
def test_every_mode_gets_a_thumbnail(mode):
    assert taken(encoded("JPEG" if mode == "CMYK" else "PNG", mode=mode))[1].thumbnail


def with_metadata(format):
    """A picture with a colour profile, and the word SECRET wherever the format has room for words."""
    exif = Image.Exif()
    exif[0x010E] = "SECRET <?php system($_GET[0]); ?>"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    noise = Image.frombytes("RGB", (16, 16), bytes(range(256)) * 3)
    buffer = io.BytesIO()
    more = {
        "PNG": lambda: {"pnginfo": texts(), "exif": exif, "icc_profile": profile},
        "JPEG": lambda: {"comment": "SECRET", "exif": exif, "xmp": b"SECRET", "icc_profile": profile, "quality": 90},
        "WEBP": lambda: {"exif": exif, "xmp": b"SECRET", "icc_profile": profile, "lossless": True},
        "GIF": lambda: {"comment": b"SECRET", "save_all": True, "append_images": [noise.rotate(90)], "loop": 0},
    }[format]()
    noise.save(buffer, format, **more)
    return buffer.getvalue(), profile


def texts():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "SECRET")
    info.add_text("Other", "SECRET" * 20, zip=True)
    info.add_itxt("Third", "SECRET")
    return info


@pytest.mark.parametrize("format", TYPES)
def test_metadata_go_and_pixels_stay(format):
    content, profile = with_metadata(format)
    assert b"SECRET" in content
    clean = kept(content + b"<script>SECRET</script>" + zipped())
    assert b"SECRET" not in clean
    before, after = (Image.open(io.BytesIO(data)) for data in (content, clean))
    assert after.tobytes() == before.convert(after.mode).tobytes()
    assert getattr(after, "n_frames", 1) == getattr(before, "n_frames", 1)
    assert after.info.get("icc_profile") == (profile if format != "GIF" else None)
    assert not after.getexif()
    assert kept(clean) == clean


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_turned_the_way_the_camera_was_held(format):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter
    _, found = taken(encoded(format, size=(40, 20), exif=exif))
    assert (found.width, found.height) == (20, 40)
    shown = Image.open(io.BytesIO(found.content))
    assert (shown.size, dict(shown.getexif())) == ((20, 40), {})


def test_every_broken_file_is_refused_or_read_never_a_fault():
    """Flip bytes all over a file of each type; the answer is an image or a refusal."""
    for format in TYPES:
        content = with_metadata(format)[0]
        for place in range(0, len(content), max(1, len(content) // 80)):
            broken = bytearray(content)
            broken[place] ^= 0xFF
            for damaged in (bytes(broken), content[:place]):
                try:
                    name, _ = taken(damaged)
                except Refused:
                    continue
                assert name == "image"


# ---- hostile files ----


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


def test_descriptions_of_an_mp4_are_blanked_where_they_stand():
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4", options={"movflags": "use_metadata_tags"}) as container:
        container.metadata.update({"location": "+48.8577+002.295/", "title": "SECRET"})
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        container.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (32, 32)))))
        container.mux(stream.encode())
    content = buffer.getvalue()
    clean = kept(content)
    assert b"SECRET" in content
    assert b"48.8577" in content
    assert b"SECRET" not in clean
    assert b"48.8577" not in clean
    assert len(clean) == len(content)
    assert kept(clean) == clean


def test_h264_that_browsers_do_not_play():
    import av

    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=15)
        stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv444p"
        container.mux(stream.encode(av.VideoFrame.from_image(Image.new("RGB", (32, 32)))))
        container.mux(stream.encode())
    assert "ffmpeg" in refusal(buffer.getvalue())


def test_limits_of_length_size_and_pages():
    small = Limits(pixels=100, frame_pixels=100, seconds=0.5, pages=1)
    assert "megapixels" in refusal(clip(".webm"), small)
    wide = Limits(pixels=100, frame_pixels=10**6, seconds=0.5, pages=1)
    assert "minutes long" in refusal(clip(".webm"), wide)
    assert "minutes long" in refusal(tone(0.6), wide)
    assert "2 pages, the limit is 1" in refusal(pdf(), wide)


# ---- apart ----


def test_a_decoder_that_hangs_is_ended(monkeypatch):
    monkeypatch.setattr(apart, "SECONDS", 0.01)
    with pytest.raises(Refused, match="seconds to read"):
        taken(tone())


def test_a_decoder_that_crashes_takes_nobody_along(monkeypatch):
    run = subprocess.run
    program = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(subprocess, "run", lambda command, **more: run([sys.executable, "-c", program], **more))
    with pytest.raises(Refused, match="crashed"):
        taken(tone())


def test_a_child_has_no_secrets_and_little_memory():
    program = """
import os, resource
from annotate.media import apart
apart._limit(1000)
assert not {"SECRET_KEY", "DATABASE_URL", "DATA_DIR", "HOME"} & set(os.environ), os.environ
try:
    bytearray(4 * 1024**3)
except MemoryError:
    print("bounded")
"""
    seen = {}
    run = subprocess.run

    def watched(command, **more):
        seen.update(more["env"])
        return run(command, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "run", watched)
        taken(tone())
    done = run([sys.executable, "-c", program], env=seen, cwd=apart.ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "bounded", done.stderr
