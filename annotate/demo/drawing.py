"""A small canvas for the demo's pictures: flat shapes, gradients and soft light, anti-aliased by supersampling.

Coordinates are in units of the finished picture, 512 × 512, from the top left. Everything is drawn `SCALE`
times as large and reduced at the end. Deterministic; colours are anything that Pillow understands.
"""

import math
from collections.abc import Sequence

from PIL import Image, ImageColor, ImageDraw, ImageFilter, ImageFont

SIZE = 512
SCALE = 3
Point = tuple[float, float]
Box = tuple[float, float, float, float]
Colour = str | tuple[int, int, int] | tuple[int, int, int, int]


class Canvas:
    """A picture in the making; colours with an alpha channel are blended."""

    def __init__(self, top: Colour, bottom: Colour | None = None) -> None:
        self.image = Image.new("RGB", (SIZE * SCALE, SIZE * SCALE), rgb(top))
        self._draw = ImageDraw.Draw(self.image, "RGBA")
        if bottom is not None:
            self.gradient((0, 0, SIZE, SIZE), top, bottom)

    def finish(self) -> Image.Image:
        """The finished picture."""
        return self.image.resize((SIZE, SIZE), Image.Resampling.LANCZOS)

    def gradient(self, box: Box, top: Colour, bottom: Colour) -> None:
        """Fill a box from one colour above to another below."""
        x0, y0, x1, y1 = (round(value * SCALE) for value in box)
        ramp = Image.linear_gradient("L").resize((x1 - x0, y1 - y0))
        self.image.paste(Image.new("RGB", ramp.size, rgb(top)), (x0, y0))
        self.image.paste(Image.new("RGB", ramp.size, rgb(bottom)), (x0, y0), ramp)

    def polygon(self, points: Sequence[Point], fill: Colour) -> None:
        self._draw.polygon([(x * SCALE, y * SCALE) for x, y in points], fill=fill)

    def rect(self, x0: float, y0: float, x1: float, y1: float, fill: Colour, radius: float = 0) -> None:
        box = [x0 * SCALE, y0 * SCALE, x1 * SCALE, y1 * SCALE]
        self._draw.rounded_rectangle(box, radius=radius * SCALE, fill=fill)

    def ellipse(self, cx: float, cy: float, rx: float, ry: float | None = None, fill: Colour = "black") -> None:
        ry = rx if ry is None else ry
        self._draw.ellipse([(cx - rx) * SCALE, (cy - ry) * SCALE, (cx + rx) * SCALE, (cy + ry) * SCALE], fill=fill)

    def slice(self, cx: float, cy: float, r: float, start: float, end: float, fill: Colour) -> None:
        """A sector of a circle, in degrees clockwise from three o'clock."""
        box = [(cx - r) * SCALE, (cy - r) * SCALE, (cx + r) * SCALE, (cy + r) * SCALE]
        self._draw.pieslice(box, start, end, fill=fill)

    def line(self, points: Sequence[Point], fill: Colour, width: float = 2) -> None:
        """A polyline with round joints and ends."""
        scaled = [(x * SCALE, y * SCALE) for x, y in points]
        self._draw.line(scaled, fill=fill, width=round(width * SCALE), joint="curve")
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, fill=fill)

    def curve(self, start: Point, control: Point, end: Point, fill: Colour, width: float = 2) -> None:
        """A quadratic Bézier curve."""
        self.line(bezier(start, control, end), fill, width)

    def glow(self, cx: float, cy: float, r: float, colour: Colour, strength: float = 1.0) -> None:
        """Light that fades from the centre; strength in [0, 1]."""
        side = round(2 * r * SCALE)
        distance = Image.radial_gradient("L").resize(
            (side, side)
        )  # 0 in the middle, 181 where the circle touches the edge
        mask = distance.point(lambda value: round(255 * strength * max(0.0, 1 - value / 180) ** 1.7))
        at = (round((cx - r) * SCALE), round((cy - r) * SCALE))
        self.image.paste(Image.new("RGB", mask.size, rgb(colour)), at, mask)

    def shadow(self, cx: float, cy: float, rx: float, ry: float, strength: int = 60) -> None:
        """A soft shadow on the ground."""
        for share in (1.0, 0.85, 0.7):
            self.ellipse(cx, cy, rx * share, ry * share, fill=(20, 24, 40, strength // 3))

    def text(self, x: float, y: float, text: str, fill: Colour, size: float = 18, anchor: str = "mm") -> None:
        self._draw.text(
            (x * SCALE, y * SCALE), text, fill=fill, font=ImageFont.load_default(size * SCALE), anchor=anchor
        )


def rgb(colour: Colour) -> tuple[int, int, int]:
    """A colour without its alpha channel."""
    return (ImageColor.getrgb(colour) if isinstance(colour, str) else colour)[:3]  # type: ignore[return-value]


def mix(one: Colour, other: Colour, share: float) -> tuple[int, int, int]:
    """The first colour with ``share`` of the other in it."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(rgb(one), rgb(other), strict=True))
    return red, green, blue


def bezier(start: Point, control: Point, end: Point, steps: int = 24) -> list[Point]:
    """Points along a quadratic Bézier curve."""
    points = []
    for step in range(steps + 1):
        t = step / steps
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t**2
        points.append(
            (a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]),
        )
    return points


def hills(base: float, height: float, waves: float, shift: float) -> list[Point]:
    """The outline of rolling hills, closed at the lower edge of the picture."""
    crest = [
        (x, base - height * (math.sin(x / SIZE * waves + shift) + 0.4 * math.sin(x / SIZE * waves * 2.3 + shift)))
        for x in range(0, SIZE + 9, 8)
    ]
    return [(0, SIZE), *crest, (SIZE, SIZE)]


# What goes wrong when a model edits a picture: each takes a finished picture and the box that it spoils.


def smear(image: Image.Image, box: Box) -> Image.Image:
    """A blurred patch, as of something wiped away carelessly."""
    return _within(image, box, image.filter(ImageFilter.GaussianBlur(9)))


def blocks(image: Image.Image, box: Box) -> Image.Image:
    """A patch of coarse squares."""
    coarse = image.resize((SIZE // 16, SIZE // 16), Image.Resampling.BOX).resize((SIZE, SIZE), Image.Resampling.NEAREST)
    result = image.copy()
    x0, y0, x1, y1 = (round(value) for value in box)
    result.paste(coarse.crop((x0, y0, x1, y1)), (x0, y0))
    return result


def ripple(image: Image.Image, box: Box) -> Image.Image:
    """Rows shifted to and fro, so that shapes come out bent."""
    x0, y0, x1, y1 = (round(value) for value in box)
    result = image.copy()
    for y in range(y0, y1):
        edge = min(1.0, (y - y0) / 12, (y1 - y) / 12)
        shift = round(11 * edge * math.sin((y - y0) / 5.5))
        result.paste(image.crop((x0, y, x1, y + 1)), (x0 + shift, y))
    return result


def ghost(image: Image.Image, before: Image.Image, box: Box) -> Image.Image:
    """What was there before shines through."""
    return _within(image, box, Image.blend(image, before, 0.45).filter(ImageFilter.GaussianBlur(2)))


def _within(image: Image.Image, box: Box, other: Image.Image) -> Image.Image:
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).ellipse(box, fill=255)
    return Image.composite(other, image, mask.filter(ImageFilter.GaussianBlur(5)))
