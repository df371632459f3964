"""Tables to pairs: both shapes, what is left out and counted, splits and hashes."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from curation import pairs
from rewardtrain import data
from rewardtrain.errors import DataError


class TestReading:
    def test_a_version_has_its_splits(self, version_folder: Path) -> None:
        table = data.read_split(version_folder, "validation")
        assert table is not None
        assert table.schema == pairs.SCHEMA
        assert len(table) == 36

    def test_shards_are_put_together(self, tmp_path: Path, make_table: Callable[..., pa.Table]) -> None:
        table = make_table()
        for shard in range(2):
            pq.write_table(table.slice(shard * 20, 20), tmp_path / f"train-0000{shard}-of-00002.parquet")
        assert data.read_split(tmp_path, "train").num_rows == 40
        assert data.read_split(tmp_path, "test") is None

    @pytest.mark.parametrize("ending", ["parquet", "jsonl", "jsonl.gz", "json"])
    def test_one_file_is_a_train_split(self, tmp_path: Path, ending: str) -> None:
        rows = [{"prompt": "why", "chosen": "good", "rejected": "bad"}] * 3
        path = tmp_path / f"pairs.{ending}"
        lines = "\n".join(json.dumps(row) for row in rows)
        if ending == "parquet":
            pq.write_table(pa.Table.from_pylist(rows), path)
        else:
            text = json.dumps(rows) if ending == "json" else lines
            path.write_bytes(gzip.compress(text.encode()) if ending == "jsonl.gz" else text.encode())
        assert data.read_split(path, "train").num_rows == 3
        assert data.read_split(path, "validation") is None

    def test_what_the_first_row_lacks_is_read(self, tmp_path: Path) -> None:
        (tmp_path / "x.jsonl").write_text('{"prompt": "p"}\n{"prompt": "q", "subset": "s"}\n')
        assert data.read_file(tmp_path / "x.jsonl")["subset"].to_pylist() == [None, "s"]

    @pytest.mark.parametrize(
        "content",
        [b"PAR1 not really", b"\x1f\x8b\x08 broken", b'{"chosen": 1}\n{broken', b"\xff\xfe", b"3", b'"text"', b"[[1]]"],
    )
    def test_a_broken_file_is_named(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "x").write_bytes(content)
        with pytest.raises(DataError, match="cannot be read"):
            data.read_split(tmp_path / "x", "train")

    def test_a_missing_source_is_named(self, tmp_path: Path) -> None:
        with pytest.raises(DataError, match="does not exist"):
            data.read_split(tmp_path / "nothing", "train")

    def test_a_table_without_pairs_lists_what_is_missing(self) -> None:
        with pytest.raises(DataError, match=r"neither prompt, response_a.*Its columns: text"):
            data.as_pairs(pa.table({"text": ["x"]}))

    def test_a_column_of_the_wrong_type_is_named(self, make_table: Callable[..., pa.Table]) -> None:
        table = make_table(1, 2)
        broken = table.set_column(table.column_names.index("p_a"), "p_a", pa.array(["much"] * len(table)))
        with pytest.raises(DataError, match="column p_a is not of type double"):
            data.as_pairs(broken)


class TestPreferenceColumns:
    def test_the_better_side_is_told_by_no_position(self) -> None:
        rows = [
            {"prompt": f"why {i}", "chosen": f"good {i}", "rejected": f"bad {i}", "margin": 0.5} for i in range(200)
        ]
        table = data.as_pairs(pa.Table.from_pylist(rows))
        a_wins = table["p_a"].to_numpy() == 1
        assert 70 < a_wins.sum() < 130
        for row in table.to_pylist():
            assert row["response_a" if row["p_a"] else "response_b"].startswith("good")
            assert row["margin"] == (0.5 if row["p_a"] else -0.5)

    def test_an_implicit_prompt_is_what_both_share(self) -> None:
        question = {"role": "user", "content": "why"}
        row = {
            "chosen": [question, {"role": "assistant", "content": "good"}],
            "rejected": [question, {"role": "assistant", "content": "bad"}],
        }
        (found,) = data.as_pairs(pa.Table.from_pylist([row])).to_pylist()
        assert json.loads(found["prompt"]) == [question]
        assert {found["response_a"], found["response_b"]} == {"good", "bad"}


class TestHoldingOut:
    def test_groups_are_never_cut(self, make_table: Callable[..., pa.Table]) -> None:
        table = make_table(12, 4)
        train, held = data.hold_out(table, 0.34, seed=0)
        groups = [set(part["group"].to_pylist()) for part in (train, held)]
        assert not groups[0] & groups[1]
        assert len(groups[1]) == 2
        assert len(train) + len(held) == len(table)

    def test_the_seed_chooses(self, make_table: Callable[..., pa.Table]) -> None:
        table = make_table(12, 4)
        chosen = {tuple(sorted(set(data.hold_out(table, 0.34, seed)[1]["group"].to_pylist()))) for seed in range(8)}
        assert len(chosen) > 1


def test_the_hash_is_of_the_content(tmp_path: Path, make_table: Callable[..., pa.Table]) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for name in "ab":
        pq.write_table(make_table(), tmp_path / name / "train.parquet")
    assert data.content_hash(tmp_path / "a") == data.content_hash(tmp_path / "b")
    pq.write_table(make_table(seed=9), tmp_path / "b" / "train.parquet")
    assert data.content_hash(tmp_path / "a") != data.content_hash(tmp_path / "b")


class TestContext:
    def rows(self, make_table: Callable[..., pa.Table], **metadata: str) -> pa.Table:
        rows = [
            {**row, "dimension": "safety", "metadata": json.dumps(metadata)} for row in make_table(1, 3).to_pylist()
        ]
        return pa.Table.from_pylist(rows, schema=pairs.SCHEMA)

    def test_criterion_and_reference_stand_before_the_prompt(self, make_table: Callable[..., pa.Table]) -> None:
        table = data.with_context(self.rows(make_table, answer="4"), criterion="dimension", reference="answer")
        for prompt in table["prompt"].to_pylist():
            first, second, third = json.loads(prompt)
            assert (first["role"], first["content"]) == ("criterion", "safety")
            assert (second["role"], second["content"]) == ("reference", "4")
            assert third["role"] == "user"

    def test_a_row_without_it_is_named(self, make_table: Callable[..., pa.Table]) -> None:
        with pytest.raises(DataError, match="Row 1 has no answer, which the recipe takes as its reference"):
            data.with_context(self.rows(make_table), reference="answer")

    def test_nothing_asked_changes_nothing(self, make_table: Callable[..., pa.Table]) -> None:
        table = self.rows(make_table)
        assert data.with_context(table) is table
