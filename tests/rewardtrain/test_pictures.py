"""Pictures: found by content, upright, on white, and within limits."""

import base64
import hashlib
import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from rewardtrain import pictures
from rewardtrain.errors import DataError
from rewardtrain.pictures import Media


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@pytest.fixture
def media(tmp_path: Path) -> Media:
    return Media(tmp_path)


def test_finds_a_file_as_the_app_stores_it_and_flat(media: Media, tmp_path: Path) -> None:
    content = saved(Image.new("RGB", (3, 2), "red"))
    ref = pictures.keep(tmp_path, content)
    digest = ref.removeprefix("sha256:")
    assert digest == hashlib.sha256(content).hexdigest()
    assert (tmp_path / digest[:2] / digest).is_file()
    assert media.read(ref) == content
    (tmp_path / digest[:2] / digest).rename(tmp_path / digest)
    assert media.image(ref).getpixel((0, 0)) == (255, 0, 0)


def test_a_photograph_is_turned_as_its_camera_was_held(media: Media, tmp_path: Path) -> None:
    shot = Image.new("RGB", (40, 20), "white")
    shot.paste("red", (0, 0, 10, 20))  # the left of the sensor is the top of the picture
    exif = Image.Exif()
    exif[0x0112] = 6
    ref = pictures.keep(tmp_path, saved(shot, "JPEG", exif=exif, quality=95))
    assert media.size(ref) == (20, 40) == media.image(ref).size
    red, _, blue = media.image(ref).getpixel((10, 2))
    assert red > 200 > 100 > blue


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_what_is_transparent_is_white(mode: str, media: Media, tmp_path: Path) -> None:
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    content = saved(clear.convert(mode), **({"transparency": 0} if mode == "P" else {}))
    shown = media.image(pictures.keep(tmp_path, content))
    assert shown.mode == "RGB"
    assert shown.getpixel((1, 1)) == (255, 255, 255)


def test_a_data_url_is_the_file_itself(media: Media, tmp_path: Path) -> None:
    content = saved(Image.new("RGB", (3, 2), "red"))
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    assert Media(None).image(url).size == (3, 2)
    assert pictures.key(url) == pictures.keep(tmp_path, content)


def _png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds no pixel."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", b"")


class TestRefuses:
    @pytest.mark.parametrize(("width", "height"), [(10_000, 10_000), (60_000, 60_000)])
    def test_a_bomb_before_a_pixel_is_decoded(self, width: int, height: int, media: Media, tmp_path: Path) -> None:
        ref = pictures.keep(tmp_path, _png_header(width, height))
        with pytest.raises(DataError, match="the limit is 50 megapixels"):
            media.size(ref)

    def test_a_file_over_the_limit(self, media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        ref = pictures.keep(tmp_path, saved(Image.effect_noise((64, 64), 50)))
        monkeypatch.setattr(pictures, "MAX_BYTES", 1000)
        with pytest.raises(DataError, match="over the limit"):
            media.read(ref)

    def test_what_is_no_picture(self, media: Media, tmp_path: Path) -> None:
        for content in (b"words", b"", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a"):
            with pytest.raises(DataError, match=r"no picture that can be read \(PNG, JPEG, WEBP, GIF\)"):
                media.size(pictures.keep(tmp_path, content))

    def test_a_broken_one(self, media: Media, tmp_path: Path) -> None:
        whole = saved(Image.effect_noise((64, 64), 50), "JPEG")
        ref = pictures.keep(tmp_path, whole[: len(whole) // 2])
        assert media.size(ref) == (64, 64)
        with pytest.raises(DataError, match="is broken"):
            media.image(ref)

    def test_a_file_that_is_not_what_its_name_says(self, media: Media, tmp_path: Path) -> None:
        ref = pictures.keep(tmp_path, saved(Image.new("RGB", (3, 2))))
        digest = ref.removeprefix("sha256:")
        (tmp_path / digest[:2] / digest).write_bytes(b"other")
        with pytest.raises(DataError, match="does not hold what its name says"):
            media.size(ref)

    def test_names_that_are_no_digest_and_folders_that_are_none(self, media: Media, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="is no SHA-256"):
            media.read("sha256:../../etc/passwd")
        with pytest.raises(DataError, match="There is no media folder"):
            Media(None).read(f"sha256:{'a' * 64}")
        with pytest.raises(DataError, match="does not exist"):
            pictures.media_of(tmp_path, tmp_path / "none")
        with pytest.raises(DataError, match="cannot be read"):
            media.read("data:image/png;base64,%%%")
