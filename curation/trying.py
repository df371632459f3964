"""What a mapping would make of the first rows of a file: shown beside it while somebody writes it."""

from collections import Counter
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from annotate.models import Project
from annotate.records import PROVENANCE, Record, to_plain
from curation import formats, mapping, reading
from curation.fitting import Fitting
from curation.importing import parse_row

ROWS = 50  # looked at
GATHERED_ROWS = 2000  # looked at where rows are gathered
SHOWN = 5  # items that are shown whole


def first_rows(path: Path, count: int = ROWS) -> list[Mapping[str, Any]]:
    """The first rows that can be read; raises `reading.UnsupportedSource`."""
    with reading.open_source(path) as stream:
        return [row.data for row in islice(stream, count) if row.data is not None]


def attempt(project: Project, path: Path, text: str) -> dict[str, Any]:
    """What the preview shows.

    Returns
    -------
    ``fault`` of the mapping, or else ``items`` (some of them), the number of ``rows``, ``taken``, ``answers`` and
    ``records`` by type, ``rejected`` rows with number and reason, and the record types that the form does not ask for.
    """
    try:
        mapped = mapping.Mapped(mapping.read(text), path.parent)
    except mapping.MappingError as error:
        return {"fault": str(error)}
    items: list[dict[str, Any]] = []
    rejected: list[tuple[int, str]] = []
    counts: Counter[str] = Counter()
    unasked: set[str] = set()
    form = Fitting(project.form)
    rows = taken = answers = 0
    with reading.open_source(path) as stream:
        for row in mapped.rows(islice(stream, GATHERED_ROWS if "gather" in mapped.mapping else ROWS)):
            rows += 1
            try:
                if row.data is None:
                    raise formats.RowError(row.error or "The row is empty.")
                parsed = parse_row(mapped, row.data)
            except formats.RowError as error:
                rejected.append((row.number, str(error)))
                continue
            taken += 1
            answers += len(parsed.answers)
            said = [record for answer in parsed.answers for record in answer.records]
            counts.update(record.name for record in said)
            unasked |= {record.name.replace("_", " ") for record in said if not form.asks_for(record)}
            if len(items) < SHOWN:
                items.append(_item(row.number, parsed))
    return {
        "rows": rows,
        "taken": taken,
        "answers": answers,
        "records": {name.replace("_", " "): count for name, count in counts.items()},
        "unasked": sorted(unasked),
        "rejected": rejected[:20],
        "rejected_count": len(rejected),
        "items": items,
    }


def _item(number: int, parsed: formats.Parsed) -> dict[str, Any]:
    said = [(answer.rater, record) for answer in parsed.answers for record in answer.records]
    return {
        "number": number,
        "id": parsed.external_id,
        "facts": [
            fact for fact in (parsed.group and f"group {parsed.group}", parsed.gold and f"gold {parsed.gold}") if fact
        ],
        "prompt": parsed.prompt,
        "media": parsed.media,
        "responses": parsed.responses,
        "criteria": parsed.criteria,
        "answers": [(rater, record.name.replace("_", " "), _words(record)) for rater, record in said[:12]],
        "more": max(0, len(said) - 12),
    }


def _words(record: Record) -> str:
    return ", ".join(
        f"{name} {value}" for name, value in to_plain(record).items() if name not in ("record", *PROVENANCE)
    )
