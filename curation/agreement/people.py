"""How far people agree on the rows of a pair table: what a dataset version or a benchmark says of its labels."""

from typing import Any

import pyarrow as pa

from annotate.feedback import Reading
from curation.agreement.krippendorff import alpha

LEAST_ROWS, MOST_GROUPS = 20, 12  # of groups whose agreement stands beside that of all rows
MODELS = ("language_model", "reward_model", "rule")


def people(table: pa.Table, *, resamples: int = 200) -> list[dict[str, Any]]:
    """Krippendorff's alpha (nominal) of the people's votes with its 95 % interval, in all and by the largest groups.

    One entry each: ``group`` ("" for all rows), ``rows`` that two people or more voted on, ``votes`` on them,
    ``value``, ``low``, ``high``. Empty where no row has two votes by people.
    """
    readings: dict[str, list[Reading]] = {}
    columns = zip(*(table[name].to_pylist() for name in ("item", "row_id", "group", "votes")), strict=True)
    for item, row, group, votes in columns:
        own = [vote for vote in votes if vote["kind"] not in MODELS]
        if len(own) > 1:
            for name in {"", group or ""}:
                readings.setdefault(name, []).extend(
                    Reading(item, row, "", vote["rater"], vote["outcome"]) for vote in own
                )
    found = []
    for name, own_readings in sorted(readings.items(), key=lambda entry: (entry[0] != "", -len(entry[1]), entry[0])):
        rows = len({(reading.item, reading.subject) for reading in own_readings})
        if not name or rows >= LEAST_ROWS:
            of = alpha(own_readings, resamples=resamples)
            figures = {"value": of.value, "low": of.low, "high": of.high}
            found.append({"group": name, "rows": rows, "votes": len(own_readings), **figures})
    return found[: 1 + MOST_GROUPS]
