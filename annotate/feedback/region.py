"""Region: parts of images marked as boxes, polygons or brush strokes, with a category.

Answer: ``{"r1": [{"image": 0, "shape": "box", "points": [0.1, 0.2, 0.4, 0.5], "thickness": 0, "category":
"artefact"}], "r2": []}``. Points are x, y, x, y, … as fractions of the image's width and height, from the top left;
``image`` is the index into the response's media, ``thickness`` the width of a brush stroke as a fraction of the
image's width (0 for other shapes). An empty list says that the images were looked at and have nothing to mark.
"source" stands for the item's own images, where the question asks about them. Pure: knows no Django.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from annotate.feedback import Answer, Asked, InvalidAnswer, Reading, closed, named, one_of
from annotate.records import Record, Region

TITLE = "Marked regions"
SUMMARY = "Boxes, polygons and brush strokes on images, with category, severity and explanation."
ARITY = None
SHAPES = {"box": 2, "polygon": 3, "brush": 1}  # the fewest points of each
SOURCE = "source"
IMAGES = 64  # of one response, where nobody knows how many there are
MARKS = 200  # of one response
POINTS = 500  # of one mark
GRID = 96  # cells a side, for agreement
SETTINGS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "categories": named(
            "Categories",
            "What a region can be marked as.",
            minItems=1,
            maxItems=12,
            default=[{"name": "artefact", "title": "Artefact"}],
        ),
        "severities": named("Severities", "How grave it is, the least first; none: not asked.", maxItems=6),
        "shapes": {
            "type": "array",
            "default": list(SHAPES),
            "title": "Shapes",
            "description": "What can be drawn; the first is chosen at the beginning.",
            "items": {"type": "string", "enum": list(SHAPES)},
            "minItems": 1,
            "uniqueItems": True,
        },
        "explanation": {"type": "boolean", "default": False, "title": "Explanation", "description": "Ask why."},
        "source": {
            "type": "boolean",
            "default": False,
            "title": "Source image",
            "description": "Ask about the item's own images, too.",
        },
    },
}
PRESETS: dict[str, dict[str, Any]] = {
    # The six kinds of edit of HumanEdit (arXiv:2411.18499), each with a mask.
    "humanedit": {
        "categories": [
            {"name": name.lower(), "title": name}
            for name in ("Action", "Add", "Counting", "Relation", "Remove", "Replace")
        ],
        "shapes": ["brush", "polygon", "box"],
    },
    # What Rich Human Feedback (arXiv:2312.10240) marks on generated pictures.
    "rich_feedback": {
        "categories": [
            {"name": "implausible", "title": "Artefact or implausible"},
            {"name": "misaligned", "title": "Not what was asked"},
        ],
    },
}


class Mark(NamedTuple):
    """A region as agreement compares it."""

    category: str
    image: int
    shape: str
    points: tuple[float, ...]
    thickness: float


Marks = frozenset[Mark]


def schema(asked: Asked) -> dict[str, Any]:
    """A list of marks for each response, and for the item's own images where they are asked about."""
    return closed({key: _marks(asked, key) for key in _keys(asked)})


def check(answer: Answer, asked: Asked) -> None:
    """Whole points, enough of them for the shape, and a thickness for a brush alone."""
    for key, marks in answer.items():
        for i, mark in enumerate(marks):
            points, thickness = mark["points"], mark.get("thickness", 0)
            if not all(math.isfinite(value) for value in (*points, thickness)):
                raise InvalidAnswer("A place in an image is a number from 0 to 1.", f"{key}/{i}/points")
            if len(points) % 2 or len(points) < 2 * SHAPES[mark["shape"]]:
                least = SHAPES[mark["shape"]]
                raise InvalidAnswer(
                    f"A {mark['shape']} takes {least} points or more, x and y of each.", f"{key}/{i}/points"
                )
            if mark["shape"] == "box" and (len(points) != 4 or points[0] == points[2] or points[1] == points[3]):
                raise InvalidAnswer(
                    "A box is two opposite corners that differ in both directions.", f"{key}/{i}/points"
                )
            if (mark["shape"] == "brush") != (thickness > 0):
                raise InvalidAnswer("A brush stroke has a thickness, other shapes have none.", f"{key}/{i}/thickness")


def says(settings: Mapping[str, Any]) -> tuple[type[Record], ...]:
    return (Region,)


def to_records(answer: Answer, asked: Asked) -> Iterator[Record]:
    """One Region for each mark; one without category and points for a response with nothing to mark."""
    for key in _keys(asked):
        response = "" if key == SOURCE else key
        for mark in answer.get(key, ()) or [{"shape": "", "points": (), "category": ""}]:
            place = {"image": int(mark.get("image", 0)), "points_xy": tuple(map(float, mark["points"]))}
            rest = {name: value for name, value in mark.items() if name not in ("points", "image")}
            yield Region(**{**asked.source, **rest, **place, "response": response})


def from_records(records: Iterable[Record], asked: Asked) -> Answer | None:
    """A response without a Region, beside others that have some, has nothing to mark."""
    regions = asked.own(records, Region)
    fields = ["image", "shape", "category"] + ["thickness"] * ("brush" in asked.settings["shapes"])
    fields += ["severity"] * bool(asked.settings["severities"]) + ["explanation"] * asked.settings["explanation"]
    answer: dict[str, list[dict[str, Any]]] = {key: [] for key in _keys(asked)}
    for region in regions:
        marks = answer.setdefault(region.response or SOURCE, [])
        if region.category:
            marks.append({name: getattr(region, name) for name in fields} | {"points": list(region.points_xy)})
    return answer if regions else None


def from_scores(scores: Mapping[str, float], asked: Asked) -> Answer | None:
    """None: one score does not tell where."""
    return None


def readings(records: Iterable[Record]) -> Iterator[Reading]:
    """One reading for each rater and response: what is marked as what, in ``content``."""
    marked: dict[tuple[str, ...], set[Mark]] = {}
    for r in records:
        if isinstance(r, Region):
            marks = marked.setdefault((r.item, r.response or SOURCE, r.dimension, r.rater), set())
            if r.category:
                marks.add(Mark(r.category, r.image, r.shape, r.points_xy, r.thickness))
    for (item, subject, dimension, rater), marks in marked.items():
        yield Reading(item, subject, dimension, rater, content=frozenset(marks))


def region_distance(x: Marks, y: Marks) -> float:
    """1 - F1 (Dice) over the marked cells of each image: 0 same, 1 disjoint. Two categories on a cell count twice.

    Each image is laid out in `GRID` x `GRID` cells, so that a box, a polygon and strokes over the same thing agree,
    and how large an image is does not matter. Two raters who mark nothing agree.
    """
    a, b = _masks(x), _masks(y)
    both = sum(int((a[key] & b[key]).sum()) for key in a.keys() & b.keys())
    total = sum(int(mask.sum()) for mask in (*a.values(), *b.values()))
    return 1 - 2 * both / total if total else 0.0


MEASURES = (region_distance,)


def rasterised(mark: Mark) -> np.ndarray:
    """The cells whose middle lies in a mark, or, where it is too small for that, those that its points lie in.

    A stroke's thickness counts as if the image were square: a record does not know the image's sides.

    Returns
    -------
    bool, shape (GRID, GRID), rows from the top.
    """
    points_P2 = np.asarray(mark.points, dtype=np.float64).reshape(-1, 2)
    middle_G = (np.arange(GRID) + 0.5) / GRID
    x_GG, y_GG = np.meshgrid(middle_G, middle_G)
    if mark.shape == "box":
        (left, top), (right, bottom) = points_P2.min(axis=0), points_P2.max(axis=0)
        inside_GG = (left <= x_GG) & (x_GG <= right) & (top <= y_GG) & (y_GG <= bottom)
    elif mark.shape == "polygon":
        inside_GG = _inside(points_P2, x_GG, y_GG)
    else:
        inside_GG = _near(points_P2, x_GG, y_GG, mark.thickness / 2)
    if not inside_GG.any():
        column_P, row_P = np.minimum((points_P2 * GRID).astype(int), GRID - 1).T
        inside_GG[row_P, column_P] = True
    return inside_GG


def example() -> tuple[Asked, Answer]:
    """An extra finger in a box, a smear painted over, a missing part outlined; the other edit is clean."""
    settings = {
        "categories": [{"name": n, "title": n.title(), "help": ""} for n in ("artefact", "missing")],
        "severities": [{"name": n, "title": n.title(), "help": ""} for n in ("minor", "major")],
        "shapes": list(SHAPES),
        "explanation": True,
        "source": False,
    }
    finger = {"image": 0, "shape": "box", "points": [0.25, 0.5, 0.375, 0.625], "thickness": 0.0}
    smear = {"image": 1, "shape": "brush", "points": [0.5, 0.5, 0.75, 0.5, 0.75, 0.75], "thickness": 0.0625}
    part = {"image": 0, "shape": "polygon", "points": [0.0, 0.0, 0.5, 0.0, 0.25, 1.0], "thickness": 0.0}
    answer = {
        "r1": [
            {**finger, "category": "artefact", "severity": "major", "explanation": "A sixth finger."},
            {**smear, "category": "artefact", "severity": "minor", "explanation": ""},
            {**part, "category": "missing", "severity": "minor", "explanation": ""},
        ],
        "r2": [],
    }
    media = {"r1": (None, None), "r2": (None,)}
    return Asked("regions", settings, ("r1", "r2"), {"r1": "", "r2": ""}, media=media), answer


def _keys(asked: Asked) -> tuple[str, ...]:
    """Responses, and the source where it is asked about and, as far as anybody knows, there."""
    own = asked.settings["source"] and asked.media.get("", (None,))
    return (*asked.responses, SOURCE) if own else asked.responses


def _marks(asked: Asked, key: str) -> dict[str, Any]:
    settings = asked.settings
    media = asked.media.get("" if key == SOURCE else key)
    images = IMAGES if media is None else len(media)
    number = {"type": "number", "minimum": 0, "maximum": 1}
    mark: dict[str, Any] = {
        "image": {"type": "integer", "minimum": 0, "maximum": max(images - 1, 0), "description": "Which image, from 0"},
        "shape": {"type": "string", "enum": settings["shapes"]},
        "points": {
            "type": "array",
            "items": number,
            "minItems": 2,
            "maxItems": 2 * POINTS,
            "description": "x, y, x, y, … as fractions of width and height from the top left",
        },
    }
    if "brush" in settings["shapes"]:
        mark["thickness"] = {**number, "description": "Width of a brush stroke, a fraction of the image's width"}
    mark["category"] = one_of(settings["categories"])
    if settings["severities"]:
        mark["severity"] = one_of(settings["severities"])
    if settings["explanation"]:
        mark["explanation"] = {"type": "string", "description": "Why it is marked"}
    return {"type": "array", "items": closed(mark), "maxItems": MARKS if images else 0}


@lru_cache(maxsize=1024)
def _masks(marks: Marks) -> dict[tuple[str, int], np.ndarray]:
    """Marked cells by category and image. Remembered: a rater's marks are compared with those of all others."""
    masks: dict[tuple[str, int], np.ndarray] = {}
    for mark in marks:
        key, cells_GG = (mark.category, mark.image), rasterised(mark)
        masks[key] = masks[key] | cells_GG if key in masks else cells_GG
    return masks


def _inside(points_P2: np.ndarray, x_GG: np.ndarray, y_GG: np.ndarray) -> np.ndarray:
    """Even-odd rule: a ray to the right crosses the outline an odd number of times."""
    inside_GG = np.zeros(x_GG.shape, dtype=bool)
    for (x0, y0), (x1, y1) in zip(points_P2, np.roll(points_P2, -1, axis=0), strict=True):
        side_GG = (x_GG - x0) * (y1 - y0) - (y_GG - y0) * (x1 - x0)
        inside_GG ^= ((y0 <= y_GG) != (y1 <= y_GG)) & (side_GG < 0 if y1 > y0 else side_GG > 0)
    return inside_GG


def _near(points_P2: np.ndarray, x_GG: np.ndarray, y_GG: np.ndarray, radius: float) -> np.ndarray:
    """Cells no farther than ``radius`` from a polyline."""
    near_GG = np.zeros(x_GG.shape, dtype=bool)
    for start, end in pairwise(points_P2 if len(points_P2) > 1 else points_P2[[0, 0]]):
        along = end - start
        length = float(along @ along)
        share_GG = ((x_GG - start[0]) * along[0] + (y_GG - start[1]) * along[1]) / length if length else 0.0
        share_GG = np.clip(share_GG, 0, 1)
        distance_GG = (x_GG - start[0] - share_GG * along[0]) ** 2 + (y_GG - start[1] - share_GG * along[1]) ** 2
        near_GG |= distance_GG <= radius**2
    return near_GG
