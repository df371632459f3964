"""Parsed rows as a pair table without a database: for pools in files, and for measurements.

The label of such a row is the share of its votes; `curation.pipeline` puts a consensus in its place.
"""

import math
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa

from annotate.records import OUTCOMES
from curation import pairs
from curation.formats import Parsed, ParsedResponse, ParsedVote

_SWAPPED = {"a": "b", "b": "a"}


def table(rows: Iterable[Parsed], *, question: str = "preference") -> pa.Table:
    """All pairs of parsed rows as one table with `curation.pairs.SCHEMA`."""
    every = (pair for row in rows for pair in pairs_of(row, question=question))
    return pa.concat_tables([pairs.SCHEMA.empty_table(), *tables(every)])


def pairs_of(parsed: Parsed, *, question: str = "preference") -> Iterator[dict[str, Any]]:
    """One row for each pair and dimension that was voted on; of two responses, one row even without a vote."""
    found: dict[tuple[int, int, str], list[ParsedVote]] = {}
    if len(parsed.responses) == 2 and not parsed.votes:
        found[0, 1, ""] = []
    for vote in parsed.votes:
        found.setdefault((min(vote.a, vote.b), max(vote.a, vote.b), vote.dimension), []).append(vote)
    prompt = pairs.canonical_json(parsed.prompt)
    item = parsed.external_id or pairs.content_hash([parsed.prompt, [r.text for r in parsed.responses]])
    for (a, b, dimension), votes in found.items():
        sides = {**_side(parsed.responses[a], "a"), **_side(parsed.responses[b], "b")}
        counted = [_counted(vote) for vote in votes]
        gold = parsed.gold if (a, b) == (0, 1) else ""
        strength = sum(vote["level"] for vote in counted) / max(len(counted), 1)
        yield {
            "row_id": pairs.row_id(
                prompt, sides["response_a"], sides["response_b"], sides["media_a"], sides["media_b"]
            ),
            "item": item,
            "question": question,
            "dimension": dimension,
            "group": parsed.group,
            "prompt": prompt,
            **sides,
            **dict(zip(pairs.PROBABILITIES, _shares([vote["outcome"] for vote in counted] or [gold]), strict=True)),
            "strength": strength,
            "margin": math.copysign(1, strength) * _margin(parsed) if strength else 0.0,
            "weight": 1.0,
            "n_votes": len(counted),
            "votes": counted,
            "gold": gold or None,
            "metadata": pairs.canonical_json(parsed.metadata),
        }


def tables(rows: Iterable[dict[str, Any]]) -> Iterator[pa.Table]:
    """Rows of a pair table as tables, some thousands at a time."""
    rows = iter(rows)
    while batch := list(islice(rows, 4096)):
        yield pa.Table.from_pylist(batch, schema=pairs.SCHEMA)


def _margin(parsed: Parsed) -> float:
    margin = parsed.metadata.get("margin")
    return float(margin) if isinstance(margin, int | float) else 0.0


def _side(response: ParsedResponse, side: str) -> dict[str, Any]:
    key = pairs.content_hash([response.text, response.media])[:16]
    values = {"response": response.text, "key": key, "model": response.model, "media": list(response.media)}
    return {f"{name}_{side}": value for name, value in values.items()}


def _counted(vote: ParsedVote) -> dict[str, Any]:
    """A vote as the table has it, seen from the pair's own order."""
    outcome = vote.outcome if vote.a < vote.b else _SWAPPED.get(vote.outcome, vote.outcome)
    sign = {"a": 1, "b": -1}.get(outcome, 0)
    return {
        "rater": vote.rater, "outcome": outcome, "level": sign * vote.strength / vote.scale, "seconds": vote.seconds,
    }  # fmt: skip


def _shares(outcomes: list[str]) -> list[float]:
    """Shares of the outcomes; where nothing is known, all alike."""
    counts = [outcomes.count(outcome) for outcome in OUTCOMES]
    return [count / sum(counts) for count in counts] if sum(counts) else [1 / len(OUTCOMES)] * len(OUTCOMES)
