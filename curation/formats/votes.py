"""Our interchange: one item a line, with its responses and every rater's vote, reason and seconds.

    {"id": "q1", "prompt": "Why is the sky blue?", "group": "physics",
     "response_a": "Rayleigh scattering.", "response_b": {"text": "It mirrors the sea.", "model": "m-7b"},
     "gold": "a",
     "votes": [{"rater": "ann", "choice": "a", "strength": 2, "scale": 3, "reason": "true", "seconds": 12.5,
                "submitted_at": "2026-11-20T09:30:00Z"}]}

``prompt`` is text or a list of messages (``messages`` does as well), ``responses`` a list in place of the two; a
vote then says ``"between": [0, 2]``. It may say which of its two stood ``first`` on the screen. ``topic`` does for
``group``. A row with ``rater`` and ``choice`` of its own is a single vote, as tables with one line a vote have it.
Whatever else a row holds is kept as metadata.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa

from curation import pairs
from curation.formats import Parsed, ParsedResponse, ParsedVote, RowError, check_outcome, clip
from curation.formats._fields import (
    expect_text,
    messages,
    missing,
    number,
    objects,
    optional_text,
    rest,
    structure,
    text,
    whole_number,
)  # fmt: skip

TITLE = "Votes"
SUMMARY = "Touchstone's own interchange: prompt, responses, and every rater's vote with reason and seconds."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
EXAMPLE = {
    "id": "q1",
    "prompt": "Why is the sky blue?",
    "response_a": "Rayleigh scattering.",
    "response_b": {"text": "It mirrors the sea.", "model": "m-7b"},
    "group": "physics",
    "gold": "a",
    "votes": [{"rater": "ann", "choice": "a", "strength": 2, "scale": 3, "reason": "true", "seconds": 12.5}],
}

_VOTE = ("rater", "choice", "between", "strength", "scale", "dimension", "reason", "seconds", "submitted_at", "first")
_ROW = (
    "id", "prompt", "messages", "responses", "response_a", "response_b", "model_a", "model_b", "media_a", "media_b",
    "group", "gold", "votes", "metadata", "media", "criteria", "consensus",
)  # fmt: skip


def parse(row: Mapping[str, Any]) -> Parsed:
    """One row as an item with its votes."""
    prompt = row["prompt"] if row.get("prompt") is not None else row.get("messages")
    if prompt is None:
        text(row, "prompt")  # says what the row has instead
    flat = not missing(row, "choice")
    votes = [row] if flat else objects(row.get("votes"), "votes")
    return Parsed(
        messages(prompt, "prompt"),
        _responses(row),
        external_id=optional_text(row, "id"),
        group=optional_text(row, "group") or optional_text(row, "topic"),
        gold=optional_text(row, "gold"),
        votes=tuple(_vote(vote, place, row.get("scale")) for place, vote in enumerate(votes, 1)),
        metadata=_metadata(row) | rest(row, _ROW + _VOTE if flat else (*_ROW, "scale")),
        media=_strings(row.get("media"), "media"),
        criteria=tuple(objects(row.get("criteria"), "criteria")),
    )


def _responses(row: Mapping[str, Any]) -> tuple[ParsedResponse, ...]:
    if not missing(row, "responses"):
        listed = structure(row["responses"], "responses")
        if not isinstance(listed, list):
            raise RowError(f"responses is {clip(listed)}; a list is expected.")
        return tuple(_response(value, f"response {place}") for place, value in enumerate(listed, 1))
    sides = []
    for side in "ab":
        if row.get(f"response_{side}") is None:
            text(row, f"response_{side}")
        given = _response(row[f"response_{side}"], f"response_{side}")
        model = optional_text(row, f"model_{side}") or given.model
        media = _strings(row.get(f"media_{side}"), f"media_{side}") or given.media
        sides.append(ParsedResponse(given.text, model, media, given.metadata))
    return tuple(sides)


def _response(value: Any, name: str) -> ParsedResponse:
    if isinstance(value, dict):
        said = expect_text(value.get("text", ""), f"text of {name}")
        media = _strings(value.get("media"), f"media of {name}")
        metadata = rest(value, ("text", "model", "media"))
        return ParsedResponse(said, optional_text(value, "model"), media, metadata)
    return ParsedResponse(expect_text(value, name))


def _strings(value: Any, name: str) -> tuple[str, ...]:
    value = structure(value, name)
    if value in (None, ""):
        return ()
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(entry, str) for entry in values):
        raise RowError(f"{name} is {clip(value)}; a list of files or URLs is expected.")
    return tuple(values)


def _vote(vote: Mapping[str, Any], place: int, row_scale: Any) -> ParsedVote:
    name = f"vote {place}"
    given = {"scale": row_scale, **vote}
    outcome = vote.get("choice")
    check_outcome(outcome, f"choice of {name}")
    if outcome in ("a", "b") and not missing(given, "strength") and missing(given, "scale"):
        raise RowError(f"{name} has a strength but no scale: add scale, the largest strength that could be given.")
    between = structure(vote.get("between"), f"between of {name}") or [0, 1]
    if not isinstance(between, list) or len(between) != 2 or not all(type(index) is int for index in between):
        raise RowError(f"between of {name} is {clip(between)}; two response numbers, counted from 0, are expected.")
    return ParsedVote(
        rater=optional_text(vote, "rater"),
        outcome=str(outcome),
        a=between[0],
        b=between[1],
        strength=whole_number(given, "strength", 1),
        scale=whole_number(given, "scale", 1),
        dimension=optional_text(vote, "dimension"),
        reason=optional_text(vote, "reason"),
        seconds=number(vote, "seconds"),
        submitted_at=optional_text(vote, "submitted_at"),
        first=None if missing(vote, "first") else whole_number(vote, "first", 0),
    )


def _metadata(row: Mapping[str, Any]) -> dict[str, Any]:
    value = structure(row.get("metadata"), "metadata")
    if value in (None, ""):
        return {}
    if not isinstance(value, dict):
        raise RowError(f"metadata is {clip(value)}; an object is expected.")
    return value


def export(table: pa.Table, options: Mapping[str, Any], left_out: Counter[str]) -> Iterator[dict[str, Any]]:
    """Rows of the interchange, with the consensus beside the votes. Reasons stay with the annotations."""
    for row in table.to_pylist():
        dimension = {"dimension": row["dimension"]} if row["dimension"] else {}
        yield {
            "id": row["item"],
            "prompt": json.loads(row["prompt"]),
            "response_a": _side(row, "a"),
            "response_b": _side(row, "b"),
            "group": row["group"],
            "gold": row["gold"],
            "votes": [{**_exported(vote), **dimension} for vote in row["votes"]],
            "consensus": {name.removeprefix("p_"): row[name] for name in pairs.PROBABILITIES},
            "metadata": json.loads(row["metadata"]),
        }


def _side(row: Mapping[str, Any], side: str) -> dict[str, Any]:
    return {"text": row[f"response_{side}"], "model": row[f"model_{side}"], "media": row[f"media_{side}"]}


def _exported(vote: Mapping[str, Any]) -> dict[str, Any]:
    strength = {}
    if vote["outcome"] in ("a", "b") and vote["level"] is not None and abs(vote["level"]) < 1:
        # The pair table knows strength as a share of its scale; sixtieths are exact for scales up to 6, 10 and 12.
        strength = {"strength": max(1, round(abs(vote["level"]) * 60)), "scale": 60}
    return {"rater": vote["rater"], "choice": vote["outcome"], "seconds": vote["seconds"], **strength}
