"""Images are taken in by what they are, within limits, and once a content."""

import contextlib
import io
import struct
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from PIL import Image

from annotate.media.models import MediaFile
from annotate.media.selectors import images
from annotate.media.services import IMAGE_TYPES, THUMBNAIL_PIXELS, store_image
from tests.world import png


def encoded(format, size=(8, 6), mode="RGB", **more):
    buffer = io.BytesIO()
    Image.new(mode, size, None).save(buffer, format, **more)
    return buffer.getvalue()


def png_header(width, height):
    """A PNG that says it is huge and holds next to nothing."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("format", IMAGE_TYPES)
def test_accepted_types(world, format):
    content = encoded(format, size=(900, 300))
    file = store_image(organisation=world.organisation, content=content)
    assert (file.content_type, file.width, file.height, file.size) == (IMAGE_TYPES[format], 900, 300, len(content))
    assert default_storage.open(file.path).read() == content
    with Image.open(default_storage.open(file.thumbnail_path)) as thumbnail:
        assert (thumbnail.format, max(thumbnail.size)) == ("WEBP", THUMBNAIL_PIXELS)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGBA", "LA", "I;16", "CMYK"])
def test_every_mode_gets_a_thumbnail(world, mode):
    format = "JPEG" if mode == "CMYK" else "PNG"
    file = store_image(organisation=world.organisation, content=encoded(format, mode=mode))
    assert default_storage.exists(file.thumbnail_path)


def test_turned_the_way_the_camera_was_held(world):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be shown turned by a quarter
    file = store_image(organisation=world.organisation, content=encoded("JPEG", size=(40, 20), exif=exif))
    assert (file.width, file.height) == (20, 40)
    with Image.open(default_storage.open(file.thumbnail_path)) as thumbnail:
        assert thumbnail.size == (20, 40)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"></svg>',
        b"<html><script>alert(1)</script></html>",
        b"%PDF-1.7",
        b"GIF89a" + b"\0" * 20,
        encoded("BMP"),
        encoded("TIFF"),
        encoded("ICO"),
        encoded("PNG")[:40],
        encoded("JPEG", size=(200, 200))[:300],
    ],
    ids=["empty", "text", "svg", "html", "pdf", "broken gif", "bmp", "tiff", "ico", "cut png", "cut jpeg"],
)
def test_what_is_refused(world, content):
    with pytest.raises(ValidationError, match="not a readable image"):
        store_image(organisation=world.organisation, content=content, name="x.png")
    assert MediaFile.objects.count() == 1


def test_every_broken_file_is_refused_or_read_never_a_fault(world):
    """Flip bytes all over a file of each type; the answer is an image or a refusal."""
    for format in IMAGE_TYPES:
        content = encoded(format, size=(32, 32))
        for place in range(0, len(content), max(1, len(content) // 60)):
            broken = bytearray(content)
            broken[place] ^= 0xFF
            with contextlib.suppress(ValidationError):
                store_image(organisation=world.organisation, content=bytes(broken))


@pytest.mark.parametrize("size", [(20_000, 20_000), (100_000, 100_000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_before_a_pixel_is_decoded(world, size):
    with pytest.raises(ValidationError, match=r"megapixels|not a readable image"):
        store_image(organisation=world.organisation, content=png_header(*size))


def test_too_many_bytes(world, settings):
    settings.MEDIA_MAX_BYTES = 50
    with pytest.raises(ValidationError, match="limit"):
        store_image(organisation=world.organisation, content=png("green"))


def test_the_same_content_twice_is_one_file(world):
    again = store_image(organisation=world.organisation, content=png())
    assert again == world.image
    assert MediaFile.objects.count() == 1


def test_organisations_share_bytes_and_nothing_else(world):
    theirs = store_image(organisation=world.elsewhere, content=png())
    assert theirs != world.image
    assert theirs.path == world.image.path
    assert len([name for name in default_storage.listdir(theirs.digest[:2])[1] if theirs.digest in name]) == 2


def test_a_row_always_has_its_file(world, monkeypatch):
    """The bytes are written first: a crash in between leaves a file without a row, which the next upload takes up."""
    save = default_storage.save

    def crash(path, content):
        save(path, content)
        raise OSError("disk full")

    monkeypatch.setattr(default_storage, "save", crash)
    with pytest.raises(OSError, match="disk full"):
        store_image(organisation=world.organisation, content=png("purple"))
    assert MediaFile.objects.count() == 1
    monkeypatch.undo()
    file = store_image(organisation=world.organisation, content=png("purple"))
    assert default_storage.exists(file.thumbnail_path)


# ---- serving ----


def test_served_so_that_no_browser_runs_it(world):
    client = world.client(world.members["annotator"])
    for size in ("", "/thumbnail"):
        answer = client.get(f"/media/{world.organisation.pk}/{world.image.digest}{size}")
        assert answer.status_code == 200
        assert answer["Content-Type"] == ("image/webp" if size else "image/png")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "script-src" not in answer["Content-Security-Policy"]
        assert answer["Cache-Control"].startswith("private")


def test_a_digest_alone_opens_nothing(world):
    outsider = world.client(world.outsider)
    assert outsider.get(f"/media/{world.organisation.pk}/{world.image.digest}").status_code == 404
    assert outsider.get(f"/media/{world.elsewhere.pk}/{world.image.digest}").status_code == 404
    for odd in ("..%2f..%2fsecret_key", "%00" * 64, "0" * 64):
        assert outsider.get(f"/media/{world.elsewhere.pk}/{odd}").status_code == 404


def test_a_file_missing_from_storage_is_not_found(world):
    default_storage.delete(world.image.path)
    try:
        answer = world.client(world.owner).get(f"/media/{world.organisation.pk}/{world.image.digest}")
        assert answer.status_code == 404
    finally:
        default_storage.save(world.image.path, io.BytesIO(png()))


def test_images_for_pages_leave_out_what_is_unknown(world):
    found = images(world.organisation.pk, [world.image.ref, "sha256:" + "0" * 64])
    assert list(found) == [world.image.ref]
    assert (found[world.image.ref]["width"], found[world.image.ref]["height"]) == (8, 6)
    assert images(world.elsewhere.pk, [world.image.ref]) == {}
