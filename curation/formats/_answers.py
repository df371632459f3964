"""What importers of datasets share: feedback of any kind as records that name responses by their index."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotate.records import Critique, Rating, Record
from curation.formats import ParsedAnswer, RowError, clip
from curation.formats._fields import IMPORTER, expect_text, missing, number, objects, structure

LOOSE: dict[str, Any] = {"item": "", "rater": "", "question": ""}  # filled in by who imports


def asked(row: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """A prompt that is plain text and must say something."""
    said = row.get(name)
    if said is None:
        raise RowError(f"{name} is missing; the row has {clip(sorted(row), 300)}.")
    if not expect_text(said, name).strip():
        raise RowError(f"{name} is empty.")
    return [{"role": "user", "content": said}]


def rating(
    row: Mapping[str, Any], name: str, response: int, *, low: float, high: float, dimension: str | None = None
) -> list[Rating]:
    """One Rating, in the dimension ``name`` unless another is given; none where the field is empty.

    Raises
    ------
    RowError
        If the value is no number between ``low`` and ``high``.
    """
    value = number(row, name)
    if value is None:
        return []
    if not low <= value <= high:
        raise RowError(f"{name} is {clip(row[name])}; a rating from {low:g} to {high:g} is expected.")
    said = name if dimension is None else dimension
    return [Rating(**LOOSE, dimension=said, response=str(response), value=value, low=low, high=high)]


def critique(text: Any, name: str, response: int | None, aspect: str = "") -> list[Record]:
    """One Critique of a response, or of all together where it is None; none where there are no words."""
    if text is None or not expect_text(text, name).strip():
        return []
    return [Critique(**LOOSE, response="" if response is None else str(response), text=text, aspect=aspect)]


def answer(records: Iterable[Record], rater: str = IMPORTER, **more: Any) -> tuple[ParsedAnswer, ...]:
    """One rater's answer as the tuple that `Parsed.answers` is; empty where nothing was said."""
    said = tuple(records)
    return (ParsedAnswer(rater, said, **more),) if said else ()


def files(value: Any, name: str) -> tuple[str, ...]:
    """Names of files: a text, a list of texts (in a table the JSON text of one), or none."""
    value = structure(value, name)
    if value in (None, ""):
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(entry, str) and entry for entry in values):
        raise RowError(f"{name} is {clip(value)}; a list of files is expected.")
    return tuple(values)


def criteria(rubric: Any, name: str, text: str, points: str, category: str) -> tuple[dict[str, Any], ...]:
    """A rubric of the item's own, in the shape of `annotate.feedback.rubric.CRITERIA`.

    Parameters
    ----------
    rubric : list of objects, or the JSON text of one.
    text, points, category : fields of such an object; a category may be absent, or a list of "axis:…" tags.
    """
    made = []
    for place, entry in enumerate(objects(rubric, name), 1):
        if not isinstance(entry.get(text), str) or not entry[text].strip():
            raise RowError(f"{text} of criterion {place} is {clip(entry.get(text))}; text is expected.")
        weight = number(entry, points)
        if weight is None:
            raise RowError(f"{points} of criterion {place} is missing.")
        made.append(
            {"name": f"c{place}", "text": entry[text], "points": weight, "category": _category(entry.get(category))}
        )
    if not made:
        raise RowError(f"{name} is missing or empty.")
    return tuple(made)


def _category(value: Any) -> str:
    tags = [value] if isinstance(value, str) else value if isinstance(value, list) else []
    named = [tag.removeprefix("axis:") for tag in tags if isinstance(tag, str) and (tag is value or "axis:" in tag)]
    return named[0][:80] if named else ""


def listed(value: Any, name: str) -> Sequence[Any]:
    """A list, in a table the JSON text of one."""
    value = structure(value, name)
    if not isinstance(value, list):
        raise RowError(f"{name} is {clip(value)}; a list is expected.")
    return value


def table_dict(value: Any, name: str) -> dict[str, Any]:
    """An object, in a table the JSON text of one; empty where absent."""
    value = structure(value, name)
    if missing({name: value}, name):
        return {}
    if not isinstance(value, dict):
        raise RowError(f"{name} is {clip(value)}; an object is expected.")
    return value
