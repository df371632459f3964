"""Exports of a version."""

import json

import jsonschema
import pytest

from annotate.discovery import UnknownPlugin
from curation import exporting, formats, pipeline, versions
from curation.formats import OptionError

PLAN = pipeline.parse(
    "{name: x, consensus: {method: majority}, split: {fractions: {train: 0.6, validation: 0.2, test: 0.2}}}"
)


@pytest.fixture
def version(tmp_path, pair_table):
    rows = [{"votes": "ttt" if n % 10 == 0 else "aab" if n % 2 else "abb"} for n in range(60)]
    return versions.write(pipeline.run(pair_table(*rows), PLAN), PLAN, tmp_path / "versions")


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


@pytest.mark.parametrize("format", formats.exporters())
def test_every_format_writes_every_split_and_counts(version, tmp_path, format):
    seen = []
    out = tmp_path / "deep/out"
    counts = exporting.export(version.path, format, {}, out, progress=lambda *told: seen.append(told))
    assert json.loads(json.dumps(counts)) == counts
    assert counts["rows"] == 60
    assert sorted(counts["files"]) == sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    for split, rows in version.manifest["rows"].items():
        told = counts["splits"][split]
        assert told["rows"] == rows == told["written"] + sum(told["left_out"].values())
        if format != "parquet":
            a_pair = getattr(formats.exporter(format), "LINES_A_PAIR", 1)
            assert len(lines(out / f"{split}.jsonl")) == told["written"] * a_pair
    assert seen[-1][:2] == (60, 60)


def test_ties_are_left_out_and_told(version, tmp_path):
    counts = exporting.export(version.path, "trl", {}, tmp_path / "out")
    assert counts["written"] == 54
    assert sum(split["left_out"].get("tie", 0) for split in counts["splits"].values()) == 6
    kept = exporting.export(version.path, "trl", {"label": "soft", "ties": "keep"}, tmp_path / "soft")
    assert kept["written"] == 60


def test_raters_leave_under_other_names_unless_asked_for(version, tmp_path):
    def raters(out):
        return [
            vote["rater"]
            for split in version.manifest["rows"]
            for row in lines(out / f"{split}.jsonl")
            for vote in row["votes"]
        ]

    for out, options in ((tmp_path / "a", {}), (tmp_path / "b", {}), (tmp_path / "c", {"raters": "names"})):
        exporting.export(version.path, "votes", options, out)
    assert set(raters(tmp_path / "c")) == {"r0", "r1", "r2"}
    assert set(raters(tmp_path / "a")) == {"rater-1", "rater-2", "rater-3"}
    assert raters(tmp_path / "a") == raters(tmp_path / "b")
    names = dict(zip(raters(tmp_path / "a"), raters(tmp_path / "c"), strict=True))
    assert len(names) == 3


def test_the_same_version_gives_the_same_bytes(version, tmp_path):
    for out in ("a", "b"):
        exporting.export(version.path, "trl", {}, tmp_path / out)
    assert (tmp_path / "a/train.jsonl").read_bytes() == (tmp_path / "b/train.jsonl").read_bytes()


def test_an_earlier_export_is_replaced_but_nothing_else(version, tmp_path):
    out = tmp_path / "out"
    exporting.export(version.path, "parquet", {}, out)
    exporting.export(version.path, "jsonl", {}, out)
    assert sorted(path.name for path in out.iterdir()) == ["test.jsonl", "train.jsonl", "validation.jsonl"]
    (out / "thesis.tex").write_text("precious")
    with pytest.raises(FileExistsError, match="other files"):
        exporting.export(version.path, "jsonl", {}, out)
    assert (out / "thesis.tex").read_text() == "precious"


def test_parquet_loads_with_its_card_with_or_without_votes(version, tmp_path):
    import datasets

    for votes in (True, False):
        exporting.export(version.path, "parquet", {"votes": votes}, tmp_path / str(votes))
        loaded = datasets.load_dataset(str(tmp_path / str(votes)), cache_dir=str(tmp_path / "cache"))
        assert {split: loaded[split].num_rows for split in loaded} == version.manifest["rows"]
        assert ("votes" in loaded["train"].column_names) == votes
    assert "r0" not in loaded["train"].column_names


@pytest.mark.parametrize("format", formats.exporters())
def test_options_are_told_in_one_schema(format):
    schema = exporting.options_schema(format)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert "raters" in schema["properties"]


def test_what_cannot_be_exported(version, tmp_path):
    with pytest.raises(UnknownPlugin, match="trl"):
        exporting.export(version.path, "excel", {}, tmp_path / "out")
    with pytest.raises(OptionError, match="style"):
        exporting.export(version.path, "trl", {"style": "baroque"}, tmp_path / "out")
    with pytest.raises(OptionError, match="soft"):
        exporting.export(version.path, "trl", {"ties": "keep"}, tmp_path / "out")
    with pytest.raises(versions.VersionError):
        exporting.export(tmp_path, "trl", {}, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".export-*"))


def test_markup_and_other_alphabets_leave_as_they_came(tmp_path, pair_table):
    said = "<script>alert('é 漢 \u2028')</script>"
    table = pair_table({"votes": "aaa", "response_a": said})
    plan = pipeline.parse("split: {fractions: {train: 1}}")
    version = versions.write(pipeline.run(table, plan), plan, tmp_path / "versions")
    exporting.export(version.path, "trl", {}, tmp_path / "out")
    (line,) = (tmp_path / "out/train.jsonl").read_text("utf-8").rstrip("\n").split("\n")
    assert json.loads(line)["chosen"][0]["content"] == said
