"""What a dataset version says of itself beside its rows: counts, lineage, how it was made, and what code made it.

Counts are taken of a few rows at a time and added up, so that a version of any size can be counted shard by shard.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import pairs
from curation.labels import votes_of
from curation.splitting import SPLITS

# Parts of a lineage that may stand in a folder which several projects share.
PUBLIC = ("parents", "source", "notice", "license", "language", "annotations_creators")


@dataclass
class Tally:
    """Counts of a version's rows and of the lines of its trace."""

    labels: dict[str, Counter[str]] = field(default_factory=dict)  # by split
    kinds: Counter[str] = field(default_factory=Counter)  # votes by the kind of their rater, "" where it is not known
    raters: set[str] = field(default_factory=set)
    gold: int = 0
    review: int = 0
    trace: int = 0

    @classmethod
    def of(cls, table: pa.Table, trace: pa.Table) -> "Tally":
        """Counts of some rows, which have a column ``split``, and of some lines of the trace."""
        split_N, winner_N = np.array(table["split"].to_pylist(), dtype=object), pairs.winner(table)
        found = [split for split in SPLITS if (split_N == split).any()]
        votes = pc.list_flatten(table["votes"])
        return cls(
            {split: Counter(winner_N[split_N == split].tolist()) for split in found},
            Counter(kind or "" for kind in pc.struct_field(votes, "kind").to_pylist()),
            set(votes_of(table)[1].tolist()),
            table.num_rows - table["gold"].null_count,
            pc.sum(pc.equal(trace["action"], "review")).as_py() or 0,
            trace.num_rows,
        )

    def add(self, other: "Tally") -> None:
        """Count what another one counted as well."""
        for split, counts in other.labels.items():
            self.labels.setdefault(split, Counter()).update(counts)
        self.kinds.update(other.kinds)
        self.raters |= other.raters
        self.gold += other.gold
        self.review += other.review
        self.trace += other.trace

    @property
    def rows(self) -> dict[str, int]:
        """Rows by split, of the splits that have any."""
        return {split: self.labels[split].total() for split in SPLITS if split in self.labels}

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON that `from_dict` reads."""
        values = {name: getattr(self, name) for name in ("labels", "kinds", "gold", "review", "trace")}
        return {**values, "raters": sorted(self.raters)}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Tally":
        """From what `to_dict` gave."""
        labels = {split: Counter(counts) for split, counts in given["labels"].items()}
        return cls(**{**given, "labels": labels, "kinds": Counter(given["kinds"]), "raters": set(given["raters"])})


def manifest(
    name: str,
    schema: int,
    tally: Tally,
    *,
    pipeline: Mapping[str, Any],
    stages: list[dict[str, Any]],
    source: str,
    lineage: Mapping[str, Any],
) -> dict[str, Any]:
    """The manifest of the version called ``name`` (plain JSON), all but the digests of its files."""
    return {
        "hash": name,
        "schema": schema,
        "rows": tally.rows,
        "labels": {split: dict(sorted(tally.labels[split].items())) for split in tally.rows},
        "votes": tally.kinds.total(),
        "raters": len(tally.raters),
        "kinds": dict(sorted(tally.kinds.items())),
        "gold": tally.gold,
        "review": tally.review,
        "pipeline": dict(pipeline),
        "stages": stages,
        "contamination": [stage for stage in stages if stage["filter"] == "contamination"],
        "source": source,
        "lineage": {key: lineage[key] for key in PUBLIC if lineage.get(key)},
        "code": {"commit": _commit(), **{library: installed(library) for library in ("pyarrow", "numpy")}},
    }


def _commit() -> str:
    """The commit that this code was checked out at, "" where it is no checkout."""
    git = Path(__file__).parent.parent / ".git"
    try:
        head = (git / "HEAD").read_text().strip()
        return (git / head.removeprefix("ref: ")).read_text().strip() if head.startswith("ref: ") else head
    except OSError:
        return ""
