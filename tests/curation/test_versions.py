"""Dataset versions: named by content, written once, read by `datasets`."""

import json
import os
import stat

import numpy as np
import pyarrow.parquet as pq
import pytest
import yaml

from curation import applying, layout, pairing, pairs, pipeline, versions
from curation.formats import votes
from curation.reading import open_source
from curation.versions import VersionError

PLAN = pipeline.parse("{name: trusted, consensus: {method: majority}, stages: [{filter: consensus_threshold}]}")


@pytest.fixture
def rows():
    rng = np.random.default_rng(5)
    return [
        {"votes": "".join(rng.choice(list("abt"), 5)), "group": f"g{n % 7}", "gold": "a" if n % 2 else None}
        for n in range(80)
    ]


@pytest.fixture
def result(pair_table, rows):
    return pipeline.run(pair_table(*rows), PLAN)


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_folder_holds_splits_trace_manifest_and_card(tmp_path, result):
    version = versions.write(result, PLAN, tmp_path, {"license": "cc-by-4.0", "notice": "Made up."})
    assert set(files_of(version.path)) == {
        "manifest.json", "README.md", versions.trace_file(), *map(layout.split_file, version.manifest["rows"]),
    }  # fmt: skip
    assert version.path == tmp_path / version.hash
    assert list(version.manifest["rows"]) == ["train", "validation", "test"]
    assert sum(version.manifest["rows"].values()) == result.table.num_rows
    table = versions.read(version.path)
    assert table.select(pairs.SCHEMA.names).schema.equals(pairs.SCHEMA)
    assert sorted(table["row_id"].to_pylist()) == sorted(result.table["row_id"].to_pylist())
    assert versions.read_trace(version.path).schema.equals(applying.TRACE)


def test_manifest_tells_what_was_done(tmp_path, result):
    manifest = versions.write(result, PLAN, tmp_path, {"parents": ["abc"]}).manifest
    assert manifest["pipeline"] == PLAN.to_dict()
    assert manifest["stages"] == result.summary
    assert manifest["source"] == result.source
    assert manifest["raters"] == 5
    assert manifest["votes"] == 5 * result.table.num_rows
    assert manifest["gold"] == result.table.num_rows - result.table["gold"].null_count
    assert sum(sum(split.values()) for split in manifest["labels"].values()) == result.table.num_rows
    assert manifest["lineage"]["parents"] == ["abc"]
    assert manifest["code"]["pyarrow"]
    assert set(manifest["files"]) >= {"trace/trace-00000-of-00001.parquet", "data/train-00000-of-00001.parquet"}
    assert json.loads(json.dumps(manifest)) == manifest


def test_the_same_rows_in_any_order_give_the_same_hash_and_bytes(tmp_path, pair_table, rows, result):
    shuffled = pair_table(*rows).take(np.random.default_rng(1).permutation(len(rows)))
    one = versions.write(result, PLAN, tmp_path / "one")
    two = versions.write(pipeline.run(shuffled, PLAN), PLAN, tmp_path / "two")
    assert one.hash == two.hash
    assert files_of(one.path) == files_of(two.path)


def test_any_difference_gives_another_hash(tmp_path, pair_table, rows, result):
    first = versions.write(result, PLAN, tmp_path).hash
    changes = [
        {"votes": "aaaaa"}, {"gold": "b"}, {"group": "g99"}, {"metadata": '{"k":1}'}, {"model_a": "m"},
        {"response_a": "other"}, {"weight": 0.5},
    ]  # fmt: skip
    found = {first}
    for change in changes:
        found.add(versions.write(pipeline.run(pair_table({**rows[0], **change}, *rows[1:]), PLAN), PLAN, tmp_path).hash)
    other = pipeline.parse(
        "{name: trusted, seed: 1, consensus: {method: majority}, stages: [{filter: consensus_threshold}]}"
    )
    found.add(versions.write(pipeline.run(pair_table(*rows), other), other, tmp_path).hash)
    assert len(found) == len(changes) + 2


def test_the_hash_is_defined_as_the_module_says(result):
    from curation import hashes

    roots = [hashes.root(hashes.row_hashes(table)) for table in (result.table, result.trace)]
    expected = pairs.content_hash(
        {"schema": versions.SCHEMA_VERSION, "pipeline": PLAN.to_dict(), "rows": roots[0], "trace": roots[1]}
    )
    assert versions.version_hash(result.table, result.trace, PLAN.to_dict()) == expected


def test_a_version_is_written_once(tmp_path, result):
    first = versions.write(result, PLAN, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in first.path.rglob("*")}
    again = versions.write(result, PLAN, tmp_path, {"parents": ["p"]})
    assert again.hash == first.hash
    assert {path: path.stat().st_mtime_ns for path in first.path.rglob("*")} == before
    assert again.manifest["lineage"] == {"parents": ["p"]}
    assert [path.name for path in tmp_path.iterdir()] == [first.hash]
    assert stat.S_IMODE(os.stat(first.path).st_mode) == 0o755


def test_another_process_that_was_quicker_is_no_fault(tmp_path, result, monkeypatch):
    rename = os.rename

    def beaten(source, target):
        rename(source, target)
        raise OSError("the folder is there already")

    monkeypatch.setattr(os, "rename", beaten)
    assert versions.write(result, PLAN, tmp_path).hash


def test_a_failure_leaves_nothing_behind(tmp_path, result, monkeypatch):
    monkeypatch.setattr(layout, "card", lambda **given: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        versions.write(result, PLAN, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_belongs_to_one_project_stays_out_of_the_shared_folder(tmp_path, result):
    secret = {"project": "Secret project", "guidelines": "Secret guidelines", "notice": "Made up <b>data</b>."}
    version = versions.write(result, PLAN, tmp_path, secret)
    everything = b"".join(files_of(version.path).values())
    assert b"Secret" not in everything
    assert version.manifest["lineage"] == secret
    assert "Made up &lt;b&gt;data&lt;/b&gt;." in (version.path / "README.md").read_text()


def test_no_rows_make_no_version(tmp_path, pair_table):
    plan = pipeline.parse("stages: [{filter: minimum_votes, least: 9}]")
    with pytest.raises(VersionError, match="no rows"):
        versions.write(pipeline.run(pair_table({"votes": "a"}), plan), plan, tmp_path)


def test_damage_is_found(tmp_path, result):
    version = versions.write(result, PLAN, tmp_path)
    assert versions.verify(version.path)
    path = version.path / layout.split_file("train")
    table = pq.read_table(path)
    pq.write_table(pairs.with_columns(table, {"weight": [2.0] * table.num_rows}), path)
    assert not versions.verify(version.path)


@pytest.mark.parametrize("content", [None, "not json", "{}", "[]"])
def test_a_folder_that_is_no_version(tmp_path, content):
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(VersionError, match=tmp_path.name):
        versions.load(tmp_path)


def test_datasets_loads_the_folder_as_it_stands(tmp_path, result):
    import datasets

    version = versions.write(result, PLAN, tmp_path / "versions", {"license": "mit"})
    loaded = datasets.load_dataset(str(version.path), cache_dir=str(tmp_path / "cache"))
    assert {split: loaded[split].num_rows for split in loaded} == version.manifest["rows"]
    assert loaded["train"].features["votes"].feature["rater"].dtype == "string"
    front = yaml.safe_load((version.path / "README.md").read_text().split("---\n")[1])
    assert front["pretty_name"] == "trusted"
    assert front["license"] == "mit"
    assert front["dataset_info"]["features"] == datasets.Features.from_arrow_schema(pairs.SCHEMA)._to_yaml_list()


@pytest.mark.real_data
@pytest.mark.slow
def test_real_votes_become_a_version_that_any_order_of_the_file_gives_again(tmp_path, real_data):
    with open_source(real_data / "convarg/pairs.jsonl.gz") as reader:
        table = pairing.table(votes.parse(row.data) for row in reader)
    plan = pipeline.parse(
        "{consensus: {method: mace}, stages: [{filter: exact_duplicates}, {filter: near_duplicates}, "
        "{filter: consensus_threshold, min_probability: 0.7}], "
        "split: {by: group, fractions: {train: 0.7, validation: 0.1, test: 0.2}}}"
    )
    result = pipeline.run(table, plan)
    version = versions.write(result, plan, tmp_path)
    assert result.summary[0]["rows_in"] == 13_845
    assert result.summary[1]["actions"] == {"drop": 423}
    assert result.table.num_rows > 10_000
    topics = {}
    for topic, split in zip(result.table["group"].to_pylist(), result.table["split"].to_pylist(), strict=True):
        assert topics.setdefault(topic, split) == split
    assert len(topics) == 13
    shares = {split: rows / result.table.num_rows for split, rows in version.manifest["rows"].items()}
    assert shares == pytest.approx({"train": 0.7, "validation": 0.1, "test": 0.2}, abs=0.03)
    assert versions.verify(version.path)
    shuffled = table.take(np.random.default_rng(0).permutation(table.num_rows))
    assert versions.write(pipeline.run(shuffled, plan), plan, tmp_path / "again").hash == version.hash
