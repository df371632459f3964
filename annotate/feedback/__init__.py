"""Feedback kinds: one file each, found by discovery; with a template and a script of the same name.

The contract that every module here fulfils (tests/annotate/feedback/test_contract.py holds it):

    TITLE, SUMMARY : str               shown in the form builder
    ARITY : int | None                 responses that one task shows: 2, 1, or None for all
    MEASURES : tuple[Measure, ...]     "nominal", "ordinal", "interval", or a distance f(x, y) in [0, 1]
    SETTINGS : dict                    JSON Schema of a question's settings, every property with a default
    schema(asked) -> dict              JSON Schema of an answer; people's forms and judges answer the same one
    check(answer, asked) -> None       what the schema cannot say; raises InvalidAnswer
    to_records(answer, asked) -> Iterator[Record]
    from_records(records, asked) -> answer | None            imports: inverse of to_records
    from_scores(scores, asked) -> answer | None              a reward model answers too; None: it cannot
    readings(records) -> Iterator[Reading]                   what agreement and consensus compare
    example() -> tuple[Asked, answer]

Pure: knows no Django. An answer is plain JSON; it names responses by key, never by position.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol, cast

import jsonschema

from annotate import discovery
from annotate.records import Record

Answer = Any
Measure = str | Callable[[Any, Any], float]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question put to one rater about some responses.

    Attributes
    ----------
    question : name of the question, unique in its form.
    settings : the question's settings, with defaults filled in.
    responses : keys of the responses asked about, in the item's own order (never as shown).
    texts : source text by response key, for kinds that point into it (spans, steps).
    criteria : the item's own rubric criteria, where a rubric is asked per prompt.
    stamp : provenance that every record takes on: item, rater, annotation, seconds, shown_first.
    """

    question: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    responses: tuple[str, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    criteria: tuple[Mapping[str, Any], ...] = ()
    stamp: Mapping[str, Any] = field(default_factory=lambda: {"item": "", "rater": ""})

    def stamped(self, **stamp: Any) -> "Asked":
        """The same question, answered by somebody."""
        return replace(self, stamp={**self.stamp, **stamp})


class Reading(NamedTuple):
    """One rater's judgement of one unit, as agreement and consensus compare it.

    Attributes
    ----------
    item : external id of the item.
    subject : what of the item was judged: "a:b" for a pair, a response key, or "key#criterion".
    dimension : "" or the dimension's name.
    rater : who judged.
    category : the nominal label, e.g. "a", "tie", "met"; "" where the kind has none.
    level : place on an ordinal or interval scale, or None.
    content : what a distance measure compares (text, set of marked positions), or None.
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

    def schema(self, asked: Asked) -> dict[str, Any]: ...
    def check(self, answer: Answer, asked: Asked) -> None: ...
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
    schema = get(kind).SETTINGS
    defaults = {name: prop["default"] for name, prop in schema.get("properties", {}).items() if "default" in prop}
    filled = {**defaults, **settings}
    _check_schema(filled, schema)
    return filled


def validate(kind: str, answer: Answer, asked: Asked) -> None:
    """Check an answer against the form.

    Raises
    ------
    InvalidAnswer
        With the path inside the answer and a sentence on what is wrong.
    """
    module = get(kind)
    _check_schema(answer, module.schema(asked))
    module.check(answer, asked)


def _check_schema(value: Any, schema: Mapping[str, Any]) -> None:
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(value))
    if error is not None:
        raise InvalidAnswer(error.message, "/".join(str(part) for part in error.absolute_path))
