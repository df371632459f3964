"""Writes of pools: imports into them, passes over them, and what of them people are asked about."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from annotate.access.models import User
from annotate.jobs import services as jobs
from annotate.jobs.models import Job
from annotate.jobs.registry import Cancelled, JobError, Progress, silent
from annotate.services import NewItem, NewResponse, add_items
from curation import formats, pairing, pipeline, ports, reading, services, versions
from curation.importing import Rejected, parse_row
from curation.models import Dataset, DatasetVersion, Pool, PoolPass, PoolShard
from curation.pools import passing, selectors, sharing, storage
from curation.pools.plan import Plan
from curation.pools.store import Store, Within
from curation.pools.writing import Shard, write_shards

REPORTED = 2000  # rows between two reports of progress
MOST_ASKED = 1000  # rows that become items at a time


@dataclass
class PoolImport:
    """What an import into a pool did: rows read, pairs kept, rows rejected, shards written."""

    rows: int = 0
    pairs: int = 0
    rejected: int = 0
    shards: int = 0
    rejected_file: str = ""


def import_pool(
    *,
    pool: Pool,
    source: str | Path,
    format: str,
    rejected_path: Path,
    group_by: str = "",
    name: str = "",
    job: UUID | None = None,
    progress: Progress = silent,
) -> PoolImport:
    """Add the pairs of a file, a folder in the hub's layout, or ``hub:owner/name`` to a pool, as shards of their own.

    Parameters
    ----------
    format : name of an import format.
    rejected_path : where rejected rows are listed, if there are any.
    group_by : field of the row whose value is the pair's group, instead of the format's own choice.
    name : what the owner of an uploaded file calls it, shown as the source of its shards.
    job : names the import: done again, it replaces what it wrote before.

    Raises
    ------
    annotate.discovery.UnknownPlugin
        For an unknown format.
    curation.reading.UnsupportedSource
        For a source that cannot be read at all.
    """
    module = formats.importer(format)
    rejected = Rejected(rejected_path)
    result = PoolImport()
    stream = reading.open_source(source)

    def rows() -> Iterator[dict[str, Any]]:
        for row in stream:
            result.rows += 1
            try:
                if row.error is not None or row.data is None:
                    raise formats.RowError(row.error or "The row is empty.")
                parsed = parse_row(module, row.data, group_by)
                if parsed.media or any(response.media for response in parsed.responses):
                    raise formats.RowError("A pool holds texts; bring pairs with media in as items.")
                found = list(pairing.pairs_of(parsed, question=pool.question))
                if not found:
                    raise formats.RowError("The row compares no two responses.")
                result.pairs += len(found)
                yield from found
            except formats.RowError as error:
                rejected.add(row.number, str(error))
            if result.rows % REPORTED == 0:
                progress(stream.position, stream.size, f"{result.rows:,} rows read, {rejected.count:,} rejected")

    folder = f"{pool.folder}/{job or uuid4()}"  # one that is done again after a crash writes over what it left
    try:
        tables = pairing.tables(rows())
        written = list(write_shards(tables, storage.store(), lambda number: f"{folder}/{number:06}.parquet"))
    finally:
        stream.close()
        rejected.close()
        result.rejected, result.rejected_file = rejected.count, str(rejected.path) if rejected.count else ""
    _keep_shards(pool, written, name or str(source), job)
    result.shards = len(written)
    return result


@transaction.atomic
def _keep_shards(pool: Pool, written: Iterable[Shard], source: str, job: UUID | None) -> None:
    Pool.objects.select_for_update().get(pk=pool.pk)
    if job is not None:
        pool.shards.filter(job=job).delete()
    number = (pool.shards.aggregate(Max("number"))["number__max"] or 0) + 1
    name = source if source.startswith("hub:") else Path(source).name
    PoolShard.objects.bulk_create(
        PoolShard(pool=pool, number=place, source=name[:200], job=job, **vars(shard))
        for place, shard in enumerate(written, number)
    )


def begin_pass(*, pool: Pool, dataset: Dataset, pipeline_yaml: str, user: User | None = None) -> PoolPass:
    """A pass of a pipeline over what the pool holds now; `run_pass` does it.

    Raises
    ------
    JobError
        If the pipeline is wrong (the message says where), or the pool is empty.
    """
    try:
        Plan.of(pipeline.parse(pipeline_yaml), ())
    except pipeline.PipelineError as error:
        raise JobError(str(error)) from error
    shards = list(pool.shards.values_list("hash", flat=True))
    if not shards:
        raise JobError("The pool is empty; import pairs into it first.")
    return PoolPass.objects.create(pool=pool, dataset=dataset, pipeline=pipeline_yaml, shards=shards, created_by=user)


@transaction.atomic
def enqueue_pass(*, over: PoolPass, user: User | None = None) -> Job:
    """The job that does a pass, or goes on with one whose job was cancelled before it began, or given up.

    Raises
    ------
    JobError
        If it is over, or a job is at work on it.
    """
    from curation.tasks.pools import pool_pass

    over = (
        PoolPass.objects.select_for_update(of=("self",))
        .select_related("job", "dataset", "pool__project")
        .get(pk=over.pk)
    )
    if over.state != PoolPass.State.RUNNING or (over.job is not None and over.job.is_live):
        raise JobError("There is nothing to go on with: the pass is over, or a job is at work on it.")
    over.job = jobs.enqueue(
        pool_pass,
        organisation=over.pool.project.organisation,
        project=over.pool.project,
        user=user or over.created_by,
        title=f"Take {over.pool} into {over.dataset}",
        over=over.pk,
    )
    over.save(update_fields=["job"])
    return over.job


def run_pass(*, over: PoolPass, progress: Progress = silent) -> DatasetVersion:
    """Do what is left of a pass, with the help of all workers that are free, and keep its version.

    Raises
    ------
    JobError
        If the pass cannot be done; the message says why.
    """
    if over.state == PoolPass.State.DONE and over.version is not None:
        return over.version
    store = Within(storage.store(), over.folder)
    shards = [
        Shard(row.file, row.hash, row.rows, row.size, row.first, row.last)
        for row in over.pool.shards.filter(hash__in=over.shards)
    ]

    def told(done: int, total: int | None, message: str) -> None:
        PoolPass.objects.filter(pk=over.pk).exclude(phase=message).update(phase=message[:80])
        progress(done, total, message)

    try:
        plan = passing.begin(store, Plan.of(pipeline.parse(over.pipeline), shards))
        passing.run(store, plan, sharing.workers(over, store, plan), told)
        progress(1, 1, "putting the version into its place")
        written = passing.publish(store, plan, settings.DATASETS_DIR, _lineage(over))
        version = services.keep_version(
            dataset=over.dataset, written=written, pipeline_yaml=over.pipeline, user=over.created_by
        )
    except (pipeline.PipelineError, versions.VersionError, ports.PortNotRegistered) as error:
        _close(over, store, PoolPass.State.FAILED, error=str(error))
        raise JobError(str(error)) from error
    except Cancelled:
        _close(over, store, PoolPass.State.FAILED, error="It was cancelled.")
        raise
    _close(over, store, PoolPass.State.DONE, version=version)
    return version


def _close(over: PoolPass, store: Store, state: str, **values: Any) -> None:
    rows = PoolPass.objects.filter(pk=over.pk)
    rows.update(state=state, phase="", finished_at=timezone.now(), **values)
    storage.store().remove(over.folder)


def _lineage(over: PoolPass) -> dict[str, Any]:
    """Where the version of a pass comes from."""
    return {
        **services.lineage_of(over.dataset),
        "pool": {"id": over.pool_id, "name": over.pool.name, "shards": over.shards},
    }


def ask_people(*, pool: Pool, row_ids: Iterable[str]) -> int:
    """Make items of some rows of a pool, so that people are asked about them; gives how many are new.

    Raises
    ------
    JobError
        If there are too many of them, or some are not in the pool.
    """
    wanted = sorted(set(row_ids))
    if len(wanted) > MOST_ASKED:
        raise JobError(f"{len(wanted):,} rows are too many at a time; at most {MOST_ASKED:,} become items at once.")
    table = selectors.find_rows(pool, wanted)
    if missing := set(wanted) - set(table["row_id"].to_pylist()):
        raise JobError(f"The pool has no row {min(missing)!r}.")
    items = {row["row_id"]: _item(pool, row) for row in table.to_pylist()}
    before = pool.project.items.count()
    add_items(project=pool.project, items=list(items.values()))
    return int(pool.project.items.count()) - before


def _item(pool: Pool, row: dict[str, Any]) -> NewItem:
    return NewItem(
        external_id=f"pool-{pool.pk}-{row['row_id'][:32]}",
        prompt=json.loads(row["prompt"]),
        responses=tuple(
            NewResponse(text=row[f"response_{side}"], model=(row[f"model_{side}"] or "")[:200]) for side in "ab"
        ),
        group=row["group"] or "",
        gold=row["gold"] or "",
        metadata={**json.loads(row["metadata"] or "{}"), "pool": pool.name, "row_id": row["row_id"]},
    )
