"""Of a picture nothing is kept but the picture: its pixels bit for bit, its colour profile, and the way to hold it."""

import io

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from annotate.media import types
from annotate.media.types import Refused
from annotate.media.types.image import TYPES
from tests.annotate.media.making import encoded, kept, taken, zipped


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
