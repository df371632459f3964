"""Pictures by what is in them: a folder of files named by their SHA-256, read within limits.

    media/9f/9f86d081…     as `annotate.media` stores them, or media/9f86d081…

A picture is inspected by its content before a pixel is decoded, turned the way its camera was held (EXIF), and laid
on white where it is transparent; of an animation the first frame counts. Nothing is fetched from a network.
"""

import base64
import binascii
import hashlib
import io
import warnings
from pathlib import Path

from PIL import Image, ImageOps

from rewardtrain.errors import DataError

FORMATS = ("PNG", "JPEG", "WEBP", "GIF")  # those that people may upload; SVG can carry scripts
MAX_BYTES = 20 << 20
MAX_PIXELS = 50_000_000
_SIDEWAYS = range(5, 9)  # values of EXIF's orientation that swap width and height
_ORIENTATION = 0x0112


class Media:
    """The pictures that a training or a scorer may read.

    Attributes
    ----------
    root : folder of the files; None where pictures come as data: URLs only.
    """

    def __init__(self, root: Path | None) -> None:
        self.root = root
        self._size: dict[str, tuple[int, int]] = {}

    def read(self, ref: str) -> bytes:
        """The bytes of one picture.

        Raises
        ------
        DataError
            If it is missing, too large, or not what its name says.
        """
        content = _from_url(ref) if ref.startswith("data:") else self._from_file(ref.removeprefix("sha256:"))
        if len(content) > MAX_BYTES:
            raise DataError(f"{name(ref)} has {len(content) / 2**20:.1f} MB; the limit is {MAX_BYTES >> 20} MB.")
        return content

    def size(self, ref: str) -> tuple[int, int]:
        """Width and height as the picture is shown, from its header alone.

        Raises
        ------
        DataError
            If it cannot be read, or is over a limit.
        """
        if ref not in self._size:
            opened = _opened(self.read(ref), ref)
            width, height = opened.size
            turned = opened.getexif().get(_ORIENTATION) in _SIDEWAYS
            self._size[ref] = (height, width) if turned else (width, height)
        return self._size[ref]

    def image(self, ref: str) -> Image.Image:
        """The picture in RGB.

        Raises
        ------
        DataError
            As `size`, and where the pixels are broken.
        """
        opened = _opened(self.read(ref), ref)
        try:
            upright = ImageOps.exif_transpose(opened)
            if not upright.has_transparency_data:
                return upright.convert("RGB")
            layer = upright.convert("RGBA")
            return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
        except Exception as error:  # Pillow's decoders fail in a dozen ways, all of which mean the same here
            raise DataError(f"{name(ref)} is broken: {error}") from None

    def _from_file(self, digest: str) -> bytes:
        if self.root is None:
            raise DataError(f"There is no media folder to find {name(digest)} in. Give one (--media).")
        if len(digest) != 64 or set(digest) - set("0123456789abcdef"):
            raise DataError(f"{name(digest)} is no SHA-256: 64 hexadecimal digits.")
        for path in (self.root / digest[:2] / digest, self.root / digest):
            if path.is_file():
                if path.stat().st_size > MAX_BYTES:
                    raise DataError(f"{path} is over the limit of {MAX_BYTES >> 20} MB.")
                content = path.read_bytes()
                if hashlib.sha256(content).hexdigest() != digest:
                    raise DataError(f"{path} does not hold what its name says. Copy it anew.")
                return content
        raise DataError(f"The picture {digest} is not in {self.root}.")


def media_of(source: str | Path, explicit: str | Path | None = None) -> Media:
    """The pictures beside a dataset: an explicit folder, or ``media`` in the version's folder or beside the file.

    Raises
    ------
    DataError
        If the explicit folder does not exist.
    """
    if explicit is not None:
        if not Path(explicit).is_dir():
            raise DataError(f"The media folder {explicit} does not exist.")
        return Media(Path(explicit))
    path = Path(source)
    beside = (path if path.is_dir() else path.parent) / "media"
    return Media(beside if beside.is_dir() else None)


def keep(root: Path, content: bytes) -> str:
    """Write a file under its digest; returns its reference."""
    digest = hashlib.sha256(content).hexdigest()
    path = root / digest[:2] / digest
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return f"sha256:{digest}"


def key(ref: str) -> str:
    """What tells one picture from another by its content: the digest, of data: URLs too."""
    return ref if ref.startswith("sha256:") else f"sha256:{hashlib.sha256(_from_url(ref)).hexdigest()}"


def name(ref: str) -> str:
    """A reference as a message can show it."""
    return ref if len(ref) <= 80 else f"{ref[:40]}…"


def _from_url(url: str) -> bytes:
    head, comma, body = url.partition(",")
    try:
        if not comma or not head.endswith(";base64"):
            raise ValueError("it is not data:image/…;base64,…")
        return base64.b64decode(body, validate=True)
    except (ValueError, binascii.Error) as error:
        raise DataError(f"{name(url)} cannot be read: {error}") from None


def _opened(content: bytes, ref: str) -> Image.Image:
    """The picture with its header read and judged."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # of moderate ones; we judge the size
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise DataError(f"{name(ref)} has too many pixels; the limit is {MAX_PIXELS // 10**6} megapixels.") from None
    except Exception:
        known = ", ".join(FORMATS)
        raise DataError(f"{name(ref)} is no picture that can be read ({known}).") from None
    width, height = opened.size
    if width * height > MAX_PIXELS:
        raise DataError(f"{name(ref)} has {width} x {height} pixels; the limit is {MAX_PIXELS // 10**6} megapixels.")
    return opened
