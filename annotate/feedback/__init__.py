"""Feedback kinds: one file each, found by discovery; with a template and a script of the same name.

The contract that every module here fulfils (tests/annotate/feedback/test_contract.py holds it):

    TITLE, SUMMARY : str               shown in the form builder
    ARITY : int | None                 responses that one task shows: 2, 1, or None for all
    MEASURES : tuple[Measure, ...]     "nominal" compares readings' categories, "ordinal" and "interval"
                                       their levels, a distance f(x, y) in [0, 1] their contents
    SETTINGS : dict                    JSON Schema of a question's settings, every property with a default
    PRESETS : dict[str, dict]          settings by name, offered in the form builder
    TIMED : bool, optional             whether it wants to know how long media last (`Asked.media`)
    schema(asked) -> dict              JSON Schema of an answer, closed and with every property required,
                                       so that people's forms and a judge's structured output share it
    check(answer, asked) -> None       what the schema cannot say; raises InvalidAnswer
    says(settings) -> tuple[type[Record], ...]               the types of `to_records`, under these settings
    to_records(answer, asked) -> Iterator[Record]
    from_records(records, asked) -> answer | None            imports: inverse of to_records; None: nothing of
                                                             this kind; gaps are left for `validate` to report
    from_scores(scores, asked) -> answer | None              a reward model answers too; None: it cannot
    readings(records) -> Iterator[Reading]                   of one question's records: what agreement and
                                                             consensus compare
    example() -> tuple[Asked, answer]

Pure: knows no Django. An answer is a JSON object; it names responses by key, never by position, and says
"overall" where records say "": of the dimension for the whole judgement, of the response for all of them.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple, Protocol, TypeVar, cast

import jsonschema

from annotate import discovery
from annotate.records import Record
from annotate.steps import Step

Answer = Any
Measure = str | Callable[[Any, Any], float]
OVERALL = "overall"
R = TypeVar("R", bound=Record)


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one rater about some responses.

    Attributes
    ----------
    question : name of the question, unique in its form.
    settings : the question's settings, with defaults filled in.
    responses : keys of the responses asked about, in the item's own order (never as shown).
    texts : source text by response key, for kinds that point into it (spans).
    criteria : the item's own rubric criteria, where a rubric is asked per prompt.
    stamp : provenance that every record takes on: item, rater, annotation, seconds, shown_first.
    media : of each medium of a response (under "": of the item itself) its duration in seconds, None where it has
        none or nobody knows; a key that is not there says that nothing is known.
    steps : by response key, for kinds that judge steps (those with a setting ``split``).
    lots : what a response draws its lot by, where that is not its key, as for judges who see other names.
    """

    question: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    criteria: tuple[Mapping[str, Any], ...] = ()
    stamp: Mapping[str, Any] = field(default_factory=lambda: {"item": "", "rater": ""})
    media: Mapping[str, tuple[float | None, ...]] = field(default_factory=dict)
    steps: Mapping[str, tuple[Step, ...]] = field(default_factory=dict)
    lots: Mapping[str, str] = field(default_factory=dict)

    def stamped(self, **stamp: Any) -> "Asked":
        """The same question, answered by somebody."""
        return replace(self, stamp={**self.stamp, **stamp})

    @property
    def source(self) -> dict[str, Any]:
        """What every record of this question has in common."""
        return {"question": self.question, **self.stamp}

    @property
    def drawn(self) -> tuple[str, ...]:
        """The responses in an order drawn by lot from the item's id: the same for all raters, and it tells nothing."""

        def lot(key: str) -> bytes:
            return sha256(f"{self.stamp.get('item', '')}\0{self.lots.get(key, key)}".encode()).digest()

        return tuple(sorted(self.responses, key=lot))

    def own(self, records: Iterable[Record], of: type[R]) -> list[R]:
        """Those of ``records`` that are of one type and belong to this question."""
        return [record for record in records if isinstance(record, of) and record.question == self.question]


class Reading(NamedTuple):
    """One rater's judgement of one unit, as agreement and consensus compare it.

    A measure compares those readings that have what it needs, and leaves the others out.

    Attributes
    ----------
    item : external id of the item.
    subject : what of the item was judged: "a:b" for a pair, a response key, "key#part" for a criterion or an
        aspect, "" for all responses together.
    dimension : "" or the dimension's name.
    rater : who judged.
    category : the nominal label, e.g. "a", "tie", "met"; "" where the kind has none.
    level : place on an ordinal or interval scale, or None.
    content : what a distance measure compares (a text, marked passages), or None.
    """

    item: str
    subject: str
    dimension: str
    rater: str
    category: str = ""
    level: float | None = None
    content: Any = None


class InvalidAnswer(ValueError):
    """An answer that its form does not allow; ``path`` says where, e.g. ``quality/strength``."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class Kind(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    ARITY: int | None
    MEASURES: tuple[Measure, ...]
    SETTINGS: dict[str, Any]
    PRESETS: dict[str, dict[str, Any]]

    def schema(self, asked: Asked) -> dict[str, Any]: ...
    def check(self, answer: Answer, asked: Asked) -> None: ...
    def says(self, settings: Mapping[str, Any]) -> tuple[type[Record], ...]: ...
    def to_records(self, answer: Answer, asked: Asked) -> Iterator[Record]: ...
    def from_records(self, records: Iterable[Record], asked: Asked) -> Answer | None: ...
    def from_scores(self, scores: Mapping[str, float], asked: Asked) -> Answer | None: ...
    def readings(self, records: Iterable[Record]) -> Iterator[Reading]: ...
    def example(self) -> tuple[Asked, Answer]: ...


def names() -> tuple[str, ...]:
    """Identifiers of all feedback kinds."""
    return discovery.names(__name__)


def get(name: str) -> Kind:
    """The feedback kind called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Kind, discovery.load(__name__, name))


def settings_with_defaults(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """A question's settings with the kind's defaults filled in.

    Raises
    ------
    InvalidAnswer
        If the settings do not fit the kind's ``SETTINGS`` schema.
    """
    return cast(dict[str, Any], json.loads(_settings(kind, json.dumps(settings))))


@lru_cache(maxsize=512)
def _settings(kind: str, settings: str) -> str:
    """As JSON, so that what is remembered cannot be changed; imports ask for the same ones once an answer."""
    return json.dumps(filled(json.loads(settings), get(kind).SETTINGS))


def validate(kind: str, answer: Answer, asked: Asked) -> None:
    """Check an answer against the form.

    Raises
    ------
    InvalidAnswer
        With the path inside the answer and a sentence on what is wrong.
    """
    module = get(kind)
    _check(answer, module.schema(asked))
    module.check(answer, asked)


def filled(value: Any, schema: Mapping[str, Any]) -> Any:
    """``value`` with the defaults of ``schema`` filled in at every depth, checked; things named twice are refused."""
    value = _with_defaults(value, schema)
    _check(value, schema)
    for path, part in _parts(value):
        if isinstance(part, list):
            given = [entry["name"] for entry in part if isinstance(entry, dict) and "name" in entry]
            if twice := next((name for name in given if given.count(name) > 1), None):
                raise InvalidAnswer(f"{twice!r} is there twice; names must differ.", path)
    return value


def closed(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """JSON Schema of an object that has exactly these properties."""
    required = {"required": list(properties), "additionalProperties": False}
    return {"type": "object", "properties": dict(properties), **required, **more}


def named(title: str, description: str, **more: Any) -> dict[str, Any]:
    """JSON Schema of a setting that lists things with a name (stored), a title and a help (both shown)."""
    text = {"type": "string", "default": ""}
    entry = {"type": "object", "required": ["name"], "additionalProperties": False}
    entry["properties"] = {"name": NAME, "title": text, "help": text}
    return {"type": "array", "default": [], "title": title, "description": description, "items": entry, **more}


def one_of(entries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """JSON Schema of the name of one of these things, with what they mean."""
    meanings = {e["name"]: ": ".join(part for part in (e.get("title"), e.get("help")) if part) for e in entries}
    described = "; ".join(f"{name}: {meaning}" for name, meaning in meanings.items() if meaning)
    return {"type": "string", "enum": list(meanings), **({"description": described} if described else {})}


NAME = {"type": "string", "pattern": r"^[A-Za-z0-9_.-]{1,80}$"}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # what no database stores as text


def _with_defaults(value: Any, schema: Mapping[str, Any]) -> Any:
    if isinstance(value, Mapping):
        properties = schema.get("properties", {})
        defaults = {name: part["default"] for name, part in properties.items() if "default" in part}
        return {name: _with_defaults(part, properties.get(name, {})) for name, part in {**defaults, **value}.items()}
    if isinstance(value, list | tuple):
        return [_with_defaults(part, schema.get("items", {})) for part in value]
    return value


def _check(value: Any, schema: Mapping[str, Any]) -> None:
    errors = jsonschema.Draft202012Validator(schema).iter_errors(value)
    error = min(errors, key=lambda error: len(error.absolute_path), default=None)  # the first of the outermost
    if error is not None:
        raise InvalidAnswer(_said(error), "/".join(str(part) for part in error.absolute_path))
    for path, part in _parts(value):
        if isinstance(part, str) and _NO_TEXT.search(part):
            raise InvalidAnswer("Holds a NUL or half a surrogate pair, which is no text.", path)


def _said(error: jsonschema.ValidationError) -> str:
    """A message begins with the value and ends with what is wrong with it; the value may be long."""
    if error.validator in ("maxItems", "maxLength"):
        unit = "entries" if error.validator == "maxItems" else "characters"
        return f"This is too long: {len(error.instance)} {unit}; at most {error.validator_value} are allowed."
    return error.message if len(error.message) <= 300 else f"{error.message[:60]} … {error.message[-200:]}"


def _parts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value inside ``value``, itself included, with its path."""
    yield path, value
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, part in inside:
        yield from _parts(part, f"{path}/{name}" if path else str(name))
