"""Kinds of sources are known by content and name; everything else is refused with what is supported."""

import gzip
import io
import json
import tracemalloc

import pytest

from curation.reading import UnsupportedSource, open_source

LINE = b'{"a": 1}\n'


def read(path, **options):
    with open_source(path, **options) as reader:
        return list(reader)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("x.jsonl", LINE, "jsonl"),
        ("x.ndjson", LINE, "jsonl"),
        ("x.JSONL", LINE, "jsonl"),
        ("x.json", LINE, "jsonl"),
        ("x.json", b"\n [" + LINE + b"]", "json"),
        ("x.json", b"\xef\xbb\xbf[]", "json"),
        ("upload", b"[{}]", "json"),
        ("upload", LINE, "jsonl"),
        ("x.csv", b"a,b\n1,2\n", "csv"),
        ("x.tsv", b"a\tb\n1\t2\n", "tsv"),
        ("x.csv", b"", "csv"),
    ],
)
def test_kinds(tmp_path, name, content, kind):
    for zipped in (False, True):
        path = tmp_path / (f"{name}.gz" if zipped and "." in name else name)
        path.write_bytes(gzip.compress(content) if zipped else content)
        with open_source(path) as reader:
            assert reader.kind == kind
            assert all(row.error is None for row in reader)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("x.xlsx", b"PK\x03\x04\0\0", "binary data"),
        ("x.txt", b"just words", "no known kind"),
        ("x.json", b'{\n "rows": []\n}', "no known kind"),
        ("x.json", b"not json", "no known kind"),
        ("x.jsonl", b"\xff\xfe{\0", "UTF-16"),
        ("x.csv", b"a,b\n\0\0", "binary data"),
        ("x.parquet", b"a,b\n", "binary data"),
        ("x.parquet", b"PAR1 but no more", "not a whole Parquet file"),
        ("x", b"", "no known kind"),
        ("x.jsonl.gz", b"\x1f\x8bbroken", "cannot be read"),
    ],
)
def test_what_cannot_be_read_is_refused_at_once(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnsupportedSource, match=message):
        open_source(path)


def test_refusals_list_what_is_supported(tmp_path):
    (tmp_path / "x.txt").write_bytes(b"words")
    with pytest.raises(UnsupportedSource) as refused:
        open_source(tmp_path / "x.txt")
    for kind in (".jsonl", ".json", ".csv", ".tsv", ".parquet", "hub:owner/name"):
        assert kind in str(refused.value)


def test_missing_file(tmp_path):
    with pytest.raises(UnsupportedSource, match=r"gone.jsonl cannot be opened: No such file"):
        open_source(tmp_path / "gone.jsonl")


def test_open_file_with_a_name():
    rows = read(io.BytesIO(b"a,b\n1,2\n"), name="upload.csv")
    assert [row.data for row in rows] == [{"a": "1", "b": "2"}]


def test_progress_reaches_the_size_of_the_file(tmp_path):
    path = tmp_path / "x.jsonl.gz"
    path.write_bytes(gzip.compress(LINE * 100_000))
    with open_source(str(path)) as reader:
        positions = {reader.position for _ in reader}
        assert reader.size == path.stat().st_size
        assert max(positions) == reader.position == reader.size


def test_closed_readers_give_no_rows(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_bytes(LINE * 3)
    reader = open_source(path)
    next(reader)
    reader.close()
    assert list(reader) == []


@pytest.mark.parametrize("ending", ["jsonl", "json", "csv"])
def test_memory_does_not_grow_with_the_file(tmp_path, ending):
    """12 MB of rows, and a zipped line of 100 MB that is over the limit, are read within 6 MB."""
    text = "x" * 1000
    rows = 12_000
    row = json.dumps({"a": text})
    body = {
        "jsonl": (row + "\n") * rows,
        "json": "[" + ",".join([row] * rows) + "]",
        "csv": "a\n" + (text + "\n") * rows,
    }[ending]
    path = tmp_path / f"x.{ending}.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(body.encode())
        if ending == "jsonl":
            for _ in range(100):
                file.write(b" " * 1_000_000)
    del body
    tracemalloc.start()
    try:
        with open_source(path, limit=1_000_000) as reader:
            good = sum(row.error is None for row in reader)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert good == rows
    assert peak < 6_000_000


@pytest.mark.real_data
def test_reads_released_files(real_data):
    counts = {
        "convarg/pairs.jsonl.gz": 13_845,
        "pandalm_testset/testset-v1.json": 999,
        "alpaca_eval_gpt4/gpt4.annotations.json.gz": 805,
        "ai_images/ratings.csv": 1_928,
    }
    for name, count in counts.items():
        rows = read(real_data / name)
        assert sum(row.error is None for row in rows) == count, name
