"""Our interchange of whole projects: one item a line, with every rater's answers of every kind as records.

    {"id": "q1", "prompt": [{"role": "user", "content": "Why is the sky blue?"}],
     "responses": [{"text": "Rayleigh scattering.", "model": "m-7b"}, {"text": "It mirrors the sea."}],
     "answers": [{"rater": "ann", "responses": [0, 1], "shown": [1, 0], "seconds": 12.5,
                  "records": [{"record": "preference", "question": "better", "a": "0", "b": "1", "outcome": "a"},
                              {"record": "span", "response": "1", "start": 3, "end": 10, "category": "wrong"}]}]}

Records name responses by their index, as text, and are those of `annotate.records`; one that names no question goes
to the first of the form that can say it. ``media`` of the item and of responses are paths beside the file. Votes, as
the format "votes" has them, are taken as well. Whatever else a row holds is kept as metadata.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from annotate import records
from curation.formats import Parsed, ParsedAnswer, RowError, clip, votes
from curation.formats._fields import number, objects, optional_text, structure

TITLE = "Touchstone project"
SUMMARY = "Whole items with all answers of all kinds: what a project's export holds and another project takes."
OPTIONS = {"type": "object", "additionalProperties": False, "properties": {}}
EXAMPLE = {
    "id": "q1",
    "prompt": "Why is the sky blue?",
    "responses": [{"text": "Rayleigh scattering.", "model": "m-7b"}, {"text": "It mirrors the sea."}],
    "group": "physics",
    "answers": [
        {
            "rater": "ann",
            "responses": [0, 1],
            "seconds": 12.5,
            "records": [{"record": "preference", "a": "0", "b": "1", "outcome": "a"}],
        }
    ],
}


def parse(row: Mapping[str, Any]) -> Parsed:
    """One row as an item with its answers."""
    given = objects(row.get("answers"), "answers")
    rest = {name: value for name, value in row.items() if name != "answers"}
    answers = tuple(_answer(answer, place) for place, answer in enumerate(given, 1))
    return replace(votes.parse(rest), answers=answers)


def _answer(answer: Mapping[str, Any], place: int) -> ParsedAnswer:
    name = f"answer {place}"
    try:
        said = tuple(map(records.from_plain, objects(answer.get("records"), f"records of {name}")))
    except ValueError as error:
        raise RowError(f"In {name}: {error}") from error
    return ParsedAnswer(
        rater=optional_text(answer, "rater"),
        records=said,
        responses=_indices(answer, "responses", name),
        shown=_indices(answer, "shown", name),
        seconds=number(answer, "seconds"),
        submitted_at=optional_text(answer, "submitted_at"),
        rater_kind=optional_text(answer, "rater_kind") or "import",
    )


def _indices(answer: Mapping[str, Any], field: str, name: str) -> tuple[int, ...]:
    value = structure(answer.get(field), f"{field} of {name}") or []
    if not isinstance(value, list) or not all(type(index) is int for index in value) or len(set(value)) < len(value):
        raise RowError(f"{field} of {name} is {clip(value)}; response numbers, counted from 0, are expected.")
    return tuple(value)


def export_item(
    parsed: Parsed, questions: Sequence[Mapping[str, Any]], options: Mapping[str, Any], left_out: Counter[str]
) -> dict[str, Any]:
    """The row that `parse` reads back as the same; nothing is left out."""
    row = {
        "id": parsed.external_id,
        "prompt": parsed.prompt,
        "media": list(parsed.media),
        "group": parsed.group,
        "gold": parsed.gold,
        "metadata": dict(parsed.metadata),
        "criteria": list(parsed.criteria),
        "responses": [
            {**r.metadata, "text": r.text, "model": r.model, "media": list(r.media)} for r in parsed.responses
        ],
        "answers": [
            {
                "rater": answer.rater,
                "rater_kind": answer.rater_kind,
                "responses": list(answer.responses),
                "shown": list(answer.shown),
                "seconds": answer.seconds,
                "submitted_at": answer.submitted_at,
                "records": [records.to_plain(record) for record in answer.records],
            }
            for answer in parsed.answers
        ],
    }
    return {name: value for name, value in row.items() if value or name == "prompt"}
