"""The operator's benchmark files."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import benchmarks
from curation.ports import PortNotRegistered


def test_reads_first_turns_of_files_and_folders(tmp_path):
    rows = [
        {"prompt": "One?", "chosen": "x"},
        {"prompt": [{"role": "system", "content": "S"}, {"role": "user", "content": "Two?"}]},
    ]
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "bench.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows) + "broken\n")
    pq.write_table(
        pa.table({"turns": [["Three?", "Four?"], ["Three?"]], "category": ["a", "b"]}), tmp_path / "mt.parquet"
    )
    (tmp_path / "README.md").write_text("what these are")
    assert benchmarks.read(tmp_path) == {"mt.parquet": ("Three?",), "sub/bench.jsonl": ("One?", "Two?")}


@pytest.mark.parametrize(
    ("row", "text"),
    [
        ({"instruction": " Do ", "input": "that"}, "Do"),
        ({"conversation": [{"from": "human", "value": "Hello"}, {"from": "gpt", "value": "Hi"}]}, "Hello"),
        ({"messages": [{"role": "assistant", "content": "Hi"}]}, ""),
        ({"messages": [{"role": "user", "content": [{"type": "text"}]}]}, ""),
        ({"prompt": 7, "question": "Q"}, ""),
        ({"prompt": None, "question": "Q"}, "Q"),
        ({"turns": [[]]}, ""),
        ({}, ""),
    ],
)
def test_first_turn(row, text):
    assert benchmarks.first_turn(row) == text


def test_what_cannot_be_compared_with_is_told(tmp_path):
    with pytest.raises(PortNotRegistered, match="BENCHMARKS_DIR"):
        benchmarks.read(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"answer": "x"}\n')
    with pytest.raises(PortNotRegistered, match=r"No row of the benchmark file a\.jsonl has one of: prompt"):
        benchmarks.read(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"prompt": "x"}\n')
    assert benchmarks.read(tmp_path) == {"a.jsonl": ("x",)}
    (tmp_path / "b.parquet").write_bytes(b"PK\x03\x04")
    with pytest.raises(PortNotRegistered, match=r"b\.parquet cannot be read"):
        benchmarks.read(tmp_path)
