"""Scenes of the demo's image edits: one file each, found by discovery.

The contract: a module defines ``draw(**changes) -> Image``, a picture of 512 × 512 whose keyword arguments are
what can be edited, and ``EDITS``, the edits asked of it. An edit, good or flawed, is a change of those arguments,
so what is right and wrong about each picture is known by construction.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from PIL import Image

#: What each kind of flaw does to the grades, 0 (bad) to 3 (good): overall, instruction, preservation, quality.
GRADES = {
    "": (3, 3, 3, 3),
    "wrong_object": (0, 0, 1, 3),
    "wrong_value": (1, 1, 3, 3),
    "partial": (2, 1, 3, 3),
    "collateral": (1, 3, 1, 3),
    "artefact": (2, 3, 2, 1),
    "implausible": (1, 2, 3, 0),
}
DIMENSIONS = ("instruction", "preservation", "quality")


@dataclass(frozen=True, slots=True)
class Flawed:
    """An edit that went wrong: what it changed, the kind of flaw, and what is wrong in words.

    ``then`` spoils the finished picture; it is given the picture and the source.
    """

    kind: str
    flaw: str
    changes: Mapping[str, Any]
    then: Callable[[Image.Image, Image.Image], Image.Image] | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """An instruction, the change that follows it, and edits that do not."""

    name: str
    instruction: str
    changes: Mapping[str, Any]
    flawed: tuple[Flawed, ...]
    is_check: bool = field(default=False, kw_only=True)
