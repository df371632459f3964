"""A pass over a pool: which shards, which pipeline, and in which phases and parts it is done.

    rows       each part: read the range, put it in canonical order, take it through the steps that decide on each row
               by itself, up to the first that compares rows; of these write sketches
    compare    one part: that step decides on the sketches of all rows (the first time also the split)
    rows       each part: apply the decisions, and go on with the steps up to the next that compares
    …
    outline    one part: the hash of the version, its counts, and which rows go to which of its files
    write      each file of the version

Every name of a file of a pass is made here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from curation import filters, pipeline
from curation.pipeline import Pipeline
from curation.pools.store import Store, read_json
from curation.pools.writing import Shard
from curation.stages import KEEP_LABELS, PipelineError

PART_ROWS = 32_768
_RANGE = 16**8  # of the first digits of a row id


@dataclass(frozen=True)
class Phase:
    """``number`` from 0; ``kind``: rows, compare, outline or write; ``title`` for people."""

    number: int
    kind: str
    title: str


@dataclass(frozen=True)
class Plan:
    """``parts``: into how many ranges the ids of the rows are cut; the result does not depend on it."""

    pipeline: Pipeline
    shards: tuple[Shard, ...]
    parts: int

    @classmethod
    def of(cls, wanted: Pipeline, shards: Sequence[Shard], part_rows: int | None = None) -> "Plan":
        """A plan for some shards, about ``part_rows`` rows a part; `PipelineError` where it constructs pairs."""
        if wanted.construct:
            raise PipelineError("Pairs are not constructed from pools; construct them from a project's.", "construct")
        rows = sum(shard.rows for shard in shards)
        return cls(wanted, tuple(shards), max(1, -(-rows // (part_rows or PART_ROWS))))

    @property
    def comparing(self) -> list[int]:
        """Places of the steps that compare rows, among the steps of `stages.steps`."""
        found = [] if self.pipeline.consensus["method"] == KEEP_LABELS else [1]
        stages = enumerate(self.pipeline.stages, 2)
        return found + [place for place, stage in stages if filters.scope(filters.get(stage.filter)) == "pool"]

    @property
    def phases(self) -> list[Phase]:
        """What is to be done, in order."""
        names = ["consensus", *(stage.filter for stage in self.pipeline.stages)]
        titles = [names[place - 1].replace("_", " ") for place in self.comparing] or ["split"]
        kinds = [("rows", "reading")]
        for title in titles:
            kinds += [("compare", f"{title}: comparing"), ("rows", f"{title}: applying")]
        kinds += [("outline", "hashing the version"), ("write", "writing the version")]
        return [Phase(number, kind, title) for number, (kind, title) in enumerate(kinds)]

    def count(self, store: Store, phase: Phase) -> int:
        """How many parts a phase has; what to write is known once the outline is there."""
        if phase.kind == "write":
            return len(read_json(store, outline_file())["files"])
        return self.parts if phase.kind == "rows" else 1

    def bounds(self, part: int) -> tuple[str, str]:
        """The ids of a part: from the first, up to and without the second ("" where there is no end)."""
        first, end = (f"{_RANGE * place // self.parts:08x}" for place in (part, part + 1))
        return "" if part == 0 else first, "" if part == self.parts - 1 else end

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON that `from_dict` reads."""
        shards = [vars(shard) for shard in self.shards]
        return {"pipeline": self.pipeline.to_dict(), "shards": shards, "parts": self.parts}

    @classmethod
    def from_dict(cls, given: Mapping[str, Any]) -> "Plan":
        """From what `to_dict` gave."""
        return cls(
            pipeline.from_dict(given["pipeline"]), tuple(Shard(**shard) for shard in given["shards"]), given["parts"]
        )


# ---- names ----


def plan_file() -> str:
    return "plan.json"


def outline_file() -> str:
    return "outline.json"


def report_file(phase: int, part: int) -> str:
    """The report of a part; it is written last, so where it is, the part is done."""
    return f"{phase}/{part:06}.json"


def part_file(what: str, part: int, phase: int | str = "all") -> str:
    """A table or bytes of a part: its ``rows``, its state after a phase, a sketch, decisions, lines of the trace."""
    return f"{phase}/{part:06}.{what}"
