"""Shards of a pool: sorted, of one size, and the same rows as came in."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import pairs
from curation.pools import writing
from curation.pools.store import Folder


@pytest.mark.parametrize("held", [1, writing._HELD])
def test_shards_hold_all_rows_in_the_order_of_their_ids(tmp_path, pair_table, monkeypatch, held):
    monkeypatch.setattr(writing, "_HELD", held)
    table = pair_table(*[{"prompt": f"p{number % 40}"} for number in range(95)])
    pieces = (table.slice(start, 7) for start in range(0, 95, 7))
    shards = list(writing.write_shards(pieces, Folder(tmp_path), "{:02}.parquet".format, rows=30))
    assert [shard.rows for shard in shards] == [30, 30, 30, 5]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["00.parquet", "01.parquet", "02.parquet", "03.parquet"]
    whole = pa.concat_tables(pq.read_table(tmp_path / shard.file) for shard in shards)
    assert whole.schema.equals(pairs.SCHEMA)
    ids = whole["row_id"].to_pylist()
    assert ids == sorted(table["row_id"].to_pylist())
    assert [(shard.first, shard.last) for shard in shards] == [(ids[n], ids[min(n + 29, 94)]) for n in (0, 30, 60, 90)]
    assert len({shard.hash for shard in shards}) == 4


def test_no_rows_are_no_shards(tmp_path):
    assert list(writing.write_shards([], Folder(tmp_path), "{}".format)) == []
