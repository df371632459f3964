"""croissant.json, as the standard's own library reads it."""

import json
from datetime import date

import mlcroissant
import pytest

from curation import croissant, pairs, pipeline, versions

PLAN = pipeline.parse("{name: trusted, consensus: {method: majority}, stages: [{filter: exact_duplicates}]}")


@pytest.fixture
def version(tmp_path, pair_table):
    rows = [
        {"votes": "aab" if n % 2 else "bt", "group": f"g{n % 5}", "gold": "a" if n % 3 else None} for n in range(30)
    ]
    return versions.write(pipeline.run(pair_table(*rows), PLAN), PLAN, tmp_path, {"license": "cc-by-4.0"})


def described(version, **lineage):
    manifest = {**version.manifest, "lineage": {**version.manifest["lineage"], **lineage}}
    sizes = {name: (version.path / name).stat().st_size for name in manifest["files"]}
    return croissant.describe(manifest, sizes, date(2026, 11, 25))


def read(version, told):
    (version.path / croissant.FILE).write_text(json.dumps(told))
    return mlcroissant.Dataset(str(version.path / croissant.FILE))


def test_the_standards_own_library_finds_nothing_wrong_and_reads_every_row_with_its_split(version):
    told = described(version)
    dataset = read(version, told)
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    assert [warning for warning in issues.warnings if "citeAs" not in warning] == []
    records = list(dataset.records("pairs"))
    table = versions.read(version.path)
    assert {name.removeprefix("pairs/") for name in records[0]} == {*pairs.SCHEMA.names, "split"}
    key = lambda row: (row["row_id"], row["split"], row["p_a"], row["n_votes"])  # noqa: E731
    read_back = [
        (r["pairs/row_id"].decode(), r["pairs/split"].decode(), r["pairs/p_a"], r["pairs/n_votes"]) for r in records
    ]
    assert sorted(read_back) == sorted(map(key, table.to_pylist()))
    votes = {r["pairs/row_id"].decode(): [v["pairs/votes/outcome"].decode() for v in r["pairs/votes"]] for r in records}
    expected = zip(table["row_id"].to_pylist(), table["votes"].to_pylist(), strict=True)
    assert votes == {row: [vote["outcome"] for vote in own] for row, own in expected}
    assert [row["splits/name"] for row in dataset.records("splits")] == list(version.manifest["rows"])


def test_it_has_what_croissant_1_1_requires_and_the_digest_of_every_file(version):
    told = described(version)
    required = {"@context", "@type", "conformsTo", "name", "description", "url", "creator", "datePublished", "license"}
    assert required <= told.keys()
    assert croissant.STANDARD in told["conformsTo"]
    digests = {file["contentUrl"]: file["sha256"] for file in told["distribution"] if "sha256" in file}
    assert digests == version.manifest["files"]
    assert "license" not in described(version, license=""), "no licence is made up"


def test_it_tells_who_labelled_the_data_and_how_far_people_agree(version):
    found = {"group": "", "rows": 15, "votes": 45, "value": 0.412, "low": 0.3, "high": 0.5}
    told = described(version, agreement=[found])
    manifest = dict(version.manifest, kinds={"person": 60, "language_model": 15})
    assert "0.412, 95 % interval 0.300 to 0.500" in told["rai:dataAnnotationAnalysis"][0]
    metadata = read(version, told).metadata
    assert metadata.annotations_per_item == f"{75 / 30:.2f} votes a pair on average"
    assert metadata.data_preprocessing_protocol[1].startswith("1. Exact duplicates")
    sizes = dict.fromkeys(manifest["files"], 1)
    assert croissant.describe(manifest, sizes, date(2026, 1, 1))["rai:machineAnnotationTools"] == [
        "language model: 15 votes"
    ]


def test_the_folder_is_still_the_version_that_it_was(version):
    read(version, described(version))
    assert versions.verify(version.path)
    assert versions.load(version.path).hash == version.hash
