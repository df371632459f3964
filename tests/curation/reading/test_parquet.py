"""Parquet files, whole and damaged, and values that JSON lacks."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

from curation.reading import open_source


def rows_of(path, **options):
    with open_source(path, **options) as reader:
        return list(reader)


def test_rows_are_plain_json(tmp_path):
    values = {
        "text": "é", "number": 2.5, "nothing": None, "not a number": float("nan"), "yes": True,
        "at": datetime(2026, 11, 20, 9, 30, tzinfo=UTC), "on": date(2026, 11, 20), "took": timedelta(seconds=90),
        "exactly": Decimal("1.5"), "bytes": b"\x89PNG", "list": [1, 2], "inner": {"x": [b"a"]},
    }  # fmt: skip
    pq.write_table(pa.Table.from_pylist([values]), tmp_path / "x.parquet")
    (row,) = rows_of(tmp_path / "x.parquet")
    assert row.data == {
        "text": "é", "number": 2.5, "nothing": None, "not a number": None, "yes": True,
        "at": "2026-11-20T09:30:00+00:00", "on": "2026-11-20", "took": 90.0,
        "exactly": 1.5, "bytes": "data:;base64,iVBORw==", "list": [1, 2], "inner": {"x": ["data:;base64,YQ=="]},
    }  # fmt: skip


def test_row_groups_follow_one_another_with_progress(tmp_path):
    pq.write_table(pa.table({"n": range(10_000)}), tmp_path / "x.parquet", row_group_size=1000)
    with open_source(tmp_path / "x.parquet") as reader:
        numbers = [(row.number, row.data["n"]) for row in reader]
        assert reader.position == reader.size
    assert numbers == [(n + 1, n) for n in range(10_000)]


def test_known_by_content_whatever_the_name(tmp_path):
    pq.write_table(pa.table({"n": [1]}), tmp_path / "upload")
    assert rows_of(tmp_path / "upload")[0].data == {"n": 1}


def test_no_rows(tmp_path):
    pq.write_table(pa.table({"n": pa.array([], pa.int64())}), tmp_path / "x.parquet")
    assert rows_of(tmp_path / "x.parquet") == []


def test_rows_over_the_limit_and_not_utf8_are_named(tmp_path):
    texts = pa.array([b"fine", b"x" * 2000, b"bad \xff", b"fine too"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"t": texts}), tmp_path / "x.parquet")
    rows = rows_of(tmp_path / "x.parquet", limit=1000)
    assert [row.error is None for row in rows] == [True, False, False, True]
    assert "bytes; 1,000 are allowed" in rows[1].error
    assert "not UTF-8" in rows[2].error


def test_damage_inside_keeps_the_rows_before_it(tmp_path):
    path = tmp_path / "x.parquet"
    table = pa.table({"t": [f"{n:x}" * 50 for n in range(20_000)]})
    pq.write_table(table, path, row_group_size=1000, compression="zstd", use_dictionary=False)
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = b"\xff" * 2000
    path.write_bytes(content)
    *good, last = rows_of(path)
    assert len(good) >= 1000
    assert all(row.error is None for row in good)
    assert "damaged" in last.error
