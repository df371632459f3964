"""Image edits of known quality, drawn with Pillow: source, instruction, a good edit and flawed ones.

Made up: every picture is drawn from the scenes in `annotate.demo.scenes`, the same one each time.
"""

import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

from PIL import Image

from annotate import discovery
from annotate.demo import Candidate, Sample
from annotate.demo.scenes import DIMENSIONS, GRADES, Edit, Flawed


@cache
def edits() -> tuple[tuple[ModuleType, Edit], ...]:
    """All edits with the scene that they are asked of, check tasks included."""
    scenes = discovery.load_all("annotate.demo.scenes")
    return tuple((scene, edit) for scene in scenes.values() for edit in scene.EDITS)


def samples(folder: Path, *, checks: bool = False) -> list[Sample]:
    """Draw all edits, or all check tasks, into ``folder`` (made if need be); media are file names in it."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_sample(scene, edit, folder) for scene, edit in edits() if edit.is_check == checks]


def pictures(scene: ModuleType, edit: Edit) -> Iterator[tuple[str, Image.Image]]:
    """Name and picture of the source, the good edit ("good") and the flawed ones ("flawed-1", …)."""
    source = _source(scene)
    yield "source", source
    yield "good", scene.draw(**edit.changes)
    for number, flawed in enumerate(edit.flawed, 1):
        yield f"flawed-{number}", _spoilt(scene, flawed, source)


@cache
def _source(scene: ModuleType) -> Image.Image:
    picture: Image.Image = scene.draw()
    return picture


def _spoilt(scene: ModuleType, flawed: Flawed, source: Image.Image) -> Image.Image:
    picture: Image.Image = scene.draw(**flawed.changes)
    return flawed.then(picture, source) if flawed.then else picture


def _sample(scene: ModuleType, edit: Edit, folder: Path) -> Sample:
    names = []
    for name, picture in pictures(scene, edit):
        # Named by content, so that no file name tells which edit is the good one.
        mark = name if name == "source" else hashlib.sha256(picture.tobytes()).hexdigest()[:10]
        names.append(f"{edit.name}-{mark}.png")
        picture.save(folder / names[-1], optimize=False, compress_level=6)
    flaws = [("", ""), *((flawed.kind, flawed.flaw) for flawed in edit.flawed)]
    return Sample(
        id=f"edit-{edit.name}",
        prompt=edit.instruction,
        category=scene.__name__.rpartition(".")[2],
        group=scene.__name__.rpartition(".")[2],
        media=(names[0],),
        candidates=tuple(
            Candidate(
                text="",
                media=(name,),
                kind=kind,
                flaw=flaw,
                grades=dict(zip(("overall", *DIMENSIONS), GRADES[kind], strict=True)),
            )
            for name, (kind, flaw) in zip(names[1:], flaws, strict=True)
        ),
    )
