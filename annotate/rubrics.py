"""Rubrics as they are written and brought along, and what their criteria have told so far. Pure: knows no Django.

Three ways to say the same criterion, in JSON or as the columns of a CSV file:

    {"name": "cites", "text": "Cites a source.", "points": 3, "category": "accuracy"}        ours
    {"criterion": "Cites a source.", "points": 3, "tags": ["axis:accuracy"]}                 HealthBench (in "rubrics")
    {"title": "Cites", "description": "Cites a source.", "weight": 3}                        Rubrics as Rewards
"""

import csv
import io
import json
import math
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from annotate.feedback import InvalidAnswer, filled, rubric
from annotate.records import Check

LONGEST = 1_000_000  # characters of a file
_WORDS = 4  # of a text make its name


@dataclass(frozen=True, slots=True)
class Standing:
    """What a criterion has told so far.

    Attributes
    ----------
    checks : how often it was checked where it applied.
    met : the mean share of its points that was earned, in [0, 1]; None before the first check.
    compared : how often one rater checked it on several responses to one item.
    differs : in how many of those the responses differed.
    """

    checks: int = 0
    met: float | None = None
    compared: int = 0
    differs: int = 0

    @property
    def never_separates(self) -> bool:
        """Whether it was compared and never told two responses apart."""
        return self.compared > 0 and self.differs == 0


def standings(checks: Iterable[Check]) -> dict[str, Standing]:
    """By criterion, from the records of one rubric."""
    earned: dict[str, list[float]] = defaultdict(list)
    sheets: dict[tuple[str, ...], list[float]] = defaultdict(list)
    for check in checks:
        if check.earned is not None:
            earned[check.criterion].append(check.earned)
            sheets[check.criterion, check.item, check.rater, check.annotation].append(check.earned)
    compared: dict[str, list[bool]] = defaultdict(list)
    for (criterion, *_), shares in sheets.items():
        if len(shares) > 1:
            compared[criterion].append(len(set(shares)) > 1)
    return {
        name: Standing(len(given), sum(given) / len(given), len(compared[name]), sum(compared[name]))
        for name, given in earned.items()
    }


def parse(text: str) -> list[dict[str, Any]]:
    """The criteria of a JSON or CSV text, named and checked.

    Raises
    ------
    InvalidAnswer
        With a sentence on what is wrong, and where.
    """
    if len(text) > LONGEST:
        raise InvalidAnswer(f"The rubric is longer than {LONGEST:,} characters.")
    text = text.strip().removeprefix("\ufeff")
    try:
        rows = json.loads(text) if text[:1] in ("[", "{") else list(csv.DictReader(io.StringIO(text)))
    except (ValueError, RecursionError, csv.Error) as error:
        raise InvalidAnswer(f"This is neither JSON nor CSV that can be read: {error}") from error
    if isinstance(rows, dict):
        rows = next(
            (rows[name] for name in ("rubrics", "rubric", "criteria") if isinstance(rows.get(name), list)), None
        )
    if not isinstance(rows, list) or not rows:
        raise InvalidAnswer("There are no criteria in it: a list of them is expected, or a table with a heading.")
    most = rubric.CRITERIA["maxItems"]
    if len(rows) > most:
        raise InvalidAnswer(f"These are {len(rows)} criteria; a rubric has at most {most}.")
    return named([_criterion(row, place) for place, row in enumerate(rows, 1)])


def joined(written: Iterable[Mapping[str, Any]], more: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A rubric with another's criteria after its own; those whose name is taken lose it, and get one of their own."""
    rows = [dict(row) for row in written]
    known = {row["name"] for row in rows}
    return [*rows, *({**row, "name": "" if row["name"] in known else row["name"]} for row in more)]


def named(criteria: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Criteria with defaults, those without a name named by their first words; checked.

    Raises
    ------
    InvalidAnswer
        Whose path begins with the place of the criterion, counted from 0.
    """
    criteria = [dict(criterion) for criterion in criteria]
    used = {criterion["name"] for criterion in criteria if criterion.get("name")}
    for criterion in criteria:
        if not criterion.get("name"):
            criterion["name"] = _name(str(criterion.get("title") or criterion.get("text", "")), used)
            used.add(criterion["name"])
        criterion.pop("title", None)
    found: list[dict[str, Any]] = filled(criteria, rubric.CRITERIA)
    return found


def _criterion(row: Any, place: int) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        raise InvalidAnswer(f"Criterion {place} is not an object.", str(place - 1))
    text = next((row[name] for name in ("text", "criterion", "description") if row.get(name)), None)
    if not isinstance(text, str) or not text.strip():
        raise InvalidAnswer(f"Criterion {place} has no text, criterion or description.", str(place - 1))
    points = next((row[name] for name in ("points", "weight") if row.get(name) not in (None, "")), 1)
    points = number(points)
    if isinstance(points, str):
        raise InvalidAnswer(f"Criterion {place}: {points[:40]!r} is not a number of points.", str(place - 1))
    return {
        "name": str(row.get("name") or ""),
        "title": row.get("title"),
        "text": text.strip(),
        "points": points,
        "category": _category(row),
    }


def number(given: Any) -> int | float | str:
    """A finite number, whole where it is; else the text itself, for a check to refuse."""
    try:
        value = float(given)
    except (TypeError, ValueError):
        return str(given)
    return str(given) if not math.isfinite(value) else int(value) if value.is_integer() else value


def _category(row: Mapping[str, Any]) -> str:
    tags = row.get("category") or row.get("tags") or ""
    tags = [tag.strip() for tag in tags.split(",")] if isinstance(tags, str) else tags
    first = next((tag for tag in tags if isinstance(tag, str) and tag.startswith("axis:")), None) or next(
        iter(tags), ""
    )
    return str(first).removeprefix("axis:")[:80]


def _name(text: str, used: Collection[str]) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower())[:_WORDS]
    stem = "_".join(words)[:60] or "criterion"
    return next(name for name in (stem, *(f"{stem}_{i}" for i in range(2, 10_000))) if name not in used)
