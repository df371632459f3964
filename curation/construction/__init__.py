"""Ways to construct pairs: one file each, found by discovery; records or pairs in, further pairs out.

The contract that every module here fulfils (tests/curation/construction/test_contract.py holds it):

    TITLE, SUMMARY : str
    SETTINGS : dict                    JSON Schema of the settings, closed; a property without a default is required
    construct(material, settings, context) -> Iterator[Constructed]

What is constructed is marked as such in its row's metadata, ``{"constructed": {"by", "from": [row ids], "items", …}}``,
and has no votes: nobody judged it. What is constructed does not depend on the order of rows or records; chance comes
from the pipeline's seed and from what a row holds. Pure: knows no Django.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

import jsonschema
import numpy as np
import pyarrow as pa

from annotate import discovery
from annotate.records import OUTCOMES, Record
from curation import pairs
from curation.filters import Context, SettingsError

MARK = "constructed"


@dataclass(frozen=True)
class Response:
    """One side of a pair: its text, its files ("sha256:…"), its model, and its key in the item ("" where it is new)."""

    text: str
    media: tuple[str, ...] = ()
    model: str = ""
    key: str = ""


@dataclass(frozen=True)
class Item:
    """What a record's item and response keys stand for; ``prompt`` as the pair table stores it."""

    prompt: str
    responses: Mapping[str, Response]
    group: str = ""


@dataclass(frozen=True)
class Material:
    """What pairs are constructed from.

    Attributes
    ----------
    table : `pairs.SCHEMA`, labelled.
    records : all records of the project, of whatever question.
    items : those that records name, by external id.
    """

    table: pa.Table
    records: Sequence[Record] = ()
    items: Mapping[str, Item] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Constructed:
    """One pair. ``better`` and ``worse`` are put on sides by chance, unless ``as_it_is`` leaves them on a and b.

    Attributes
    ----------
    item : external id of the item that it is made from, of several the one that the prompt is of.
    outcome : "a" (``better`` is better), "b" or "tie".
    strength : in [0, 1].
    sources : row ids of pairs that it is made from.
    items : external ids of all items that it is made from, where there are others than ``item``.
    note : what else is to be said of how it was made, plain JSON.
    files : content of media that is new, by name.
    """

    item: str
    prompt: str
    better: Response
    worse: Response
    outcome: str = "a"
    strength: float = 1.0
    group: str = ""
    sources: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    note: Mapping[str, Any] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    as_it_is: bool = False


class Way(Protocol):
    """The contract above, for type checkers."""

    TITLE: str
    SUMMARY: str
    SETTINGS: dict[str, Any]

    def construct(self, material: Material, settings: Mapping[str, Any], context: Context) -> Iterator[Constructed]: ...


def names() -> tuple[str, ...]:
    """Identifiers of all ways to construct pairs."""
    return discovery.names(__name__)


def get(name: str) -> Way:
    """The way called ``name``; `discovery.UnknownPlugin` lists those that exist."""
    return cast(Way, discovery.load(__name__, name))


def settings_with_defaults(name: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings with the defaults filled in; raises as `filters.settings_with_defaults` does."""
    schema = get(name).SETTINGS
    defaults = {key: value["default"] for key, value in schema["properties"].items() if "default" in value}
    filled = {**defaults, **settings}
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(schema).iter_errors(filled))
    if error is not None:
        raise SettingsError(f"{error.message:.300}", "/".join(str(part) for part in error.absolute_path))
    return filled


def rows(made: Iterable[Constructed], *, by: str, question: str, dimension: str, known: Iterable[str]) -> pa.Table:
    """Constructed pairs as rows of `pairs.SCHEMA`, sorted; those of a response with itself, or that are there, are not.

    Parameters
    ----------
    known : row ids that are there already, as pairs are compared either way round.
    """
    found: dict[str, dict[str, Any]] = {}
    seen = set(known)
    for pair in sorted(made, key=_order):
        row = _row(pair, by, question, dimension)
        mirrored = pairs.row_id(row["prompt"], row["response_b"], row["response_a"], row["media_b"], row["media_a"])
        same = (pair.better.text, pair.better.media) == (pair.worse.text, pair.worse.media)
        if not same and row["row_id"] not in seen and (pair.as_it_is or mirrored not in seen):
            seen.add(row["row_id"])
            found[row["row_id"]] = row
    return pa.Table.from_pylist([found[row_id] for row_id in sorted(found)], schema=pairs.SCHEMA)


def _order(pair: Constructed) -> tuple[Any, ...]:
    sides = [(side.text, side.media) for side in (pair.better, pair.worse)]
    return pair.prompt, *sides, pair.item, pair.sources, pair.outcome


def _row(pair: Constructed, by: str, question: str, dimension: str) -> dict[str, Any]:
    sides = [pair.better, pair.worse]
    texts = [[side.text, list(side.media)] for side in sides]
    swapped = not pair.as_it_is and int(pairs.content_hash([pair.prompt, *texts])[0], 16) % 2 == 1
    outcome = pairs.seen_from(pair.outcome, swapped)
    a, b = reversed(sides) if swapped else sides
    strength = {"a": pair.strength, "b": -pair.strength}.get(outcome, 0.0)
    mark = {"by": by, "from": sorted(pair.sources), "items": sorted({pair.item, *pair.items}), **pair.note}
    values: dict[str, Any] = {
        "row_id": pairs.row_id(pair.prompt, a.text, b.text, list(a.media), list(b.media)),
        "item": pair.item,
        "question": question,
        "dimension": dimension,
        "group": pair.group,
        "prompt": pair.prompt,
        **{name: float(outcome == own) for name, own in zip(pairs.PROBABILITIES, OUTCOMES, strict=True)},
        "strength": round(strength, 6),
        "margin": 0.0,
        "weight": 1.0,
        "n_votes": 0,
        "votes": [],
        "gold": None,
        "metadata": pairs.canonical_json({MARK: mark}),
    }
    for name, side in (("a", a), ("b", b)):
        values[f"response_{name}"], values[f"media_{name}"] = side.text, list(side.media)
        values[f"model_{name}"] = side.model
        values[f"key_{name}"] = side.key or pairs.content_hash([side.text, list(side.media)])[:16]
    return values


def mark_of(metadata: str) -> Mapping[str, Any] | None:
    """How a row was constructed, by its metadata; None where it was not."""
    mark = json.loads(metadata).get(MARK) if MARK in metadata else None
    return mark if isinstance(mark, dict) else None


def share_setting(default: float) -> dict[str, Any]:
    """The setting that says of how many of the pairs further ones are made."""
    title = "Share of the pairs used"
    return {"type": "number", "exclusiveMinimum": 0, "maximum": 1, "default": default, "title": title}


def rules_setting(rules: Iterable[str]) -> dict[str, Any]:
    """The setting that chooses among a way's rules; all of them where nothing is said."""
    names = list(rules)
    items = {"type": "array", "items": {"enum": names}, "minItems": 1, "uniqueItems": True}
    return {**items, "default": names, "title": "Rules"}


def with_foreign(
    material: "Material", name: str, share: float, seed: int
) -> Iterator[tuple[tuple[dict[str, Any], Response, Response], tuple[dict[str, Any], Response, Response]]]:
    """A share of the pairs with a winner, each as `decided` gives it, beside one of another prompt drawn by lot.

    Nothing where there is one prompt only.
    """
    rows = list(decided(material.table))
    prompts = np.array([row["prompt"] for row, _, _ in rows], dtype=object)
    for own in rows:
        rng = chance(seed, name, own[0]["row_id"])
        if rng.random() >= share:
            continue
        others = np.flatnonzero(prompts != own[0]["prompt"])
        if not len(others):
            return
        yield own, rows[int(others[rng.integers(len(others))])]


def chance(seed: int, *what: str) -> np.random.Generator:
    """A generator that depends on the seed and on what is made, not on what was made before."""
    return np.random.default_rng(int(pairs.content_hash([seed, *what])[:16], 16))


def side(row: Mapping[str, Any], name: str) -> Response:
    """One side of a row of the pair table."""
    media = tuple(row[f"media_{name}"] or ())
    return Response(row[f"response_{name}"], media, row[f"model_{name}"] or "", row[f"key_{name}"])


def decided(table: pa.Table) -> Iterator[tuple[dict[str, Any], Response, Response]]:
    """Rows that have a winner, with their winner and loser, by row id; those constructed themselves are left out."""
    winners = pairs.winner(table).tolist()
    found = [
        (row, winner)
        for row, winner in zip(table.to_pylist(), winners, strict=True)
        if winner in ("a", "b") and mark_of(row["metadata"]) is None
    ]
    for row, winner in sorted(found, key=lambda entry: (entry[0]["row_id"], entry[0]["item"])):
        yield row, side(row, winner), side(row, "b" if winner == "a" else "a")
