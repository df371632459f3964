"""Pairs of a picture with a worse copy of it: blurred, noisy, compressed, cropped, discoloured, partly covered.

The winner's first picture is read through `Context.media` and corrupted by Pillow; the copy is new media, named by its
content, which the service stores. The same picture, rule and seed give the same bytes (with the same Pillow). The
rules are those of ImageNet-C (Hendrycks and Dietterich 2019, arXiv 1903.12261) that a picture's viewer would notice.
"""

import hashlib
import io
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from curation.construction import Constructed, Material, Response, chance, decided, rules_setting, share_setting
from curation.filters import Context, settings_schema

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_SIDE = 1024  # pixels of a copy's longer side; larger pictures are made smaller first


class Rule(NamedTuple):
    """What a rule takes from; how it does, by a strength in [0, 1]."""

    dimension: str
    apply: Callable[["Image", float, np.random.Generator], "Image"]


def blur(image: "Image", strength: float, rng: np.random.Generator) -> "Image":
    from PIL import ImageFilter

    return image.filter(ImageFilter.GaussianBlur((0.005 + 0.02 * strength) * max(image.size)))


def noise(image: "Image", strength: float, rng: np.random.Generator) -> "Image":
    from PIL import Image

    pixels = np.asarray(image, dtype=np.float64)
    noisy = pixels + rng.normal(0, 20 + 60 * strength, pixels.shape)
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def jpeg(image: "Image", strength: float, rng: np.random.Generator) -> "Image":
    from PIL import Image

    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=max(1, round(15 - 13 * strength)))
    return Image.open(buffer).convert("RGB")


def crop(image: "Image", strength: float, rng: np.random.Generator) -> "Image":
    """A part of it, blown up to the size of the whole."""
    width, height = image.size
    keep = 0.7 - 0.4 * strength
    left, top = rng.uniform(0, 1 - keep, 2)
    box = (left * width, top * height, (left + keep) * width, (top + keep) * height)
    return image.resize(image.size, box=box)


def colour(image: "Image", strength: float, rng: np.random.Generator) -> "Image":
    """The hues are turned."""
    from PIL import Image

    pixels = np.array(image.convert("HSV"))
    shift = round((40 + 80 * strength) * rng.choice([-1, 1]))
    pixels[..., 0] = (pixels[..., 0].astype(int) + shift) % 256
    return Image.fromarray(pixels, "HSV").convert("RGB")


def occlusion(image: "Image", strength: float, rng: np.random.Generator) -> "Image":
    """Grey patches cover a tenth to four tenths of it."""
    from PIL import ImageDraw

    covered = image.copy()
    draw = ImageDraw.Draw(covered)
    width, height = image.size
    patches = 4
    side = ((0.1 + 0.3 * strength) / patches) ** 0.5
    for left, top in rng.uniform(0, 1 - side, (patches, 2)).tolist():
        corners = (left * width, top * height, (left + side) * width, (top + side) * height)
        draw.rectangle(corners, fill=(128, 128, 128))
    return covered


RULES = {
    "blur": Rule("sharpness", blur),
    "noise": Rule("cleanness", noise),
    "jpeg": Rule("cleanness", jpeg),
    "crop": Rule("composition", crop),
    "colour": Rule("colour", colour),
    "occlusion": Rule("completeness", occlusion),
}
TITLE = "Corrupted pictures"
SUMMARY = "A picture is better than a copy that is blurred, noisy, compressed, cropped, discoloured or partly covered."
SETTINGS = settings_schema(
    rules=rules_setting(RULES),
    strength={"type": "number", "minimum": 0, "maximum": 1, "default": 0.5, "title": "How strongly"},
    share=share_setting(0.2),
)


def construct(material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]:
    """The winner of a pair with a picture against its corrupted self; files that are no pictures are passed over."""
    for row, winner, _ in decided(material.table):
        for name in settings["rules"]:
            rng = chance(context.seed, name, row["row_id"])
            if not winner.media or rng.random() >= settings["share"]:
                continue
            content = corrupted(context.media(winner.media[0]), name, settings["strength"], rng)
            if content is None:
                continue
            new = f"sha256:{hashlib.sha256(content).hexdigest()}"
            yield Constructed(
                item=row["item"], prompt=row["prompt"], group=row["group"], better=winner,
                worse=Response(winner.text, (new, *winner.media[1:]), winner.model), sources=(row["row_id"],),
                note={"rule": name, "dimension": RULES[name].dimension, "strength": settings["strength"]},
                files={new: content},
            )  # fmt: skip


def corrupted(content: bytes, rule: str, strength: float, rng: np.random.Generator) -> bytes | None:
    """A picture, corrupted, as PNG; None where the content is no picture."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        image = ImageOps.exif_transpose(Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP", "GIF")))
        image = image.convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        return None
    image.thumbnail((MAX_SIDE, MAX_SIDE))
    buffer = io.BytesIO()
    RULES[rule].apply(image, strength, rng).save(buffer, "PNG")
    return buffer.getvalue()
