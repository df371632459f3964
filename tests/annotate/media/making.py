"""Small media for tests, by the gallery's own makers."""

import tempfile
from functools import cache
from pathlib import Path

from PIL import Image

from annotate.demo.gallery import _making


@cache
def clip(suffix=".webm", size=(64, 48), frames=15):
    """One second that turns from black to grey."""
    with tempfile.TemporaryDirectory() as folder:
        pictures = [Image.new("RGB", size, (8 * number,) * 3) for number in range(frames)]
        return (Path(folder) / _making.clip(Path(folder), f"clip{suffix}", pictures)).read_bytes()


@cache
def glb():
    with tempfile.TemporaryDirectory() as folder:
        return (Path(folder) / _making.glb(Path(folder), "box.glb", [_making.box(1, 1, 1, (1, 0, 0))])).read_bytes()
