"""Results of an annotation, read as records."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from annotate.records import (
    Check,
    Critique,
    Preference,
    Ranking,
    Rating,
    Record,
    Region,
    Revision,
    Span,
    TimeRange,
    Verdict,
)
from curation.formats import RowError, clip
from curation.formats._answers import LOOSE, table_dict
from curation.formats._fields import number
from curation.formats._found import VERDICTS, WORDS, Task

_ABOUT = ("severity", "explanation", "correction")  # parts of names of controls that tell more of a marked place


def records(task: Task, results: Sequence[Mapping[str, Any]]) -> Iterator[Record]:
    """What the results of one annotation say; those of one region share an id."""
    regions: dict[str, dict[str, Any]] = {}
    areas = {str(one.get("from_name")) for one in results if one.get("type") == "textarea"}
    for one in results:
        parts = _parts(one)
        if not _is_about(parts):
            continue
        value = table_dict(one.get("value"), "value")
        if parts[1] in _ABOUT:
            words = value.get("choices") or value.get("text") or [""]
            regions.setdefault(str(one.get("id")), {})[parts[1]] = str(words[0] if isinstance(words, list) else words)
        else:
            meta = table_dict(one.get("meta"), "meta")
            regions.setdefault(":".join(parts[:-1]), {})["strength"] = (value.get("rating"), meta)
    for one in results:
        parts = _parts(one)
        if _is_about(parts):
            continue
        kind = str(one.get("type", "")).lower()
        read = READERS.get(kind)
        if read is None:
            task.unread[kind or "untyped"] += 1
            continue
        about = regions.get(str(one.get("id")), {}) | regions.get(str(one.get("from_name")), {})
        yield from read(task, Result(one, parts, about, len(areas)))


def _parts(result: Mapping[str, Any]) -> list[str]:
    return str(result.get("from_name", "")).split(":")


def _is_about(parts: Sequence[str]) -> bool:
    """Whether a control's name says that it tells more of another's result."""
    return len(parts) > 2 and (parts[1] in _ABOUT or parts[-1] == "strength")


class Result:
    """One result with what its control's name says."""

    def __init__(self, given: Mapping[str, Any], parts: list[str], about: Mapping[str, Any], areas: int) -> None:
        self.ours = len(parts) > 2
        self.name = ":".join(parts)
        self.parts, self.about, self.areas = parts, about, areas
        self.value = table_dict(given.get("value"), f"value of {self.name}")
        self.meta = table_dict(given.get("meta"), f"meta of {self.name}")
        self.to_name = str(given.get("to_name", ""))
        self.question = parts[0] if self.ours else ""
        self.dimension = parts[1] if self.ours and parts[1] != "overall" else ""

    def source(self, dimension: str | None = None) -> dict[str, Any]:
        said = self.dimension if dimension is None else dimension
        return {**LOOSE, "question": self.question, "dimension": said}

    def response(self, task: Task) -> str:
        place = task.place(self.to_name)
        return "" if place is None else str(place)

    def words(self, name: str) -> list[str]:
        given = self.value.get(name)
        words = [given] if isinstance(given, str) else given
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise RowError(f"{name} of {clip(self.name)} is {clip(given)}; texts are expected.")
        return words

    def fraction(self, name: str, of: Mapping[str, Any] | None = None) -> float:
        """A percentage as a fraction of the picture; what lies over its edge by rounding is cut."""
        given = self.value if of is None else of
        value = number(given, name)
        if value is None or not -1 <= value <= 101:
            raise RowError(f"{name} of {clip(self.name)} is {clip(given.get(name))}; a percentage is expected.")
        return min(1.0, max(0.0, value / 100))


def _pairwise(task: Task, result: Result) -> Iterator[Record]:
    selected = result.value.get("selected")
    if selected not in ("left", "right") or len(task.responses) < 2:
        raise RowError(f"selected of {clip(result.name)} is {clip(selected)}; left or right of two is expected.")
    a, b = result.parts[2:4] if len(result.parts) > 3 else ("0", "1")
    stars, meta = result.about.get("strength", (1, {}))
    strength, scale = _whole(stars, "strength"), _whole(meta.get("scale", stars), "scale")
    yield Preference(
        **result.source(), a=a, b=b, outcome="a" if selected == "left" else "b", strength=strength, scale=scale
    )


def _whole(value: Any, name: str) -> int:
    if type(value) is not int:
        raise RowError(f"{name} is {clip(value)}; a whole number is expected.")
    return value


def _choices(task: Task, result: Result) -> Iterator[Record]:
    words = result.words("choices")
    response = result.response(task)
    first = words[0].strip().lower() if words else ""
    if result.ours and first in ("met", "unmet", "na") and "points" in result.meta:
        met = {"met": True, "unmet": False}.get(first)
        points = number(result.meta, "points") or 0
        yield Check(**result.source(""), response=response, criterion=result.parts[1], met=met, points=points)
    elif len(words) == 1 and response and first in VERDICTS:
        yield Verdict(**result.source(), response=response, good=VERDICTS[first])
    elif len(words) == 1 and not response and len(task.responses) == 2 and first.replace(" ", "_") in WORDS:
        outcome: Any = WORDS[first.replace(" ", "_")]
        yield Preference(**result.source(), a="0", b="1", outcome=outcome, strength=int(outcome in ("a", "b")))
    else:
        yield from _words(task, result, words, result.name)


def _taxonomy(task: Task, result: Result) -> Iterator[Record]:
    paths = result.value.get("taxonomy")
    if not isinstance(paths, list) or not all(isinstance(path, list) for path in paths):
        raise RowError(f"taxonomy of {clip(result.name)} is {clip(paths)}; lists of texts are expected.")
    yield from _words(task, result, [" > ".join(map(str, path)) for path in paths], result.name)


def _textarea(task: Task, result: Result) -> Iterator[Record]:
    words = [word for word in result.words("text") if word.strip()]
    if result.ours and result.parts[1] == "revision":
        for word in words:
            yield Revision(**result.source(""), response=result.response(task), text=word)
    else:
        aspect = result.dimension if result.ours else result.name if result.areas > 1 else ""
        yield from _words(task, result, ["\n\n".join(words)] if words else [], aspect)


def _words(task: Task, result: Result, words: Sequence[str], aspect: str) -> Iterator[Record]:
    for word in words:
        yield Critique(**result.source(""), response=result.response(task), text=word, aspect=aspect)


def _rating(task: Task, result: Result) -> Iterator[Record]:
    name = "rating" if "rating" in result.value else "number"
    value = number(result.value, name)
    low, high = number(result.meta, "low"), number(result.meta, "high")
    if low is None or high is None:
        if name == "number":
            task.unread["number"] += 1  # nothing says how long its scale is
            return
        low, high = 1, 5 if value is None or value <= 5 else 10
    if value is None or not low <= value <= high:
        raise RowError(f"{name} of {clip(result.name)} is {clip(value)}; {low:g} to {high:g} is expected.")
    response = result.response(task)
    if response:
        yield Rating(**result.source(), response=response, value=value, low=low, high=high)
    else:
        task.unread["rating of no response"] += 1


def _ranker(task: Task, result: Result) -> Iterator[Record]:
    """Buckets from best to worst in their order, or by the number that their name ends in; one bucket is an order."""
    buckets = result.value.get("ranker")
    if isinstance(buckets, list):
        buckets = {result.name: buckets}
    if not isinstance(buckets, dict) or not all(isinstance(held, list) for held in buckets.values()):
        raise RowError(f"ranker of {clip(result.name)} is {clip(buckets)}; lists of ids are expected.")
    held = {name: [str(one) for one in ids] for name, ids in buckets.items() if name != "_" and ids}
    if unknown := [one for ids in held.values() for one in ids if one not in task.places]:
        raise RowError(f"The ranking names {clip(unknown[0])}, which is no item of the task.")
    numbered = all(re.search(r"\d+$", name) for name in held) and len(held) > 1
    order = sorted(held, key=lambda name: int(re.search(r"\d+$", name)[0])) if numbered else [*held]  # type: ignore[index]
    strict = len(buckets) == 1 and not re.search(r"-\d+$", order[0] if order else "")
    groups = [[one] for one in held[order[0]]] if strict and order else [held[name] for name in order]
    ranks = {str(task.places[one]): rank for rank, group in enumerate(groups, 1) for one in group}
    if ranks:
        yield Ranking(**result.source(), ranks=ranks)


def _labels(task: Task, result: Result) -> Iterator[Record]:
    response = result.response(task)
    value, labels = result.value, result.words("labels")
    place = int(response) if response else -1
    if place in task.sounds:
        begin, finish = number(value, "start"), number(value, "end")
        if begin is None or finish is None or not 0 <= begin <= finish:
            raise RowError(f"A stretch from {clip(value.get('start'))} to {clip(value.get('end'))} is none.")
        for label in labels:
            explanation = result.about.get("explanation", "")
            yield TimeRange(
                **result.source(),
                response=response,
                begin=begin,
                finish=finish,
                category=label,
                explanation=explanation,
            )
        return
    offsets: Any = value.get("globalOffsets") if isinstance(value.get("globalOffsets"), dict) else value
    if place < 0 or not all(type(offsets.get(name)) is int for name in ("start", "end")):
        task.unread["labels"] += 1
        return
    text = task.responses[place].text
    start, end = _offsets(text, offsets["start"], offsets["end"], value.get("text"))
    if not 0 <= start < end <= len(text):
        raise RowError(f"The span from {start} to {end} lies outside its text of {len(text)} characters.")
    about = {name: result.about.get(name, "") for name in _ABOUT}
    for label in labels:
        yield Span(**result.source(), response=response, start=start, end=end, category=label, **about)


def _offsets(text: str, start: int, end: int, marked: Any) -> tuple[int, int]:
    """Code points; UTF-16 units, as older versions wrote them, are known by the words that they mark."""
    if not isinstance(marked, str) or text[start:end] == marked or text.isascii():
        return start, end
    units = text.encode("utf-16-le")
    first, both = (units[: 2 * place].decode("utf-16-le", "ignore") for place in (start, end))
    return (len(first), len(both)) if text[len(first) : len(both)] == marked else (start, end)


def _box(task: Task, result: Result) -> Iterator[Record]:
    if number(result.value, "rotation"):
        task.unread["rotated box"] += 1
        return
    x, y = result.fraction("x"), result.fraction("y")
    far = min(1.0, x + result.fraction("width")), min(1.0, y + result.fraction("height"))
    yield from _regions(task, result, "box", (x, y, *far), result.words("rectanglelabels"))


def _polygon(task: Task, result: Result) -> Iterator[Record]:
    points = result.value.get("points")
    if not isinstance(points, list) or len(points) < 3:
        raise RowError(f"points of {clip(result.name)} are {clip(points)}; three or more are expected.")
    flat = []
    for point in points:
        if not isinstance(point, list | tuple) or len(point) != 2:
            raise RowError(f"A point of {clip(result.name)} is {clip(point)}; two percentages are expected.")
        pair = dict(zip("xy", point, strict=True))
        flat += [result.fraction(name, pair) for name in "xy"]
    yield from _regions(task, result, "polygon", tuple(flat), result.words("polygonlabels"))


def _regions(
    task: Task, result: Result, shape: str, points: tuple[float, ...], labels: Sequence[str]
) -> Iterator[Record]:
    about = {name: result.about.get(name, "") for name in ("severity", "explanation")}
    response = "" if result.to_name == "source" else result.response(task)
    for label in labels:
        yield Region(**result.source(""), response=response, shape=shape, points_xy=points, category=label, **about)


READERS = {
    "pairwise": _pairwise, "choices": _choices, "taxonomy": _taxonomy, "textarea": _textarea, "rating": _rating,
    "number": _rating, "ranker": _ranker, "labels": _labels, "rectanglelabels": _box, "polygonlabels": _polygon,
}  # fmt: skip
