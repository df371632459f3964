"""Records: the plain atoms of feedback that an answer yields, and their one Arrow schema.

Feedback kinds (N) and formats (M) meet only here, so they cost N + M files, not N x M.
A record is derived from an annotation and never edited. Pure: knows no Django.

Example
-------
>>> Preference(item="q1", rater="ann", question="preference", a="r1", b="r2", outcome="a", strength=2, scale=3)
... # doctest: +ELLIPSIS
Preference(item='q1', rater='ann', ...)
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, get_args, get_origin, get_type_hints

import pyarrow as pa

Outcome = Literal["a", "b", "tie", "both_bad"]
OUTCOMES: tuple[Outcome, ...] = ("a", "b", "tie", "both_bad")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """What every record carries: where the feedback came from.

    Attributes
    ----------
    item : external id of the item, unique in its project.
    rater : identifier of whoever judged.
    question : name of the question in the form.
    dimension : dimension or criterion judged; "" when asked as a whole.
    annotation : identifier of the annotation it is derived from; "" when imported loose.
    seconds : time spent, or None when unknown.
    shown_first : key of the response that stood first on the screen; "" when unknown.
    """

    name: ClassVar[str] = "record"
    item: str
    rater: str
    question: str
    dimension: str = ""
    annotation: str = ""
    seconds: float | None = None
    shown_first: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference(Record):
    """One pair compared. ``a`` and ``b`` are response keys in the item's own order, not as shown.

    ``strength`` is 0 for a tie or both bad, else 1 .. ``scale``.
    """

    name: ClassVar[str] = "preference"
    a: str
    b: str
    outcome: Outcome
    strength: int = 1
    scale: int = 1

    @property
    def level(self) -> int:
        """Signed strength on an ordinal scale, -scale .. scale; positive where ``a`` is better."""
        return {"a": self.strength, "b": -self.strength}.get(self.outcome, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking(Record):
    """Ranks of responses, 1 is best, equal ranks are ties; responses left out were not rankable."""

    name: ClassVar[str] = "ranking"
    ranks: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating(Record):
    """A value on a scale from ``low`` to ``high`` for one response."""

    name: ClassVar[str] = "rating"
    response: str
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Check(Record):
    """One rubric criterion on one response; ``met`` is None where it does not apply.

    ``points`` is the criterion's signed weight; a pitfall has negative points. ``credit`` is the share of them,
    between 0 and 1, of a criterion that is met in part; ``met`` is then False. None: all of them, or none.
    """

    name: ClassVar[str] = "check"
    response: str
    criterion: str
    met: bool | None
    points: float
    credit: float | None = None

    @property
    def earned(self) -> float | None:
        """The share of the points that count, in [0, 1]; None where the criterion does not apply."""
        return self.credit if self.credit is not None else None if self.met is None else float(self.met)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict(Record):
    """A single response called good or bad."""

    name: ClassVar[str] = "verdict"
    response: str
    good: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Critique(Record):
    """Written feedback on one response, or on the pair where ``response`` is ""."""

    name: ClassVar[str] = "critique"
    response: str
    text: str
    aspect: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span(Record):
    """A range of a response's source text, in code points, end exclusive.

    From 0 to 0 with a category: a note on the response as a whole, such as information that is missing from it.
    From 0 to 0 without one: the response was read and has nothing to mark.
    """

    name: ClassVar[str] = "span"
    response: str
    start: int
    end: int
    category: str
    severity: str = ""
    explanation: str = ""
    correction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Region(Record):
    """A marked part of an image: points x, y, x, y, … as fractions of width and height, in [0, 1].

    ``shape`` is "box" (two opposite corners), "polygon" (three or more points), or "brush" (a stroke along the points,
    ``thickness`` wide as a fraction of the image's width). ``image`` is the index into the response's media; the
    response is "" for the item's own images. Without a category and points: there is nothing to mark.
    """

    name: ClassVar[str] = "region"
    response: str
    shape: str
    points_xy: tuple[float, ...]
    category: str
    image: int = 0
    thickness: float = 0.0
    severity: str = ""
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeRange(Record):
    """A marked stretch of audio or video, in seconds from its beginning.

    ``medium`` is the index into the response's media. From 0 to 0 without a category: there is nothing to mark.
    """

    name: ClassVar[str] = "time_range"
    response: str
    begin: float
    finish: float
    category: str
    medium: int = 0
    explanation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepLabel(Record):
    """A judgement of one step of reasoning or of a trajectory, counted from 0.

    1 right, 0 neutral, -1 wrong, None unsure; in the dimension "progress", the percentage of the task that is done
    after the step, 0 to 100.
    """

    name: ClassVar[str] = "step_label"
    response: str
    step: int
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Record):
    """A response rewritten by the rater; the revision is better than the original.

    Without a text: the response was read and there is nothing to correct.
    """

    name: ClassVar[str] = "revision"
    response: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score(Record):
    """A real-valued reward of one response, with its standard deviation where known."""

    name: ClassVar[str] = "score"
    response: str
    value: float
    deviation: float | None = None


TYPES: dict[str, type[Record]] = {
    cls.name: cls
    for cls in (
        Preference, Ranking, Rating, Check, Verdict, Critique, Span, Region, TimeRange, StepLabel, Revision, Score,
    )
}  # fmt: skip

_ARROW = {
    "item": pa.string(), "rater": pa.string(), "question": pa.string(), "dimension": pa.string(),
    "annotation": pa.string(), "seconds": pa.float64(), "shown_first": pa.string(),
    "a": pa.string(), "b": pa.string(), "outcome": pa.string(), "strength": pa.int16(), "scale": pa.int16(),
    "ranks": pa.map_(pa.string(), pa.int16()), "response": pa.string(), "value": pa.float64(),
    "low": pa.float64(), "high": pa.float64(), "criterion": pa.string(), "met": pa.bool_(),
    "points": pa.float64(), "credit": pa.float64(), "good": pa.bool_(),
    "text": pa.large_string(), "aspect": pa.string(),
    "start": pa.int64(), "end": pa.int64(), "category": pa.string(), "severity": pa.string(),
    "explanation": pa.large_string(), "correction": pa.large_string(), "shape": pa.string(),
    "points_xy": pa.list_(pa.float64()), "image": pa.int16(), "thickness": pa.float64(),
    "begin": pa.float64(), "finish": pa.float64(), "medium": pa.int16(),
    "step": pa.int32(), "deviation": pa.float64(),
}  # fmt: skip
SCHEMA = pa.schema([("record", pa.string()), *_ARROW.items()])


def responses_of(record: Record) -> tuple[str, ...]:
    """The responses that a record names, each once; none where it is about all of them together."""
    named = [getattr(record, name, "") for name in ("response", "a", "b")]
    return tuple(dict.fromkeys(name for name in (*named, *getattr(record, "ranks", ())) if name))


def readdressed(record: Record, names: Mapping[str, str], **changes: Any) -> Record:
    """The same said of responses that are called otherwise; raises KeyError for one without a new name."""
    for field in ("response", "a", "b"):
        if old := getattr(record, field, ""):
            changes[field] = names[old]
    if record.shown_first:
        changes["shown_first"] = names.get(record.shown_first, "")
    if isinstance(record, Ranking):
        changes["ranks"] = {names[key]: rank for key, rank in record.ranks.items()}
    return replace(record, **changes)


def to_table(records: Iterable[Record]) -> pa.Table:
    """Records of any types as one Arrow table with `SCHEMA`; fields that a type lacks are null."""
    rows = [{"record": record.name, **asdict(record)} for record in records]
    return pa.Table.from_pylist(rows, schema=SCHEMA)


def from_table(table: pa.Table) -> Iterator[Record]:
    """The records of a table that `to_table` wrote."""
    for row in table.to_pylist(maps_as_pydicts="strict"):
        cls = TYPES[row["record"]]
        values: dict[str, Any] = {field.name: row[field.name] for field in fields(cls)}
        if "points_xy" in values:
            values["points_xy"] = tuple(values["points_xy"])
        yield cls(**values)


PROVENANCE = ("item", "rater", "annotation", "seconds", "shown_first")


def to_plain(record: Record) -> dict[str, Any]:
    """What a record says, without provenance, as plain JSON: its type and what differs from the defaults."""
    said: dict[str, Any] = {"record": record.name}
    for field in fields(record):
        value = getattr(record, field.name)
        default = "" if field.name == "question" else field.default
        if field.name not in PROVENANCE and (default is MISSING or value != default):
            plain = list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
            said[field.name] = plain
    return said


def from_plain(said: Mapping[str, Any]) -> Record:
    """The record that `to_plain` wrote, without provenance; whole numbers may be written as 3.0.

    Raises
    ------
    ValueError
        With a sentence: unknown type or field, a field missing, or a value of another type.
    """
    cls = TYPES.get(str(said.get("record")))
    if cls is None:
        raise ValueError(f"Unknown record {said.get('record')!r:.60}; known are {', '.join(TYPES)}.")
    kinds = field_types(cls.name)
    values: dict[str, Any] = {"item": "", "rater": "", "question": ""}
    for name, value in said.items():
        if name == "record":
            continue
        if name not in kinds:
            raise ValueError(f"A {cls.name} has no field {name!r:.60}; it has {', '.join(kinds)}.")
        values[name] = _typed(value, kinds[name], f"{name} of a {cls.name}")
    needed = [field.name for field in fields(cls) if field.default is MISSING and field.name not in values]
    if needed:
        raise ValueError(f"A {cls.name} needs {', '.join(needed)}.")
    return cls(**values)


@cache
def field_types(name: str) -> dict[str, Any]:
    """The types of what a record of this type says, by field; the response that it names among them."""
    hints = get_type_hints(TYPES[name])
    return {field.name: hints[field.name] for field in fields(TYPES[name]) if field.name not in PROVENANCE}


def _typed(value: Any, kind: Any, name: str) -> Any:
    if isinstance(kind, UnionType):
        if value is None and NoneType in get_args(kind):
            return None
        kind = next(part for part in get_args(kind) if part is not NoneType)
    origin = get_origin(kind)
    if origin is Literal and value in get_args(kind):
        return value
    if kind in (str, bool) and isinstance(value, kind):
        return value
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if is_number and (kind is float or (kind is int and value == int(value))):
        return kind(value)
    if origin is tuple and isinstance(value, list | tuple):
        return tuple(_typed(part, float, name) for part in value)
    if isinstance(origin, type) and issubclass(origin, Mapping) and isinstance(value, Mapping):
        return {_typed(key, str, name): _typed(part, int, name) for key, part in value.items()}
    wanted = " or ".join(map(str, get_args(kind))) if origin is Literal else _WORDS.get(kind, "something else")
    raise ValueError(f"{value!r:.60} is given for {name}; {wanted} is expected.")


_WORDS: dict[Any, str] = {str: "text", bool: "true or false", int: "a whole number", float: "a number"}
