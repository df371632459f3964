"""Reads of pools: what they hold, a page at a time, and how passes over them stand."""

from collections.abc import Sequence
from typing import Any, overload

import pyarrow as pa
import pyarrow.parquet as pq
from django.db.models import Count, Q, QuerySet, Sum

from annotate.models import Project
from curation import pairs, pipeline
from curation.models import PassPart, Pool, PoolPass, PoolShard
from curation.pools import storage
from curation.pools.plan import Plan

SHOWN = ["row_id", "item", "group", "prompt", "response_a", "response_b", *pairs.PROBABILITIES, "n_votes", "gold"]
BATCH = 1024


def pools(project: Project) -> QuerySet[Pool]:
    """The project's pools, with ``rows``, ``size`` (bytes) and ``n_shards``."""
    found: QuerySet[Pool] = project.pools.annotate(
        rows=Sum("shards__rows", default=0), size=Sum("shards__size", default=0), n_shards=Count("shards")
    )
    return found


class Rows(Sequence[dict[str, Any]]):
    """The rows of one shard, for a paginator: read up to the end of the slice."""

    def __init__(self, shard: PoolShard) -> None:
        self.shard = shard

    def __len__(self) -> int:
        return int(self.shard.rows)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Any]]: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | list[dict[str, Any]]:
        if isinstance(index, int):
            return self[index : index + 1][0]
        start, stop, _ = index.indices(len(self))
        found: list[dict[str, Any]] = []
        place = 0
        with storage.store().reading(self.shard.file) as path, pq.ParquetFile(path) as file:
            for batch in file.iter_batches(BATCH, columns=SHOWN):
                found += batch.slice(max(start - place, 0), max(stop - max(start, place), 0)).to_pylist()
                place += batch.num_rows
                if place >= stop:
                    break
        return [{**row, "prompt": pairs.prompt_text(row["prompt"])} for row in found]


def find_rows(pool: Pool, row_ids: Sequence[str]) -> pa.Table:
    """The rows of a pool with these ids."""
    tables = [pairs.SCHEMA.empty_table()]
    for shard in pool.shards.all():
        wanted = [row_id for row_id in row_ids if shard.first <= row_id <= shard.last]
        if wanted:
            with storage.store().reading(shard.file) as path:
                tables.append(pq.read_table(path, filters=[("row_id", "in", wanted)]).select(pairs.SCHEMA.names))
    return pa.concat_tables(tables)


def phases(over: PoolPass) -> list[dict[str, Any]]:
    """Each phase of a pass: title, how many parts there are, are done and are being worked on, and their seconds."""
    counted = {
        row["phase"]: row
        for row in PassPart.objects.filter(of=over)
        .order_by("phase")
        .values("phase")
        .annotate(
            total=Count("pk"),
            done=Count("pk", filter=Q(state=PassPart.State.DONE)),
            running=Count("pk", filter=Q(state=PassPart.State.RUNNING)),
            seconds=Sum("seconds"),
        )
    }
    nothing = {"total": 0, "done": 0, "running": 0, "seconds": None}
    names = Plan(pipeline.parse(over.pipeline), (), 1).phases
    return [{"title": phase.title, **nothing, **counted.get(phase.number, {})} for phase in names]
