"""Which clip is better: picture, movement, and what the prompt asks for, each on its own; clips that we drew."""

import math
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

from annotate.demo.gallery._making import FRAMES, clip
from annotate.feedback import pairwise

TITLE = "Two clips"
SUMMARY = "Short clips side by side: visual quality, motion quality and text alignment."
GUIDELINES = """Play both clips, then say for each dimension which is better, or that they are the same.

- **Visual quality**: clear, detailed, natural frames
- **Motion quality**: smooth, plausible, stable movement
- **Text alignment**: shows what the prompt asks for

A clip can win in one dimension and lose in another. Step through single frames before you judge flicker."""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "better",
        "kind": "pairwise",
        "title": "Which clip is better?",
        "settings": pairwise.PRESETS["videoreward"],
    },
]

SIZE = (320, 200)
SECONDS = 2
FLOOR = 165


def rows(folder: Path) -> list[dict[str, Any]]:
    """Four prompts with two clips each; one is flawed in a way that one dimension names."""
    made = {
        "smooth": _frames(_bounce),
        "jerky": _frames(_bounce, jerky=True),
        "sunrise": _frames(_sun),
        "sunset": _frames(lambda share: _sun(1 - share)),
        "pendulum": _frames(_pendulum),
        "blurred": _frames(_pendulum, blurred=True),
        "train": _frames(_train),
        "flicker": _frames(_train, flicker=True),
    }
    asked = (
        ("A red ball bounces across a grey floor.", "smooth", "jerky"),
        ("The sun rises over the sea.", "sunset", "sunrise"),
        ("A pendulum swings from side to side, seen clearly.", "pendulum", "blurred"),
        ("A green train passes from left to right in steady light.", "flicker", "train"),
    )
    files = {name: clip(folder, f"{name}.webm", frames) for name, frames in made.items()}
    return [
        {
            "id": f"video-{number}",
            "prompt": prompt,
            "responses": [{"text": "", "media": [files[a]]}, {"text": "", "media": [files[b]]}],
        }
        for number, (prompt, a, b) in enumerate(asked, 1)
    ]


def _frames(draw: Any, *, jerky: bool = False, blurred: bool = False, flicker: bool = False) -> Iterator[Image.Image]:
    """``draw(share)`` at every moment, share in [0, 1] of the time; then spoiled, where wanted."""
    chance = random.Random(7)
    count = FRAMES * SECONDS
    for number in range(count):
        share = number / (count - 1)
        if jerky:
            share = min(1, max(0, round(share * 7) / 7 + chance.uniform(-0.04, 0.04)))
        image = draw(share)
        if blurred:
            image = image.filter(ImageFilter.GaussianBlur(5))
        if flicker and number % 8 < 2:  # under three flashes a second, and faint: brighter ones can start a seizure
            image = image.point(lambda value: round(value * 0.86))
        yield image


def _scene(sky: str, ground: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", SIZE, sky)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, FLOOR, *SIZE), fill=ground)
    return image, draw


def _bounce(share: float) -> Image.Image:
    image, draw = _scene("#dfe7f1", "#9aa1ab")
    x, y = 25 + 270 * share, FLOOR - 18 - 105 * abs(math.sin(3 * math.pi * share))
    draw.ellipse((x - 16, FLOOR - 4, x + 16, FLOOR + 5), fill="#7b828c")
    draw.ellipse((x - 18, y - 18, x + 18, y + 18), fill="#c93a3a")
    draw.ellipse((x - 10, y - 12, x - 2, y - 4), fill="#ee9a90")
    return image


def _sun(share: float) -> Image.Image:
    image, draw = _scene("#000000", "#1d4f73")
    for row in range(FLOOR):
        light = share * (0.55 + 0.45 * row / FLOOR)
        draw.line(
            (0, row, SIZE[0], row), fill=(round(40 + 205 * light), round(40 + 130 * light), round(90 + 60 * light))
        )
    y = FLOOR + 30 - 110 * share
    draw.ellipse((130, y - 30, 190, y + 30), fill="#ffd76a")
    draw.rectangle((0, FLOOR, *SIZE), fill=(round(20 + 40 * share), round(50 + 60 * share), round(90 + 60 * share)))
    return image


def _pendulum(share: float) -> Image.Image:
    image, draw = _scene("#f1ede2", "#b9ad94")
    angle = 0.75 * math.sin(4 * math.pi * share)
    x, y = 160 + 115 * math.sin(angle), 15 + 115 * math.cos(angle)
    draw.line((160, 15, x, y), fill="#3b3b3b", width=3)
    draw.rectangle((120, 8, 200, 16), fill="#6c5a3d")
    draw.ellipse((x - 17, y - 17, x + 17, y + 17), fill="#2f6fb0")
    return image


def _train(share: float) -> Image.Image:
    image, draw = _scene("#cfe3f5", "#8aa36a")
    draw.line((0, FLOOR, SIZE[0], FLOOR), fill="#5b5b5b", width=4)
    left = -170 + 480 * share
    for wagon in range(3):
        x = left + 62 * wagon
        draw.rounded_rectangle((x, FLOOR - 52, x + 56, FLOOR - 10), 6, fill="#2f8a4e")
        for window in range(3):
            draw.rectangle((x + 7 + 16 * window, FLOOR - 44, x + 17 + 16 * window, FLOOR - 30), fill="#e9f4ff")
        for wheel in (12, 44):
            draw.ellipse((x + wheel - 7, FLOOR - 15, x + wheel + 7, FLOOR - 1), fill="#333333")
    return image
