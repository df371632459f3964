"""Regions on images: drawn edits of a scene, each with something wrong in a certain place."""

import hashlib
from pathlib import Path
from typing import Any

from annotate.demo.edits import edits, pictures

TITLE = "Marked regions"
SUMMARY = "Boxes, polygons and brush strokes on two edits of a picture at once."
GUIDELINES = """\
You see the source picture, what was to be changed, and two edits. Mark **on the edits** every place where something is
wrong; mark it tightly, and say what it is.

- **Not what was asked**: the wrong thing changed, or the right one in the wrong way
- **Changed by mistake**: should have stayed as it was; hold `C` to lay the source over the edits
- **Artefact**: smears, squares, edges that do not fit
- **Impossible**: could not be so in a real scene

An edit may be clean: then tick *Nothing to mark*. `X`, `Y` and `R` choose box, polygon and brush; `G` moves the
picture.
"""
QUESTIONS: list[dict[str, Any]] = [
    {
        "name": "regions",
        "kind": "region",
        "title": "What is wrong, and where?",
        "settings": {
            "categories": [
                {"name": "instruction", "title": "Not what was asked"},
                {"name": "collateral", "title": "Changed by mistake"},
                {"name": "artefact", "title": "Artefact"},
                {"name": "impossible", "title": "Impossible"},
            ],
            "explanation": True,
        },
    },
]
_SHOWN = 5


def rows(folder: Path) -> list[dict[str, Any]]:
    """Five edits whose flaws can be pointed at: the good edit beside a flawed one."""
    folder.mkdir(parents=True, exist_ok=True)
    local = ("artefact", "collateral", "implausible", "partial")
    found = [(scene, edit) for scene, edit in edits() if edit.flawed[0].kind in local and not edit.is_check]
    return [_row(scene, edit, folder) for scene, edit in found[:_SHOWN]]


def _row(scene: Any, edit: Any, folder: Path) -> dict[str, Any]:
    names = {}
    for name, picture in pictures(scene, edit):
        if name in ("source", "good", "flawed-1"):
            # Named by content, so that no file name tells which edit is the good one.
            names[name] = f"region-{edit.name}-{hashlib.sha256(picture.tobytes()).hexdigest()[:10]}.png"
            picture.save(folder / names[name])
    return {
        "id": f"region-{edit.name}",
        "prompt": edit.instruction,
        "media": [names["source"]],
        "responses": [{"text": "", "media": [names[name]]} for name in ("good", "flawed-1")],
    }
