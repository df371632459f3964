"""Formats: one file each, found by discovery; both ways where both make sense.

The contract (tests/curation/formats/test_contract.py holds it). A module defines one or both of:

    parse(row: dict) -> Parsed                    import: raises RowError, its message is shown to people
    export(table, options) -> Iterator[dict]      export: rows of a pair table as that format's rows

and always TITLE, SUMMARY; importers also EXAMPLE (a row that parses), exporters also
OPTIONS (JSON Schema with defaults). Pure: knows no Django.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from annotate import discovery


class RowError(ValueError):
    """A row that cannot be imported; the message says why and is shown beside its row number."""


@dataclass(frozen=True, slots=True)
class ParsedResponse:
    """One candidate. ``media`` are files or URLs as the row gave them."""

    text: str
    model: str = ""
    media: tuple[str, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ParsedVote:
    """One rater's preference between two responses, given by index into the row's responses.

    ``strength`` counts 1 .. ``scale``; 0 for ties and both bad.
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
    rater_kind: str = "import"


@dataclass(frozen=True, slots=True)
class Parsed:
    """One row, understood: an item with its responses and whatever votes came along.

    ``external_id`` "" means: derive it from the content. ``prompt`` is a list of messages.
    ``gold`` is an outcome between responses 0 and 1, or "".
    """

    prompt: list[dict[str, str]]
    responses: tuple[ParsedResponse, ...]
    external_id: str = ""
    group: str = ""
    gold: str = ""
    votes: tuple[ParsedVote, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)


def names() -> tuple[str, ...]:
    """Identifiers of all formats."""
    return discovery.names(__name__)


def importers() -> dict[str, ModuleType]:
    """Formats that can be read, by name."""
    return {n: m for n, m in discovery.load_all(__name__).items() if hasattr(m, "parse")}


def exporters() -> dict[str, ModuleType]:
    """Formats that can be written, by name."""
    return {n: m for n, m in discovery.load_all(__name__).items() if hasattr(m, "export")}


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


Rows = Iterator[dict[str, Any]]
