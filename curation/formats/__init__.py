"""Formats: one file each, or a folder where that would be long, found by discovery; both ways where both make sense.

The contract (tests/curation/formats/test_contract.py holds it). A module defines one or more of:

    parse(row: dict) -> Parsed                          import: raises RowError, its message is shown to people
    export(table, options, left_out) -> Iterator[dict]  export: rows of a pair table as that format's rows; what it
                                                        cannot say it leaves out and counts in ``left_out`` by reason
                                                        (`LINES_A_PAIR` of them a pair, where that is not one)
    write(splits, folder, options, manifest) -> counts  export of whole splits, for formats that are not a line a row;
                                                        the rows left out by split and reason, or None for none
    export_item(parsed, questions, options, left_out)   export of a project: one item with all its answers, in the same
        -> dict | list[dict] | None                     shape as an import gives it, as one row, or as several (a row a
                                                        pair or a response); None or an empty list leaves it out

and always TITLE, SUMMARY; importers also EXAMPLE (a row that parses), exporters of either sort also
OPTIONS (JSON Schema with defaults) and, where a reason in ``left_out`` does not say it all, LEFT_OUT (a sentence by
reason). Pure: knows no Django.

What `export_item` is given: a `Parsed` whose ``answers`` hold every rater's current answers as records that name
responses by index and questions by name (``votes`` are empty), whose ``media`` are paths in the exported folder such
as "media/9f….png"; and ``questions``, the form as dicts with name, kind, title, help, required, settings. What it
cannot say it counts in ``left_out`` by reason. Rows go to the file `ITEMS_FILE` ("items.jsonl" where a module names
none; ending in .json, they form one array). `files(questions, options) -> dict[name, text]`, where there is one, gives
the files that belong beside it, such as a labelling configuration.

What every import must hold is checked here, when a `Parsed` is made, so no format can forget it: texts that a
database can store (no NUL, no lone surrogates) of at most `MAX_TEXT` characters, at least one response that says
something, votes between responses that exist. HTML and script pass through untouched: whoever shows them escapes them.
"""

import importlib
import math
import pkgutil
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from types import ModuleType
from typing import Any

import jsonschema

from annotate import discovery
from annotate.records import OUTCOMES, Critique, Preference, Record, responses_of

MAX_TEXT = 4 * 1024 * 1024  # characters of one prompt message, response or reason
MAX_NAME = 200  # characters of an identifier: external id, group, rater, model, dimension
MAX_RESPONSES = 100
MAX_VOTES = 10_000
MAX_DEPTH = 32  # nesting of metadata
ROLES = ("system", "developer", "user", "assistant", "tool")

Rows = Iterator[dict[str, Any]]


class RowError(ValueError):
    """A row that cannot be imported; the message says why and is shown beside its row number."""


class OptionError(ValueError):
    """Export options that the format does not know or cannot combine."""


@dataclass(frozen=True, slots=True)
class ParsedResponse:
    """One candidate. ``text`` is "" where a model said nothing; ``media`` are files or URLs as the row gave them."""

    text: str
    model: str = ""
    media: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_text(self.text, "a response")
        check_text(self.model, "the model's name", MAX_NAME)
        for medium in self.media:
            check_text(medium, "a response's media")
        check_plain(self.metadata, "a response's metadata")

    @property
    def is_empty(self) -> bool:
        return not self.media and not self.text.strip()


@dataclass(frozen=True, slots=True)
class ParsedVote:
    """One rater's preference between two responses, given by index into the row's responses.

    ``strength`` counts 1 .. ``scale``; 0 for ties and both bad. ``first`` is the one of the two that stood first
    on the screen, None where nobody knows.
    """

    rater: str
    outcome: str
    a: int = 0
    b: int = 1
    strength: int = 1
    scale: int = 1
    dimension: str = ""
    reason: str = ""
    seconds: float | None = None
    submitted_at: str = ""
    first: int | None = None
    rater_kind: str = "import"

    def __post_init__(self) -> None:
        check_text(self.rater, "the rater's name", MAX_NAME)
        if not self.rater.strip():
            raise RowError("A vote has no rater.")
        check_outcome(self.outcome, "the choice of a vote")
        if self.outcome not in ("a", "b"):
            object.__setattr__(self, "strength", 0)
        elif not 1 <= self.strength <= self.scale:
            raise RowError(f"Strength {self.strength} of a vote is not between 1 and its scale, {self.scale}.")
        check_text(self.dimension, "the dimension of a vote", MAX_NAME)
        check_text(self.reason, "the reason of a vote")
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise RowError(f"Seconds of a vote are {self.seconds}; they cannot be negative or infinite.")
        if self.submitted_at:
            check_time(self.submitted_at)
        if self.first not in (None, self.a, self.b):
            raise RowError(f"The response shown first, {self.first}, is none of the two that the vote compares.")


@dataclass(frozen=True, slots=True)
class ParsedAnswer:
    """One rater's answer of any kind about some of the row's responses, as records.

    Attributes
    ----------
    records : name responses by their index in the row ("0", "1", …; "" for all together) and their question by its
        name in the form, or "" where whichever question can say them takes them; ``item`` and ``rater`` are not read.
    responses : indices of the responses that were asked about, ascending; empty: all of the row.
    shown : the same in the order in which they stood on the screen; empty where nobody knows.
    """

    rater: str
    records: tuple[Record, ...]
    responses: tuple[int, ...] = ()
    shown: tuple[int, ...] = ()
    seconds: float | None = None
    submitted_at: str = ""
    rater_kind: str = "import"

    def __post_init__(self) -> None:
        check_text(self.rater, "the rater's name", MAX_NAME)
        if not self.rater.strip():
            raise RowError("An answer has no rater.")
        if not self.records:
            raise RowError(f"The answer of {clip(self.rater)} says nothing.")
        for record in self.records:
            for name in type(record).__dataclass_fields__:
                check_plain(getattr(record, name), name)
        if self.seconds is not None and not (math.isfinite(self.seconds) and self.seconds >= 0):
            raise RowError(f"Seconds of an answer are {self.seconds}; they cannot be negative or infinite.")
        if self.submitted_at:
            check_time(self.submitted_at)
        if self.shown and sorted(self.shown) != sorted(self.responses or self.shown):
            raise RowError("The responses shown are not those that the answer is about.")


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row, understood: an item with its responses and whatever votes and answers came along.

    ``external_id`` "" means: derive it from the content. ``prompt`` is a list of messages.
    ``gold`` is an outcome between responses 0 and 1, or "". ``media`` and ``criteria`` belong to the item: its
    source images and documents, its own rubric. ``metadata`` may hold "margin", asked of better minus worse.
    """

    prompt: list[dict[str, str]]
    responses: tuple[ParsedResponse, ...]
    external_id: str = ""
    group: str = ""
    gold: str = ""
    votes: tuple[ParsedVote, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    media: tuple[str, ...] = ()
    criteria: tuple[Mapping[str, Any], ...] = ()
    answers: tuple[ParsedAnswer, ...] = ()

    def __post_init__(self) -> None:
        for message in self.prompt:
            check_text(message["content"], "the prompt")
            if message["role"] not in ROLES:
                raise RowError(f"The prompt has the role {clip(message['role'])}; known are {', '.join(ROLES)}.")
        count = len(self.responses)
        if not 1 <= count <= MAX_RESPONSES:
            raise RowError(f"The row has {count} responses; 1 to {MAX_RESPONSES} are allowed.")
        if all(response.is_empty for response in self.responses):
            raise RowError("Every response is empty.")
        check_text(self.external_id, "the id", MAX_NAME)
        check_text(self.group, "the group", MAX_NAME)
        if self.gold:
            check_outcome(self.gold, "gold")
            if count < 2:
                raise RowError("Gold compares two responses, but the row has one.")
        if len(self.votes) > MAX_VOTES:
            raise RowError(f"The row has {len(self.votes):,} votes; {MAX_VOTES:,} are allowed.")
        if any(vote.a == vote.b or not (0 <= vote.a < count and 0 <= vote.b < count) for vote in self.votes):
            raise RowError(f"A vote compares responses that the row does not have (it has {count}).")
        seen = Counter((v.rater, v.dimension, min(v.a, v.b), max(v.a, v.b)) for v in self.votes)
        if seen and (most := seen.most_common(1)[0])[1] > 1:
            raise RowError(f"Rater {clip(most[0][0])} votes {most[1]} times on the same pair and dimension.")
        if len(self.answers) > MAX_VOTES:
            raise RowError(f"The row has {len(self.answers):,} answers; {MAX_VOTES:,} are allowed.")
        own = {str(index) for index in range(count)}
        for answer in self.answers:
            said = {name for record in answer.records for name in responses_of(record)}
            if not said | set(map(str, (*answer.responses, *answer.shown))) <= own:
                raise RowError(f"An answer is about responses that the row does not have (it has {count}).")
        for medium in self.media:
            check_text(medium, "the item's media")
        check_plain(self.criteria, "criteria")
        check_plain(self.metadata, "metadata")


def answers_of(parsed: Parsed) -> Iterator[ParsedAnswer]:
    """Every answer that came along, votes among them: a vote is a preference, and a critique where it has a reason."""
    for vote in parsed.votes:
        a, b = sorted((vote.a, vote.b))
        swapped = {"a": "b", "b": "a"} if vote.a > vote.b else {}
        said: tuple[Record, ...] = (
            Preference(
                item="",
                rater="",
                question="",
                dimension=vote.dimension,
                a=str(a),
                b=str(b),
                outcome=swapped.get(vote.outcome, vote.outcome),  # type: ignore[arg-type]
                strength=vote.strength,
                scale=vote.scale,
            ),
        )
        if vote.reason.strip():
            said += (Critique(item="", rater="", question="", response="", text=vote.reason),)
        yield ParsedAnswer(
            rater=vote.rater,
            records=said,
            responses=(a, b),
            shown=() if vote.first is None else (vote.first, a + b - vote.first),
            seconds=vote.seconds,
            submitted_at=vote.submitted_at,
            rater_kind=vote.rater_kind,
        )
    yield from parsed.answers


def clip(value: Any, limit: int = 60) -> str:
    """A value as an error message shows it: quoted, and cut where it is long."""
    shown = repr(value[:limit] if isinstance(value, str) else value)
    return shown if len(shown) <= limit else shown[: limit - 2] + "…" + shown[-1]


def check_text(value: Any, name: str, limit: int = MAX_TEXT) -> None:
    """Raise `RowError` unless ``value`` is text that every supported database can store."""
    if not isinstance(value, str):
        raise RowError(f"Text is expected for {name}, not {clip(value)}.")
    if len(value) > limit:
        raise RowError(f"There are {len(value):,} characters in {name}; {limit:,} are allowed.")
    if "\0" in value:
        raise RowError(f"There is a NUL character in {name}, at position {value.index(chr(0))}.")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise RowError(f"There is half a surrogate pair in {name}, at position {error.start}.") from None


def check_plain(value: Any, name: str, depth: int = 0) -> None:
    """Raise `RowError` unless ``value`` is plain JSON that a database can store."""
    if isinstance(value, str):
        check_text(value, name)
    elif isinstance(value, Mapping | list | tuple):
        if depth == MAX_DEPTH:
            raise RowError(f"More than {MAX_DEPTH} levels are nested in {name}.")
        for part in value:
            check_plain(part, name, depth + 1)
            if isinstance(value, Mapping):
                check_plain(value[part], name, depth + 1)
    elif isinstance(value, float):
        if not math.isfinite(value):
            raise RowError(f"The number {value} in {name} cannot be stored.")
    elif not (value is None or isinstance(value, int)):
        raise RowError(f"A {type(value).__name__} in {name} is not plain JSON.")


def check_outcome(value: Any, name: str) -> None:
    """Raise `RowError` unless ``value`` is one of `annotate.records.OUTCOMES`."""
    if value not in OUTCOMES:
        raise RowError(f"Unknown outcome {clip(value)} for {name}; known are {', '.join(OUTCOMES)}.")


def check_time(value: str) -> None:
    """Raise `RowError` unless ``value`` is a time in ISO 8601."""
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise RowError(f"{clip(value)} is not a time like 2026-11-20T09:30:00Z.") from None


def safe_cell(value: Any) -> str:
    """A value as a cell of a CSV file that no spreadsheet takes for a formula (OWASP, "CSV Injection").

    Text that begins like a formula gets an apostrophe before it; numbers, also negative ones, stay as they are.
    """
    text = "" if value is None else str(value)
    if text[:1] in ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠"):
        try:
            float(text)
        except ValueError:
            return f"'{text}"
    return text


def filled_options(schema: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """Export options with the defaults of their schema filled in; `OptionError` where they do not fit it."""
    filled = {key: option["default"] for key, option in schema["properties"].items()} | dict(options)
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(filled))
    if error is not None:
        where = "/".join(str(part) for part in error.absolute_path)
        raise OptionError(f"Export option {where}: {error.message}" if where else f"Export options: {error.message}")
    return filled


def names() -> tuple[str, ...]:
    """Identifiers of all formats."""
    return discovery.names(__name__)


def importers() -> dict[str, ModuleType]:
    """Formats that can be read, by name."""
    return {n: m for n, m in discovery.load_all(__name__).items() if hasattr(m, "parse")}


def exporters() -> dict[str, ModuleType]:
    """Formats that can be written, by name."""
    return {n: m for n, m in discovery.load_all(__name__).items() if hasattr(m, "export") or hasattr(m, "write")}


def item_exporters() -> dict[str, ModuleType]:
    """Formats in which a whole project can be written, by name."""
    return {n: m for n, m in discovery.load_all(__name__).items() if hasattr(m, "export_item")}


def why_left_out(module: ModuleType, code: str) -> str:
    """What a reason in ``left_out`` means, in a sentence; the reason itself where nobody wrote one.

    A format's own ``LEFT_OUT`` comes before those of the modules that formats share.
    """
    own: dict[str, str] = getattr(module, "LEFT_OUT", {})
    return own.get(code) or _shared_reasons().get(code) or f"{code.replace('_', ' ').capitalize()}."


@cache
def _shared_reasons() -> dict[str, str]:
    found: dict[str, str] = {}
    for shared in pkgutil.iter_modules(__path__):
        if shared.name.startswith("_"):
            found |= getattr(importlib.import_module(f"{__name__}.{shared.name}"), "LEFT_OUT", {})
    return found


def _one(kind: str, found: Mapping[str, ModuleType], name: str) -> ModuleType:
    if name not in found:
        raise discovery.UnknownPlugin(f"There is no {kind} format {name!r}. Those that exist: {', '.join(found)}.")
    return found[name]


def importer(name: str) -> ModuleType:
    """The import format ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return _one("import", importers(), name)


def exporter(name: str) -> ModuleType:
    """The export format ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return _one("export", exporters(), name)


def item_exporter(name: str) -> ModuleType:
    """The project format ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return _one("project export", item_exporters(), name)
