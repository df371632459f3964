"""Mappings: what the columns or JSON paths of a file that no format reads mean, written in YAML.

    title: Ratings of answers
    id: task_id
    prompt: question
    responses:
      - {text: answer, model: system}
    answers:
      - record: rating
        rater: worker
        fields: {response: 0, dimension: {constant: helpfulness}, value: score, low: 1, high: 5}

A value is a path (text), a number, true, false or null as it stands, or an object that says more:

    path        where it stands: names joined by dots ("feedback.errors"), or a list of names where a name holds a dot;
                "*" is every element ("rows.*.rater"), a number one of them. Inside ``each`` and ``list`` a path begins
                at the element, "." is the element itself, "#" its place counted from 0, and "$." begins at the row.
    constant    instead of a path: this value.
    paths       instead of a path: several values, empty ones left out; with ``join`` they become one text.
    default     for what is missing or empty; "skip" leaves the record out.
    split       text into a list, at this separator.
    part        one element of a list, counted from 0, from the end if negative.
    join        a list into text, with this between its elements; without the empty ones.
    map         {"1": a, "2": b, null: skip}: other words for what is there; "skip" leaves the record out, and a value
                that is not listed rejects the row unless there is an ``otherwise``.
    map_file    the same, from a JSON object in a file beside the imported one.
    first_wrong a path: 1 for places before the one that stands there, -1 at it, left out behind it; where it is null,
                1 everywhere. For step labels that only name the first wrong step.
    times, add  a number multiplied, then moved: {path: rank, add: -1}.
    format      "images/{}": the value inside a text.
    digest      true: a short name made of a long text, the same for the same text.

Answers are records of `annotate.records`; all that one rater says about the same responses is one answer. Pure: knows
no Django.
"""

from curation.mapping.items import Mapped
from curation.mapping.language import MAX_LENGTH, SCHEMA, read, shipped
from curation.mapping.values import MappingError

__all__ = ["MAX_LENGTH", "SCHEMA", "Mapped", "MappingError", "read", "shipped"]
