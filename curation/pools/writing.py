"""Tables of any length in, shards of a pool out, sorted by row id and of about equal size.

Rows are first dealt into `_BUCKETS` files by how their ids begin (ids are hashes, so the files are of about one size),
then each file is sorted in memory and cut into shards. So the memory holds one bucket, whatever the length.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from curation import layout, pairs
from curation.pools.store import Store

SHARD_ROWS = 2 * layout.ROW_GROUP
_BUCKETS = 256  # by the first two digits of a row id
_HELD = 64 * 2**20  # bytes of rows held before they are dealt


@dataclass(frozen=True)
class Shard:
    """One Parquet file of a pool: its name in the store, SHA-256, rows, bytes, and its least and greatest row id."""

    file: str
    hash: str
    rows: int
    size: int
    first: str
    last: str


def write_shards(
    tables: Iterable[pa.Table], store: Store, name: Callable[[int], str], rows: int = SHARD_ROWS
) -> Iterator[Shard]:
    """Write tables of `pairs.SCHEMA` as shards called ``name(number)``; the last one has fewer rows."""
    with tempfile.TemporaryDirectory(prefix="touchstone-pool-") as folder:
        _deal(tables, Path(folder))
        waiting = pairs.SCHEMA.empty_table()
        number = 0
        for bucket in sorted(Path(folder).iterdir()):
            with pa.memory_map(str(bucket)) as file:
                table = pa.ipc.open_stream(file).read_all()
            bucket.unlink()
            keys = [(key, "ascending") for key in pairs.IDENTITY]
            waiting = pa.concat_tables([waiting, table.take(pc.sort_indices(table, sort_keys=keys))])
            while waiting.num_rows >= rows:
                yield _write(waiting.slice(0, rows), store, name(number))
                waiting, number = waiting.slice(rows), number + 1
        if waiting.num_rows:
            yield _write(waiting, store, name(number))


def _deal(tables: Iterable[pa.Table], folder: Path) -> None:
    """Append the rows of tables to the files of their buckets, called by the first digits of their ids."""
    writers: dict[str, pa.RecordBatchStreamWriter] = {}
    held: list[pa.Table] = []

    def flush() -> None:
        table = pa.concat_tables(held)
        held.clear()
        start = pc.utf8_slice_codeunits(table["row_id"], 0, 2).to_numpy(zero_copy_only=False).astype(str)
        names, bucket_N = np.unique(start, return_inverse=True)
        for place, bucket in enumerate(names.tolist()):
            if bucket not in writers:
                options = pa.ipc.IpcWriteOptions(compression="lz4")
                writers[bucket] = pa.ipc.new_stream(str(folder / bucket), pairs.SCHEMA, options=options)
            writers[bucket].write_table(table.take(pa.array(np.flatnonzero(bucket_N == place))))

    for table in tables:
        held.append(table.select(pairs.SCHEMA.names).cast(pairs.SCHEMA))
        if sum(each.nbytes for each in held) > _HELD:
            flush()
    if held:
        flush()
    for writer in writers.values():
        writer.close()


def _write(table: pa.Table, store: Store, name: str) -> Shard:
    with store.writing(name) as path:
        layout.write_parquet(path, layout.row_groups([table], pairs.SCHEMA), pairs.SCHEMA)
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        size = path.stat().st_size
    ids = table["row_id"]
    return Shard(name, digest, table.num_rows, size, ids[0].as_py(), ids[-1].as_py())
